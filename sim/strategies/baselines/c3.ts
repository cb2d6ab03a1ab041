/**
 * C3's replica ranking (Suresh et al., NSDI '15, §3.1) on Prequal's probes, as Prequal's paper compares it (§5.2): the
 * score Ψ = (R − 1/μ) + q̂³ · 1/μ, with q̂ = 1 + os · n + q̄. R is the time that the dispatcher's own requests take, 1/μ
 * what servers say of theirs, q̄ their requests in flight, all three smoothed; os are the dispatcher's own requests in
 * flight there, and n the number of dispatchers, each of which will have as many. C3's rate control is no part of it.
 *
 * How much is smoothed neither paper says: as in C3's own simulator (absim) a new value counts for nine tenths.
 */
import type { AttemptEnd, Ground } from "../strategy.ts";
import { OwnInFlight } from "./local.ts";
import type { Probe } from "./probe-pool.ts";
import { Probing } from "./probing.ts";

const newest = 0.9;

export class C3 extends Probing {
  readonly #inFlight: OwnInFlight;
  readonly #responseMs: Averages;
  readonly #serviceMs: Averages;
  readonly #queue: Averages;

  constructor(ground: Ground) {
    super(ground);
    this.#inFlight = new OwnInFlight(ground);
    this.#responseMs = new Averages(ground);
    this.#serviceMs = new Averages(ground);
    this.#queue = new Averages(ground);
  }

  protected badness(dispatcher: number): (probe: Probe) => number {
    const { count } = this.ground.scenario.dispatchers;
    return ({ server }) => {
      // A server in the pool has answered a probe, but perhaps no request yet.
      const serviceMs = this.#serviceMs.of(dispatcher, server);
      const responseMs = this.#responseMs.of(dispatcher, server);
      const queue = 1 + this.#inFlight.of(dispatcher, server) * count + this.#queue.of(dispatcher, server);
      return (Number.isNaN(responseMs) ? 0 : responseMs - serviceMs) + queue ** 3 * serviceMs;
    };
  }

  protected override answered(dispatcher: number, { server, inFlight, latencyMs }: Probe): void {
    this.#queue.add(dispatcher, server, inFlight);
    this.#serviceMs.add(dispatcher, server, latencyMs);
  }

  protected override sent(dispatcher: number, server: number): void {
    super.sent(dispatcher, server);
    this.#inFlight.add(dispatcher, server, 1);
  }

  override recordEnd(end: AttemptEnd): void {
    super.recordEnd(end);
    const { dispatcher, server, ending, latencyMs } = end;
    this.#inFlight.add(dispatcher, server, -1);
    if (ending !== "abandoned") this.#responseMs.add(dispatcher, server, latencyMs);
  }
}

/** An exponentially weighted moving average for each dispatcher and server, NaN before its first value. */
class Averages {
  readonly #values: Float64Array;
  readonly #servers: number;

  constructor({ scenario }: Ground) {
    this.#servers = scenario.servers.length;
    this.#values = new Float64Array(scenario.dispatchers.count * this.#servers).fill(NaN);
  }

  of(dispatcher: number, server: number): number {
    return this.#values[dispatcher * this.#servers + server]!;
  }

  add(dispatcher: number, server: number, value: number): void {
    const index = dispatcher * this.#servers + server;
    const before = this.#values[index]!;
    this.#values[index] = Number.isNaN(before) ? value : before + newest * (value - before);
  }
}
