/**
 * Weighted round robin by reported utilisation, as Prequal's paper describes what it replaced: servers report their
 * rate of queries q and their CPU utilisation u (of what they are guaranteed), and get the weight q / u, so that all
 * come to be utilised alike. Reports come once a second; both numbers are smoothed over about ten of them.
 */
import type { Ground } from "../strategy.ts";
import { LocalStrategy } from "./local.ts";

const reportEveryMs = 1000;
const smoothing = 0.18;
/** Below this share of its cores a server's report says nothing about what a query costs. */
const leastUtilisation = 0.01;

interface Report {
  answered: number;
  usedCoreMs: number;
  queriesPerSecond: number;
  utilisation: number;
  weight: number;
}

export class WeightedRoundRobin extends LocalStrategy {
  readonly #reports: Report[];
  /**
   * Smooth weighted round robin's credit, by dispatcher and server. It begins at random within a whole round (weights
   * are 1 on average), or all dispatchers, whose weights are the same, would go to the same servers together.
   */
  readonly #credits: Float64Array;

  constructor(ground: Ground) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    this.#reports = servers.map(() => ({
      answered: 0,
      usedCoreMs: 0,
      queriesPerSecond: 0,
      utilisation: 0,
      weight: 1,
    }));
    this.#credits = Float64Array.from(
      { length: dispatchers.count * servers.length },
      () => ground.random.next() * servers.length,
    );
  }

  begin(): void {
    this.ground.after(reportEveryMs, 0);
  }

  timer(): void {
    for (const [index, report] of this.#reports.entries()) this.#update(index, report);
    const known = this.#reports.filter(({ utilisation }) => utilisation >= leastUtilisation);
    const mean = known.reduce((sum, { weight }) => sum + weight, 0) / Math.max(1, known.length);
    for (const report of this.#reports) {
      report.weight = report.utilisation < leastUtilisation ? 1 : report.weight / mean;
    }
    this.ground.after(reportEveryMs, 0);
  }

  protected choose(dispatcher: number, servers: readonly number[]): number {
    const row = dispatcher * this.ground.scenario.servers.length;
    let total = 0;
    let richest = servers[0]!;
    let most = -Infinity;
    for (const server of servers) {
      const { weight } = this.#reports[server]!;
      const credit = this.#credits[row + server]! + weight;
      this.#credits[row + server] = credit;
      total += weight;
      if (credit > most) {
        most = credit;
        richest = server;
      }
    }
    this.#credits[row + richest] = most - total;
    return richest;
  }

  #update(index: number, report: Report): void {
    const { model, answered, cores } = this.ground.machines[index]!;
    const usedCoreMs = model.usedCoreMs(this.ground.now);
    const queriesPerSecond = ((answered - report.answered) * 1000) / reportEveryMs;
    const utilisation = (usedCoreMs - report.usedCoreMs) / (reportEveryMs * cores);
    report.answered = answered;
    report.usedCoreMs = usedCoreMs;
    report.queriesPerSecond += smoothing * (queriesPerSecond - report.queriesPerSecond);
    report.utilisation += smoothing * (utilisation - report.utilisation);
    report.weight = Math.max(1e-3, report.queriesPerSecond / Math.max(report.utilisation, leastUtilisation));
  }
}
