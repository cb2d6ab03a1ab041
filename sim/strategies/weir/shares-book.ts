/** What the coordinator of leased shares knows, and the shares that it makes of it. */
import { fillToLevel } from "../../../core/leases/shares.ts";
import type { Millis, Policy } from "../../../core/upstream.ts";
import type { Ground } from "../strategy.ts";
import { fleetScope, Origins } from "./origins.ts";
import { completionOf, type Report } from "./reports.ts";

/** What a dispatcher tells. */
export interface Declaration {
  readonly declared: Int32Array;
  readonly sent: number;
  readonly ended: readonly Report[];
}

export class SharesBook {
  readonly #ground: Ground;
  readonly #origins: Origins;
  readonly #servers: number;
  /** By dispatcher and server, as declared last. */
  readonly #told: Int32Array;
  readonly #inFlight: Int32Array;
  /** Requests sent and attempts ended within about one period: sums that fade with it. */
  readonly #completions: Float64Array;
  #arrivals = 0;
  #fadedAt: Millis = 0;

  constructor(ground: Ground, policy: Policy) {
    const { dispatchers, servers } = ground.scenario;
    this.#ground = ground;
    this.#origins = new Origins(ground, policy);
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
      this.#origins.set(server, this.#inFlight[server]!);
    }
    this.#fade();
    this.#arrivals += sent;
    for (const report of ended) {
      this.#completions[report.server] = this.#completions[report.server]! + 1;
      const completion = completionOf(report);
      const name = this.#origins.nameOf(report.server);
      if (completion) this.#origins.signalOf(report.server).ended(name, completion, this.#ground.now);
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
    const basins = servers.map((server) => ({
      limit: health.isHealthy(fleetScope, server, now) ? this.#limitOf(server) : Number.MIN_VALUE,
      inFlight: this.#inFlight[server]!,
      completions: this.#completions[server]!,
    }));
    return fillToLevel(basins, Math.max(1, this.#arrivals));
  }

  /** The load of (in flight + 1) ÷ limit, solved for the limit; by weight. */
  #limitOf(server: number): number {
    const { name, weight } = this.#ground.scenario.servers[server]!;
    const inFlight = this.#inFlight[server]!;
    const load = this.#origins.signalOf(server).load(name, inFlight, this.#ground.now);
    return load > 0 ? (weight * (inFlight + 1)) / load : weight;
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
