/** The one place that knows all strategies, with the names that `--policy` takes. */
import type { MakeStrategy } from "../engine/simulation.ts";
import { C3 } from "./baselines/c3.ts";
import { Floor } from "./baselines/floor.ts";
import { LocalLeastLoaded, LocalTwoChoices } from "./baselines/least-loaded.ts";
import { LocalPeakEwma } from "./baselines/peak-ewma.ts";
import { PeriodicLeases } from "./baselines/periodic-leases.ts";
import { PolledTwoChoices } from "./baselines/polled-two-choices.ts";
import { Prequal } from "./baselines/probing.ts";
import { LocalRoundRobin } from "./baselines/round-robin.ts";
import { ShortestQueue } from "./baselines/shortest-queue.ts";
import { StaticSplit } from "./baselines/slot-split.ts";
import { Threshold } from "./baselines/threshold.ts";
import { WeightedRoundRobin } from "./baselines/weighted-round-robin.ts";
import { weirStrategies } from "./weir/strategies.ts";

export const strategies: ReadonlyMap<string, MakeStrategy> = new Map<string, MakeStrategy>([
  ...weirStrategies,
  ["local-rr", (ground) => new LocalRoundRobin(ground)],
  ["wrr", (ground) => new WeightedRoundRobin(ground)],
  ["local-least-conn", (ground) => new LocalLeastLoaded(ground)],
  ["local-p2c", (ground) => new LocalTwoChoices(ground)],
  ["polled-p2c", (ground) => new PolledTwoChoices(ground)],
  ["local-peak-ewma", (ground) => new LocalPeakEwma(ground)],
  ["c3", (ground) => new C3(ground)],
  // As in the paper's other experiments (§5), and as where it compares rules (§5.2).
  ["prequal", (ground) => new Prequal(ground, 2 ** -0.25)],
  ["prequal-0.75", (ground) => new Prequal(ground, 0.75)],
  ["jsq", (ground) => new ShortestQueue(ground, 0)],
  ["jsq-rtt", (ground) => new ShortestQueue(ground, ground.scenario.network.coordinatorRttMs)],
  ["static-split", (ground) => new StaticSplit(ground)],
  ["periodic-leases", (ground) => new PeriodicLeases(ground, { periodMs: 250, by: "fair-share" })],
  ...[125, 250, 500, 1000].map((periodMs): [string, MakeStrategy] => [
    `proportional-leases@${periodMs}ms`,
    (ground) => new PeriodicLeases(ground, { periodMs, by: "proportion" }),
  ]),
  ...[125, 500, 1000].map((periodMs): [string, MakeStrategy] => [
    `periodic-leases@${periodMs}ms`,
    (ground) => new PeriodicLeases(ground, { periodMs, by: "fair-share" }),
  ]),
  ...[80, 100].map((percent): [string, MakeStrategy] => [
    `threshold@${percent}%`,
    (ground) => new Threshold(ground, percent / 100),
  ]),
  ["floor", (ground) => new Floor(ground)],
]);

export const strategyNames: readonly string[] = [...strategies.keys()];
