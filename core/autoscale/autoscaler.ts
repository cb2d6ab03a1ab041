/**
 * How many instances a burst pool should have: as many as the demand needs that home will not carry when a new instance is
 * ready; and once home will not be enough, as many as the reserve says, since a crowd comes faster than an instance starts. More
 * are asked for at once, fewer only when the last minute needed no more (a stabilisation window, as Kubernetes' autoscaler
 * has one): an instance too many costs little, one too few costs requests, and starting them anew costs both.
 */
import type { Autoscale, Millis, PoolName, Upstream } from "../model/upstream.ts";
import type { ScaleEvidence } from "../telemetry/events.ts";
import { Forecast } from "./forecast.ts";
import type { SavedSeason, SeasonKey, SeasonRecord } from "./season.ts";

/** An order that has gone out, or is to. */
export interface ScaleOrder {
  readonly pool: PoolName;
  readonly instances: number;
  /** Grows by one with each order. */
  readonly nth: number;
}

/** A new order, and what it goes by. */
export interface Scaled {
  readonly order: ScaleOrder;
  readonly evidence: ScaleEvidence;
}

/** The order that stands, as it is persisted. */
export interface SavedOrder extends Scaled {
  readonly orderedMs: Millis;
  readonly accepted: boolean;
}

/** Home is not filled beyond this before the cloud takes its part, nor an instance. */
const [homeShare, instanceShare] = [0.92, 0.75];

/** The order itself takes its time. */
const marginMs: Millis = 5_000;

/**
 * Fewer instances only when fewer would have done for so long, where the config does not say; or for as long as one takes to
 * start, if that is longer: about what it costs to be wrong.
 */
const holdMs: Millis = 60_000;

/** Messages may come by the thousand. */
const decideEveryMs: Millis = 250;

/** Instances for a demand beside a home of so many slots; a whole number, at least 0. */
export function neededInstances({ demand, homeSlots, serviceMs }: ScaleEvidence, slots: number): number {
  if (serviceMs <= 0) return 0;
  const perSlot = 1_000 / serviceMs;
  const spilling = Math.max(0, demand - homeShare * homeSlots * perSlot);
  return Math.ceil(spilling / (slots * instanceShare * perSlot));
}

/** Instances that stand by while home is not enough for what is `expected`: `reserve` times as much as home can do. */
export function reservedInstances(
  expected: number,
  { homeSlots, serviceMs }: ScaleEvidence,
  { slots, reserve = 0 }: Pick<Autoscale, "slots" | "reserve">,
): number {
  const isEnough = serviceMs <= 0 || expected * serviceMs <= homeShare * homeSlots * 1_000;
  return isEnough ? 0 : Math.ceil((reserve * homeSlots) / (slots * instanceShare));
}

/** What it knew before a restart: the order that stood, and what was usual. */
export interface SavedScale {
  readonly scale?: ScaleOrder | undefined;
  readonly season?: SavedSeason;
}

/** That of the upstream, if its config asks for one. `before`: that of another configuration, or what was saved of one. */
export function autoscalerOf(
  { autoscale }: Upstream,
  before: Autoscaler | SavedScale | undefined,
): Autoscaler | undefined {
  return autoscale && new Autoscaler(autoscale, before);
}

export class Autoscaler {
  readonly #rules: Autoscale;
  readonly #forecast: Forecast;
  #order: ScaleOrder;
  #decidedMs: Millis = -Infinity;
  /** What was wanted, and until when that counts: only what no later moment wanted more of, so the most comes first. */
  #wanted: { readonly instances: number; readonly untilMs: Millis }[] = [];

  /** `before`: what was known before a restart, or under another configuration. */
  constructor(rules: Autoscale, before: Autoscaler | SavedScale = {}) {
    this.#rules = rules;
    this.#forecast = before instanceof Autoscaler ? before.#forecast : new Forecast(before.season);
    const last = before instanceof Autoscaler ? before.#order : before.scale;
    const nth = last?.nth ?? 0;
    this.#order = last?.pool === rules.pool ? last : { pool: rules.pool, instances: rules.min, nth };
    // By the same rules: an instance has come or gone, and nothing else has changed.
    if (before instanceof Autoscaler && before.#rules === rules) this.#wanted = before.#wanted;
  }

  /** Requests have come. */
  arrived(count: number, now: Millis): void {
    this.#forecast.arrived(count, now);
  }

  /** The order that stands. */
  get order(): ScaleOrder {
    return this.#order;
  }

  /** Instances were ordered that need not be there. */
  get isScaledUp(): boolean {
    return this.#order.instances > this.#rules.min;
  }

  /** What is to be persisted of what is usual, since it was asked last. */
  takeSeason(now: Millis): readonly (readonly [SeasonKey, SeasonRecord])[] {
    return this.#forecast.takeSeason(now);
  }

  /**
   * A new order, if the pool should have another number of instances from now on. To be called often: it looks at home four
   * times a second at most.
   */
  decide(seen: () => Pick<ScaleEvidence, "homeSlots" | "serviceMs">, now: Millis): Scaled | undefined {
    if (Math.abs(now - this.#decidedMs) < decideEveryMs) return undefined;
    this.#decidedMs = now;
    const { slots, startsInMs, min, max } = this.#rules;
    const { expected, swing } = this.#forecast.in(startsInMs + marginMs, now);
    const evidence = { demand: expected + swing, ...seen() };
    const reserved = reservedInstances(expected, evidence, this.#rules);
    const wanted = Math.max(min, reserved, neededInstances(evidence, slots));
    const instances = this.#mostOfLate(Math.min(max, wanted), now);
    if (instances === this.#order.instances) return undefined;
    this.#order = { ...this.#order, instances, nth: this.#order.nth + 1 };
    return { order: this.#order, evidence };
  }

  /** The most that was wanted in the time that counts, this moment included. */
  #mostOfLate(instances: number, now: Millis): number {
    const forMs = Math.max(this.#rules.shrinkAfterMs ?? holdMs, this.#rules.startsInMs);
    const untilMs = now + forMs;
    // What stands when nothing is remembered was wanted until now; what a clock that was set back remembers is over.
    const before = this.#wanted.length > 0 ? this.#wanted : [{ instances: this.#order.instances, untilMs }];
    const counted = before.filter((wanted) => wanted.untilMs > now && wanted.untilMs <= untilMs);
    this.#wanted = [...counted.filter((wanted) => wanted.instances > instances), { instances, untilMs }];
    return Math.max(...this.#wanted.map((wanted) => wanted.instances));
  }
}
