/** What the coordinator of leased shares knows, and the shares that it makes of it. */
import { fillToLevel } from "../../../core/leasing/shares.ts";
import { FailureAversion } from "../../../core/load/failure-aversion.ts";
import { GradientLimit } from "../../../core/load/gradient-limit.ts";
import type { AttemptEnd, Ground } from "../strategy.ts";
import { fleetScope } from "../../engine/health.ts";
import { completionOf } from "./reports.ts";

/** What a dispatcher tells. */
export interface Declaration {
  readonly declared: Int32Array;
  readonly sent: number;
  readonly ended: readonly AttemptEnd[];
}

export class SharesBook {
  readonly #ground: Ground;
  /** What `adaptive` goes by (core/selection/registry.ts). */
  readonly #signal = new FailureAversion(new GradientLimit());
  readonly #servers: number;
  /** By dispatcher and server, as declared last. */
  readonly #told: Int32Array;
  readonly #inFlight: Int32Array;
  /** Attempts ended and requests sent since shares were published last. */
  readonly #completions: Int32Array;
  /** Of these, what the message at hand told of. */
  readonly #endedHere: Int32Array;
  #arrivals = 0;

  constructor(ground: Ground) {
    const { dispatchers, servers } = ground.scenario;
    this.#ground = ground;
    this.#signal.reconfigure(servers);
    this.#servers = servers.length;
    this.#told = new Int32Array(dispatchers.count * servers.length);
    this.#inFlight = new Int32Array(servers.length);
    this.#completions = new Int32Array(servers.length);
    this.#endedHere = new Int32Array(servers.length);
  }

  declare(dispatcher: number, { declared, sent, ended }: Declaration): void {
    const { scenario, now } = this.#ground;
    const from = dispatcher * this.#servers;
    this.#arrivals += sent;
    for (const report of ended) {
      this.#completions[report.server] = this.#completions[report.server]! + 1;
      this.#endedHere[report.server] = this.#endedHere[report.server]! + 1;
      const completion = completionOf(report);
      if (completion) this.#signal.recordCompletion(scenario.servers[report.server]!.name, completion, now);
    }
    for (let server = 0; server < this.#servers; server++) {
      const change = declared[server]! - this.#told[from + server]!;
      this.#inFlight[server] = this.#inFlight[server]! + change;
      this.#told[from + server] = declared[server]!;
      // What is there and was not, and what came and went: the signal is to hear of all that was started.
      for (let count = change + this.#endedHere[server]!; count > 0; count--) {
        this.#signal.recordStart(scenario.servers[server]!.name, now);
      }
      this.#endedHere[server] = 0;
    }
  }

  /** The servers of the first pool that has a healthy one: those that shares are given of. */
  servers(): readonly number[] {
    const { pools, health, now } = this.#ground;
    return pools.find((pool) => pool.some((server) => health.isHealthy(fleetScope, server, now))) ?? [];
  }

  /** The shares of these servers in the period that begins, in their order. */
  publish(servers: readonly number[]): Float64Array {
    const { health, now } = this.#ground;
    const basins = servers.map((server) => ({
      limit: health.isHealthy(fleetScope, server, now) ? this.#limitOf(server) : Number.MIN_VALUE,
      inFlight: this.#inFlight[server]!,
      completions: this.#completions[server]!,
    }));
    const shares = fillToLevel(basins, Math.max(1, this.#arrivals));
    this.#completions.fill(0);
    this.#arrivals = 0;
    return shares;
  }

  /** The limit by weight that `adaptive` divides by, as much smaller as failures make the load larger. */
  #limitOf(server: number): number {
    const { name, weight } = this.#ground.scenario.servers[server]!;
    const inFlight = this.#inFlight[server]!;
    return (weight * (inFlight + 1)) / this.#signal.load(name, inFlight, this.#ground.now);
  }
}
