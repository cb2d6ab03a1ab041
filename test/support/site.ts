/** An upstream's object, its one isolate, and a clock. What the object says and persists is kept. */
import { expect } from "vitest";

import { Coordinator } from "../../core/coordinator/coordinator.ts";
import type { Change, Effects, SavedState } from "../../core/coordinator/effects.ts";
import type { Upstream } from "../../core/model/upstream.ts";
import type { GrantedPick, Pin } from "../../core/protocol/pick.ts";
import { OneHolder } from "./one-holder.ts";
import { nothingSaved } from "./saved.ts";

export interface SiteOptions {
  readonly startMs?: number;
  readonly saved?: Partial<SavedState>;
  readonly region?: string;
}

export class Site {
  now: number;
  coordinator: Coordinator;
  holder: OneHolder;
  /** States of the burst that it has entered. */
  readonly transitions: string[] = [];
  /** Rows of the burst that were to be persisted. */
  readonly written: Change[] = [];
  /** Numbers of instances that it has ordered. */
  readonly orders: number[] = [];
  readonly #upstream: Upstream;
  #saved: SavedState;
  #open: string[] = [];

  constructor(upstream: Upstream, { startMs = 10_000_000, saved = {}, region }: SiteOptions = {}) {
    this.now = startMs;
    this.#upstream = upstream;
    this.#saved = { ...nothingSaved, ...saved };
    this.coordinator = new Coordinator(upstream, this.#saved, startMs, { region });
    this.holder = new OneHolder(this.coordinator);
  }

  record({ changes, burst, scale }: Effects): void {
    if (burst !== undefined) this.transitions.push(burst.to);
    if (scale !== undefined) this.orders.push(scale.order.instances);
    this.written.push(...changes.filter(({ kind }) => kind === "burst"));
    for (const change of changes) {
      if (change.kind === "burst") this.#saved = { ...this.#saved, burst: change.record };
      if (change.kind === "ceiling") this.#saved = { ...this.#saved, ceilings: [change.ceiling] };
    }
  }

  /** The object loses its memory, and starts again on the burst and the ceiling that it has persisted. */
  evict(): void {
    this.#saved = { ...this.#saved, epoch: this.#saved.epoch + 1 };
    this.coordinator = new Coordinator(this.#upstream, this.#saved, this.now);
    this.holder = new OneHolder(this.coordinator, `isolate-of-${this.#saved.epoch}`);
    this.#open = [];
  }

  /** One request; it stays open. Where it was sent, and what became of its session's pin. */
  ask(pin?: Pin): GrantedPick {
    const { pick, ...effects } = this.holder.ask(this.now, pin && { pin });
    this.record(effects);
    if (pick?.kind !== "granted") return expect.fail(`no slot: ${pick?.kind}`);
    this.#open.push(pick.origin);
    return pick;
  }

  /** All open requests end. */
  endAll(): void {
    for (const name of this.#open.splice(0)) this.holder.close(name, this.now);
  }

  /** Messages that ask for nothing, four a second. */
  passes(ms: number): void {
    for (const endMs = this.now + ms; this.now < endMs;) {
      this.now += 250;
      this.record(this.holder.report(this.now, []));
    }
  }
}
