/**
 * Peak-EWMA with two choices, local to each dispatcher. A slower answer than the average raises it at once, faster
 * ones lower it slowly; the load of a server is that times its requests in flight, plus one. Sources: Finagle's
 * `PeakEwma.scala`; Linkerd 2's defaults, 30 ms for a server never seen and a decay of 10 s.
 */
import type { AttemptEnd, Ground } from "../strategy.ts";
import { LocalStrategy, OwnInFlight } from "./local.ts";
import { twoOf } from "./two-choices.ts";

const defaultLatencyMs = 30;
const decayMs = 10_000;

export class LocalPeakEwma extends LocalStrategy {
  readonly #inFlight: OwnInFlight;
  readonly #costs: Float64Array;
  readonly #seenAt: Float64Array;

  constructor(ground: Ground) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    this.#inFlight = new OwnInFlight(ground);
    this.#costs = new Float64Array(dispatchers.count * servers.length).fill(defaultLatencyMs);
    this.#seenAt = new Float64Array(dispatchers.count * servers.length);
  }

  protected choose(dispatcher: number, servers: readonly number[]): number {
    const [one, other] = twoOf(servers, this.ground.random);
    return this.#load(dispatcher, other) < this.#load(dispatcher, one) ? other : one;
  }

  protected override sent(dispatcher: number, server: number): void {
    this.#inFlight.add(dispatcher, server, 1);
  }

  override recordEnd(end: AttemptEnd): void {
    super.recordEnd(end);
    this.#inFlight.add(end.dispatcher, end.server, -1);
    if (end.ending !== "abandoned") this.#foldLatency(end.dispatcher, end.server, end.latencyMs);
  }

  #load(dispatcher: number, server: number): number {
    return this.#foldLatency(dispatcher, server, 0) * (this.#inFlight.of(dispatcher, server) + 1);
  }

  /** Folds in a latency; reading folds in 0, so that the average of a server that is avoided falls. */
  #foldLatency(dispatcher: number, server: number, latencyMs: number): number {
    const index = dispatcher * this.ground.machines.length + server;
    const cost = this.#costs[index]!;
    const kept = Math.exp((this.#seenAt[index]! - this.ground.now) / decayMs);
    this.#seenAt[index] = this.ground.now;
    return (this.#costs[index] = latencyMs > cost ? latencyMs : cost * kept + latencyMs * (1 - kept));
  }
}
