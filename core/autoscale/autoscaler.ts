/**
 * How many instances a burst pool should have: as many as the demand needs that home will not carry when a new instance is
 * ready. More are asked for at once, fewer only when none of the last minutes needed them: an instance too many costs
 * little, one too few costs requests, and starting them anew costs both.
 */
import type { Autoscale, Millis, PoolName, Upstream } from "../upstream.ts";
import { Forecast } from "./forecast.ts";

/** An order that has gone out, or is to. */
export interface ScaleOrder {
  readonly pool: PoolName;
  readonly instances: number;
  /** Grows by one with each order. */
  readonly nth: number;
}

/** What an order goes by. */
export interface ScaleEvidence {
  /** Requests a second, expected when an instance that is asked for now is ready. */
  readonly demand: number;
  /** Slots of home's origins that serve. */
  readonly homeSlots: number;
  /** What a request takes on average; 0: none was measured. */
  readonly serviceMs: Millis;
}

/** A new order, and what it goes by. */
export interface Scaled {
  readonly order: ScaleOrder;
  readonly evidence: ScaleEvidence;
}

/** Home is not filled beyond this before the cloud takes its part, nor an instance. */
const [homeShare, instanceShare] = [0.92, 0.75];

/** The order itself takes its time. */
const marginMs: Millis = 5_000;

/** Fewer instances only after they would have done for so long, where the config does not say. */
const usualShrinkAfterMs: Millis = 120_000;

/** Messages may come by the thousand. */
const decideEveryMs: Millis = 250;

/** Instances for a demand beside a home of so many slots; a whole number, at least 0. */
export function neededInstances({ demand, homeSlots, serviceMs }: ScaleEvidence, slots: number): number {
  if (serviceMs <= 0) return 0;
  const perSlot = 1_000 / serviceMs;
  const spilling = Math.max(0, demand - homeShare * homeSlots * perSlot);
  return Math.ceil(spilling / (slots * instanceShare * perSlot));
}

/**
 * That of the upstream, if its config asks for one: `before`, which knows the demand, if the rules have not changed.
 * `last`: the order that stands.
 */
export function autoscalerOf(
  { autoscale }: Upstream,
  before: Autoscaler | undefined,
  last = before?.order,
): Autoscaler | undefined {
  if (autoscale !== undefined && before?.rules === autoscale) return before;
  return autoscale && new Autoscaler(autoscale, last);
}

export class Autoscaler {
  readonly rules: Autoscale;
  readonly #forecast = new Forecast();
  #order: ScaleOrder;
  #decidedMs: Millis = -Infinity;
  /** Since when fewer would do, and how many of them at most. */
  #fewerSinceMs: Millis | undefined;
  #mostOfFewer = 0;

  /** `last`: the order that stands, from before a restart or another configuration. */
  constructor(rules: Autoscale, last?: ScaleOrder) {
    this.rules = rules;
    const nth = last?.nth ?? 0;
    this.#order = last?.pool === rules.pool ? last : { pool: rules.pool, instances: rules.min, nth };
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
    return this.#order.instances > this.rules.min;
  }

  /**
   * A new order, if the pool should have another number of instances from now on. To be called often: it looks at home four
   * times a second at most.
   */
  decide(seen: () => Pick<ScaleEvidence, "homeSlots" | "serviceMs">, now: Millis): Scaled | undefined {
    if (Math.abs(now - this.#decidedMs) < decideEveryMs) return undefined;
    this.#decidedMs = now;
    const { slots, startsInMs, min, max } = this.rules;
    const demand = this.#forecast.demandIn(startsInMs + marginMs, now);
    const evidence = { demand, ...seen() };
    const wanted = Math.min(max, Math.max(min, neededInstances(evidence, slots)));
    const instances = this.#unlessTooSoon(wanted, now);
    if (instances === this.#order.instances) return undefined;
    this.#fewerSinceMs = undefined;
    this.#order = { ...this.#order, instances, nth: this.#order.nth + 1 };
    return { order: this.#order, evidence };
  }

  #unlessTooSoon(wanted: number, now: Millis): number {
    const { instances } = this.#order;
    const { shrinkAfterMs = usualShrinkAfterMs } = this.rules;
    if (wanted >= instances) {
      this.#fewerSinceMs = undefined;
      return wanted;
    }
    if (this.#fewerSinceMs === undefined) {
      this.#fewerSinceMs = now;
      this.#mostOfFewer = wanted;
    }
    this.#mostOfFewer = Math.max(this.#mostOfFewer, wanted);
    return now - this.#fewerSinceMs >= shrinkAfterMs ? this.#mostOfFewer : instances;
  }
}
