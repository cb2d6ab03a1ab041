/**
 * Which servers are known to be broken: what probes say holds for all dispatchers; what traffic says is counted in the scope that a
 * strategy has, the whole fleet (by the rules of `core/health`) or each dispatcher on its own (by failures in a row).
 */
import {
  cleanRecord,
  convict,
  countFailure,
  isEjected,
  maxEjected,
  observeSuccess,
  type TrafficRecord,
} from "../../core/health/ejection.ts";
import { observeProbe, unknownVerdict, type Verdict } from "../../core/health/verdict.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Ending } from "../strategies/strategy.ts";
import { upstreamOf } from "../strategies/weir/exchanges/upstream.ts";
import { FleetHealth } from "./fleet-health.ts";

/** The scope of what the whole fleet knows together; others are dispatchers. */
export const fleetScope = -1;

export class Health {
  readonly #rules: Scenario["health"];
  readonly #pools: readonly (readonly number[])[];
  readonly #poolOf: readonly number[];
  readonly #verdicts: Verdict[];
  /** By scope and server; absent: nothing is held against it. */
  readonly #traffic = new Map<number, TrafficRecord>();
  readonly #servers: number;
  readonly #fleet: FleetHealth;

  constructor(scenario: Scenario) {
    const { health, servers, pools } = scenario;
    // Its policy is none that judges look at.
    const upstream = upstreamOf(scenario, { policy: { name: "least_conn" }, coordination: "strict" });
    this.#fleet = new FleetHealth(upstream, scenario);
    this.#rules = health;
    this.#servers = servers.length;
    this.#poolOf = servers.map(({ pool }) => pool);
    this.#pools = pools.map((_, pool) =>
      servers.flatMap((spec, index) => (spec.pool === pool ? [index] : [])),
    );
    this.#verdicts = servers.map(() => unknownVerdict(0));
  }

  /** No server is out, and none fails. */
  get allGood(): boolean {
    return this.#traffic.size === 0 && this.#unhealthy === 0 && this.#fleet.allGood;
  }
  #unhealthy = 0;

  isHealthy(scope: number, server: number, now: Millis): boolean {
    if (scope === fleetScope) return this.#fleet.isHealthy(server, now);
    if (this.#verdicts[server]!.state === "unhealthy") return false;
    const record = this.#traffic.get(scope * this.#servers + server);
    return record === undefined || !isEjected(record, now);
  }

  /** Whether the last that the fleet's traffic saw of the server was a failure. */
  isFailing(server: number): boolean {
    return this.#fleet.isFailing(server);
  }

  /** Whether connections to it fail, and its pool cannot spare it. */
  isSuspect(server: number, now: Millis): boolean {
    return this.#fleet.isSuspect(server, now);
  }

  /** How many requests may be open there while it is on trial; absent: no such limit. */
  trialLimit(server: number, now: Millis): number | undefined {
    return this.#fleet.trialLimit(server, now);
  }

  recordProbe(server: number, good: boolean, now: Millis): void {
    const rules = this.#rules.active;
    if (rules === undefined) return;
    this.#fleet.recordProbe(server, good, now);
    const before = this.#verdicts[server]!;
    const { verdict } = observeProbe(before, good, rules, now);
    this.#verdicts[server] = verdict;
    this.#unhealthy += Number(verdict.state === "unhealthy") - Number(before.state === "unhealthy");
  }

  /** An attempt of a client's ended well or badly, as seen by the whole fleet. */
  recordFleetEnding(server: number, ending: Ending, client: number, now: Millis): void {
    if (this.#rules.passive !== undefined) this.#fleet.recordEnding(server, ending, client, now);
  }

  /** An attempt ended well or badly, as seen by the dispatcher: failures in a row, of whichever client, take the server out. */
  recordEnding(dispatcher: number, server: number, ending: Ending, now: Millis): void {
    const rules = this.#rules.passive;
    if (rules === undefined) return;
    const key = dispatcher * this.#servers + server;
    const before = this.#traffic.get(key);
    if (ending === "abandoned") return;
    if (ending === "ok") {
      if (before !== undefined) this.#keep(key, observeSuccess(before, now), now);
      return;
    }
    const counted = countFailure(before ?? cleanRecord, now);
    const mayEject = this.#canSpare(dispatcher, server, now);
    const ground = ending === "lost" ? "lost" : "answers";
    const isMany = counted.failuresInRow >= rules.failures;
    const next = isMany ? convict(counted, rules, { ground, mayEject, isProbed: true }, now).record : counted;
    this.#traffic.set(key, next);
  }

  /** Forgets a record once it holds nothing against a server, so that a healthy fleet costs nothing. */
  #keep(key: number, record: TrafficRecord, now: Millis): void {
    const until = (record.ejectedUntilMs ?? 0) + (this.#rules.passive?.maxEjectMs ?? 0);
    if (record.failuresInRow === 0 && (record.ejectedUntilMs === undefined || until < now)) {
      this.#traffic.delete(key);
    } else this.#traffic.set(key, record);
  }

  #canSpare(scope: number, server: number, now: Millis): boolean {
    const pool = this.#pools[this.#poolOf[server]!]!;
    let ejected = 0;
    let serving = 0;
    for (const other of pool) {
      if (other === server) continue;
      const record = this.#traffic.get(scope * this.#servers + other);
      if (record !== undefined && isEjected(record, now)) ejected++;
      if (this.isHealthy(scope, other, now)) serving++;
    }
    return serving > 0 && ejected < maxEjected(pool.length);
  }
}
