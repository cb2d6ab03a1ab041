/** An upstream's object, its one isolate, and a clock. What the object says and persists is kept. */
import { expect } from "vitest";

import { Coordinator } from "../../core/coordinator/coordinator.ts";
import type { Effects } from "../../core/coordinator/outbox.ts";
import { rows } from "../../core/coordinator/rows.ts";
import { applyRows, openState, type SavedState } from "../../core/coordinator/saved-state.ts";
import type { Upstream } from "../../core/model/upstream.ts";
import type { GrantedPick, Pin } from "../../core/protocol/pick.ts";
import { RowsInMemory } from "../../sim/strategies/weir/exchanges/saved.ts";
import { OneHolder } from "./one-holder.ts";

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
  /** How often the burst was to be persisted. */
  burstRows = 0;
  /** Numbers of instances that it has ordered. */
  readonly orders: number[] = [];
  readonly #upstream: Upstream;
  readonly #store = new RowsInMemory();
  #open: string[] = [];

  constructor(upstream: Upstream, { startMs = 10_000_000, saved = {}, region }: SiteOptions = {}) {
    this.now = startMs;
    this.#upstream = upstream;
    const found = { ...openState(this.#store, { now: startMs }), ...saved };
    this.coordinator = new Coordinator(upstream, found, startMs, { region });
    this.holder = new OneHolder(this.coordinator);
  }

  record({ rows: changes, events }: Effects): void {
    for (const event of events) {
      if (event.event === "burst") this.transitions.push(event.to);
      if (event.event === "scale") this.orders.push(event.instances);
    }
    if (changes.has(rows.burst.key)) this.burstRows += 1;
    applyRows(this.#store, changes);
  }

  /** The object loses its memory, and starts again on what it has persisted. */
  evict(): void {
    const saved = openState(this.#store, { now: this.now });
    this.coordinator = new Coordinator(this.#upstream, saved, this.now);
    this.holder = new OneHolder(this.coordinator, `isolate-of-${saved.epoch}`);
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
