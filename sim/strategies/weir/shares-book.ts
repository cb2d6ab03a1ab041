/** What the coordinator of leased shares knows, and the shares that it makes of it. */
import { fillToLevel } from "../../../core/leases/shares.ts";
import { FailureAversion } from "../../../core/load/failure-aversion.ts";
import { GradientLimit } from "../../../core/load/gradient-limit.ts";
import type { Millis } from "../../../core/upstream.ts";
import type { Ground } from "../strategy.ts";
import { fleetScope } from "./origins.ts";
import { completionOf, type Report } from "./reports.ts";

/** With hundreds of messages a second the same shares do for several. */
const renewEveryMs = 5;

/** What a dispatcher tells. */
export interface Declaration {
  readonly declared: Int32Array;
  readonly sent: number;
  readonly ended: readonly Report[];
}

export class SharesBook {
  readonly #ground: Ground;
  /** What `adaptive` goes by (core/selection/registry.ts), with the limits themselves in reach. */
  readonly #limits = new GradientLimit();
  readonly #signal = new FailureAversion(this.#limits);
  readonly #servers: number;
  /** By dispatcher and server, as declared last. */
  readonly #told: Int32Array;
  readonly #inFlight: Int32Array;
  /** Requests sent and attempts ended within about one period: sums that fade with it. */
  readonly #completions: Float64Array;
  #arrivals = 0;
  #fadedAt: Millis = 0;
  #shares: Float64Array = new Float64Array();
  #publishedAt: Millis = -Infinity;

  constructor(ground: Ground) {
    const { dispatchers, servers } = ground.scenario;
    this.#ground = ground;
    this.#signal.reconfigure(servers);
    this.#servers = servers.length;
    this.#told = new Int32Array(dispatchers.count * servers.length);
    this.#inFlight = new Int32Array(servers.length);
    this.#completions = new Float64Array(servers.length);
  }

  declare(dispatcher: number, { declared, sent, ended }: Declaration): void {
    const from = dispatcher * this.#servers;
    for (let server = 0; server < this.#servers; server++) {
      this.#inFlight[server] = this.#inFlight[server]! + declared[server]! - this.#told[from + server]!;
      this.#told[from + server] = declared[server]!;
    }
    this.#fade();
    this.#arrivals += sent;
    for (const report of ended) {
      this.#completions[report.server] = this.#completions[report.server]! + 1;
      const completion = completionOf(report);
      const { name } = this.#ground.scenario.servers[report.server]!;
      if (completion) this.#signal.ended(name, completion, this.#ground.now);
    }
  }

  /** The servers of the first pool that has a healthy one: those that shares are given of. */
  servers(): readonly number[] {
    const { pools, health, now } = this.#ground;
    return pools.find((pool) => pool.some((server) => health.isHealthy(fleetScope, server, now))) ?? [];
  }

  /** The shares of these servers until the next message, in their order. */
  publish(servers: readonly number[]): Float64Array {
    const { health, now } = this.#ground;
    if (now - this.#publishedAt < renewEveryMs && this.#shares.length === servers.length) return this.#shares;
    this.#publishedAt = now;
    const basins = servers.map((server) => ({
      limit: health.isHealthy(fleetScope, server, now) ? this.#limitOf(server) : Number.MIN_VALUE,
      inFlight: this.#inFlight[server]!,
      completions: this.#completions[server]!,
    }));
    this.#shares = fillToLevel(basins, Math.max(1, this.#arrivals));
    return this.#shares;
  }

  /** The limit by weight, as much smaller as failures make the load larger. */
  #limitOf(server: number): number {
    const { name, weight } = this.#ground.scenario.servers[server]!;
    const { now } = this.#ground;
    const inFlight = this.#inFlight[server]!;
    const aversion = this.#signal.load(name, inFlight, now) / this.#limits.load(name, inFlight, now);
    return (weight * this.#limits.limitOf(name, now)) / aversion;
  }

  #fade(): void {
    const kept = Math.exp((this.#fadedAt - this.#ground.now) / this.#ground.scenario.network.syncMs);
    this.#fadedAt = this.#ground.now;
    this.#arrivals *= kept;
    for (let server = 0; server < this.#servers; server++) {
      this.#completions[server] = this.#completions[server]! * kept;
    }
  }
}
