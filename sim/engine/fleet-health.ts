/**
 * What the whole fleet knows of its servers' health, for strategies that have one coordinator: core's own book of it, with its judges.
 */
import { HealthBook } from "../../core/health/health-book.ts";
import type { Millis, Upstream } from "../../core/model/upstream.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Ending } from "../strategies/strategy.ts";

export class FleetHealth {
  readonly #book: HealthBook;
  readonly #names: readonly string[];
  /** Servers that something is held against: where there are none, nothing has to be asked. */
  readonly #doubted = new Set<number>();

  constructor(upstream: Upstream, { servers }: Scenario) {
    this.#book = new HealthBook(upstream, new Map(), 0);
    this.#names = servers.map(({ name }) => name);
  }

  get allGood(): boolean {
    return this.#doubted.size === 0;
  }

  isHealthy(server: number, now: Millis): boolean {
    return this.allGood || this.#book.isHealthy(this.#names[server]!, now);
  }

  isFailing(server: number): boolean {
    return !this.allGood && this.#book.isFailing(this.#names[server]!);
  }

  isSuspect(server: number, now: Millis): boolean {
    return !this.allGood && this.#book.isSuspect(this.#names[server]!, now);
  }

  /** How many requests may be open there while it is on trial; absent: no such limit. */
  trialLimit(server: number, now: Millis): number | undefined {
    return this.allGood ? undefined : this.#book.trialLimit(this.#names[server]!, () => true, now);
  }

  recordProbe(server: number, good: boolean, now: Millis): void {
    this.#book.probed({ origin: this.#names[server]!, good, evidence: "" }, now);
    this.#doubt(server, now);
  }

  /** `client`: a number that stands for the client. */
  recordEnding(server: number, ending: Ending, client: number, now: Millis): void {
    if (ending === "abandoned") return;
    const failure = ending === "lost" ? { lost: true as const } : {};
    this.#book.observed({ origin: this.#names[server]!, ok: ending === "ok", client, ...failure }, now);
    if (ending !== "ok" || !this.allGood) this.#doubt(server, now);
  }

  #doubt(server: number, now: Millis): void {
    const { verdict, traffic } = this.#book.of(this.#names[server]!)!;
    const { failuresInRow, ejectedUntilMs = -Infinity, trial, suspectSinceMs } = traffic;
    const isIn = verdict.state !== "unhealthy" && ejectedUntilMs <= now && trial === undefined;
    if (isIn && failuresInRow === 0 && suspectSinceMs === undefined) this.#doubted.delete(server);
    else this.#doubted.add(server);
  }
}
