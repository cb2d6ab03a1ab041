/**
 * An upstream's object as it ships, its own or a region's: core's `Coordinator`, the calls that wait
 * for an ask of its queue, and what it has saved for when its memory is lost (`saved.ts`).
 */
import type { ScaleOrder } from "../../../../core/autoscale/autoscaler.ts";
import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { Effects } from "../../../../core/coordinator/outbox.ts";
import { applyRows, openState } from "../../../../core/coordinator/saved-state.ts";
import type { LeaseTuning } from "../../../../core/leasing/tuning.ts";
import type { OperatorOrder } from "../../../../core/model/operator.ts";
import type { Random } from "../../../../core/model/random.ts";
import type { Millis, OriginName, Upstream } from "../../../../core/model/upstream.ts";
import type { AskName } from "../../../../core/protocol/pick.ts";
import type { ExchangeMessage, ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { ProbeResult } from "../../../../core/protocol/probe-round.ts";
import type { RegionLink } from "../../../../core/region/region-link.ts";
import type { OnWaitEnd } from "./line.ts";
import { RowsInMemory } from "./saved.ts";

export interface ObjectOptions {
  /** Absent: it is the upstream's own. */
  readonly region?: string;
  /** Absent: what ships. */
  readonly tuning?: LeaseTuning;
  /** Absent: nothing is told. */
  readonly surroundings?: ObjectSurroundings;
}

/** What an object asks of the world around it. */
export interface ObjectSurroundings {
  after(delayMs: Millis, action: () => void): void;
  ordered(order: ScaleOrder): void;
  /** It has begun or ended a burst. */
  burst(): void;
}

/** Waiting requests are checked at least this often, as in the Durable Object. */
const tendEveryMs: Millis = 1_000;

export class UpstreamObject {
  readonly #upstream: Upstream;
  readonly #random: Random;
  readonly #options: ObjectOptions;
  readonly #saved = new RowsInMemory();
  /** Calls that are held until their asks have left the queue. */
  #held = new Map<string, OnWaitEnd>();
  #tendAtMs: Millis = Infinity;
  #coordinator: Coordinator;

  constructor(upstream: Upstream, random: Random, options: ObjectOptions) {
    this.#upstream = upstream;
    this.#options = options;
    this.#random = random;
    this.#coordinator = this.#open(0);
  }

  /** The answer, and how many rows were written for it. */
  exchange(message: ExchangeMessage, now: Millis): { readonly reply: ExchangeReply; readonly rows: number } {
    const { reply, ...effects } = this.#coordinator.exchange(message, now, this.#random);
    return { reply, rows: this.#saveServed(effects, now) };
  }

  /** A call that is answered when the ask has left the queue. */
  hold(ask: AskName, onEnd: OnWaitEnd, now: Millis): void {
    const state = this.#coordinator.askState(ask, now);
    if (state === "waiting") this.#held.set(nameOf(ask), onEnd);
    else onEnd(state);
  }

  /** Of a region's: its side of the root. */
  get regionLink(): RegionLink | undefined {
    return this.#coordinator.regionLink;
  }

  get home(): Coordinator["home"] {
    return this.#coordinator.home;
  }

  /** Of a region's: whether it has to ask the root before it answers. */
  isShort(message: ExchangeMessage, now: Millis): boolean {
    return this.#coordinator.isShort(message, now);
  }

  /** No holder wants anything: idle holders are forgotten. Returns how many rows were written for it. */
  rest(now: Millis): number {
    return this.#save(this.#coordinator.rest(now));
  }

  probed(results: readonly ProbeResult[], now: Millis): void {
    this.#save(this.#coordinator.probed(results, now));
    this.#tend(now);
  }

  /** An instance is there, or is to get nothing more. */
  operate(origin: OriginName, order: OperatorOrder, now: Millis): void {
    const effects = this.#coordinator.drains.operate(origin, order, now);
    if (effects === undefined) throw new TypeError(`there is no origin ${origin}`);
    this.#save(effects);
    this.#tend(now);
  }

  /** It is there again, and knows what it has saved. Calls that it held are lost. */
  restart(now: Millis): void {
    this.#held = new Map();
    this.#tendAtMs = Infinity;
    this.#coordinator = this.#open(now);
  }

  #open(now: Millis): Coordinator {
    return new Coordinator(this.#upstream, openState(this.#saved, { now }), now, this.#options);
  }

  #tend(now: Millis): void {
    this.#saveServed(this.#coordinator.tend(now, this.#random), now);
  }

  #saveServed(effects: Effects, now: Millis): number {
    for (const { pick, ...ask } of effects.waited) {
      this.#held.get(nameOf(ask))?.(pick);
      this.#held.delete(nameOf(ask));
    }
    this.#tendLater(this.#coordinator.tendAtMs - now, now);
    return this.#save(effects);
  }

  #tendLater(dueInMs: Millis, now: Millis): void {
    const inMs = Math.min(tendEveryMs, Math.max(0, dueInMs));
    const atMs = now + inMs;
    if (dueInMs === Infinity || this.#tendAtMs <= atMs) return;
    this.#tendAtMs = atMs;
    this.#options.surroundings?.after(inMs, () => {
      if (this.#tendAtMs !== atMs) return;
      this.#tendAtMs = Infinity;
      this.#tend(atMs);
    });
  }

  #save({ rows, events }: Effects): number {
    applyRows(this.#saved, rows);
    for (const event of events) {
      if (event.event === "burst") this.#options.surroundings?.burst();
      if (event.event === "scale") this.#options.surroundings?.ordered(event);
    }
    return rows.size;
  }
}

const nameOf = ({ holder, seq }: AskName): string => `${seq} ${holder}`;
