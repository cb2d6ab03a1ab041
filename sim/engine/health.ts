/**
 * Which servers are known to be broken, by the rules of `core/health`: what probes say holds for all dispatchers; what traffic says is
 * counted in the scope that a strategy has, the whole fleet or each dispatcher on its own.
 */
import {
  cleanRecord,
  isEjected,
  isSuspect,
  maxEjected,
  observeFailure,
  observeSuccess,
  type TrafficRecord,
} from "../../core/health/ejection.ts";
import { observeProbe, unknownVerdict, type Verdict } from "../../core/health/verdict.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Ending } from "../strategies/strategy.ts";

export class Health {
  readonly #rules: Scenario["health"];
  readonly #pools: readonly (readonly number[])[];
  readonly #poolOf: readonly number[];
  readonly #verdicts: Verdict[];
  /** By scope and server; absent: nothing is held against it. */
  readonly #traffic = new Map<number, TrafficRecord>();
  readonly #servers: number;

  constructor({ health, servers, pools }: Scenario) {
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
    return this.#traffic.size === 0 && this.#unhealthy === 0;
  }
  #unhealthy = 0;

  isHealthy(scope: number, server: number, now: Millis): boolean {
    if (this.#verdicts[server]!.state === "unhealthy") return false;
    const record = this.#traffic.get(scope * this.#servers + server);
    return record === undefined || !isEjected(record, now);
  }

  /** Whether the last that the scope's traffic saw of the server was a failure. */
  isFailing(scope: number, server: number): boolean {
    return (this.#traffic.get(scope * this.#servers + server)?.failuresInRow ?? 0) > 0;
  }

  /** Whether connections to it fail, and its pool cannot spare it. */
  isSuspect(scope: number, server: number, now: Millis): boolean {
    const record = this.#traffic.get(scope * this.#servers + server);
    return record !== undefined && isSuspect(record, now);
  }

  recordProbe(server: number, good: boolean, now: Millis): void {
    const rules = this.#rules.active;
    if (rules === undefined) return;
    const before = this.#verdicts[server]!;
    const { verdict } = observeProbe(before, good, rules, now);
    this.#verdicts[server] = verdict;
    this.#unhealthy += Number(verdict.state === "unhealthy") - Number(before.state === "unhealthy");
  }

  /** An attempt ended well or badly, as seen by the scope. */
  recordEnding(scope: number, server: number, ending: Ending, now: Millis): void {
    const rules = this.#rules.passive;
    if (rules === undefined) return;
    const key = scope * this.#servers + server;
    const before = this.#traffic.get(key);
    if (ending === "abandoned") return;
    if (ending === "ok") {
      if (before !== undefined) this.#keep(key, observeSuccess(before, now), now);
      return;
    }
    const mayEject = this.#canSpare(scope, server, now);
    const failure = { mayEject, lost: ending === "lost", isProbed: true };
    const { record } = observeFailure(before ?? cleanRecord, rules, failure, now);
    this.#traffic.set(key, record);
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
