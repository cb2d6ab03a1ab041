/** The rules of `burst`, as repairs: see `reconciled.ts`. */
import type { WeirBurst, WeirUpstreamConfig } from "../../../worker/config/weir-config.ts";
import { without } from "./places.ts";
import { millis } from "./values.ts";

const signals = ["utilisation", "wait", "p95", "queue", "errorRate"] as const;
const usualUtilisation = 0.9;
const usualIntervalMs = 10_000;

/** What home can do has a limit, if that of one of its origins is known or can be found out. */
export function isLimited({ pools: [home] }: WeirUpstreamConfig): boolean {
  if (home === undefined || home.capacity === "auto" || home.origins.length === 0) return true;
  return home.origins.some(({ maxConns }) => maxConns !== undefined);
}

export function reconciledBurst(upstream: WeirUpstreamConfig): WeirUpstreamConfig {
  const { burst, pools } = upstream;
  if (burst === undefined || burst === false) return upstream;
  if (pools.length < 2) return without(upstream, "burst");
  const settled = burst === true ? burst : withinRules(agreed(burst, upstream), upstream);
  const entered = enteredBy(settled === true ? {} : settled);
  if (entered.includes("utilisation") && !isLimited(upstream)) return without(upstream, "burst");
  return { ...upstream, burst: settled };
}

/** The session's section has the last word on whether it is moved. */
function agreed(burst: WeirBurst, { sticky }: WeirUpstreamConfig): WeirBurst {
  const homecoming = typeof sticky === "object" ? sticky.homecoming : undefined;
  if (homecoming === undefined || burst.sessions === undefined) return burst;
  return (burst.sessions !== false) === homecoming ? burst : without(burst, "sessions");
}

/** What begins a burst: what is named, or the usual. */
function enteredBy({ enter = {} }: WeirBurst): readonly (typeof signals)[number][] {
  const named = signals.filter((signal) => enter[signal] !== undefined);
  return named.length > 0 ? named : ["utilisation"];
}

function withinRules(burst: WeirBurst, { queue, regions = [], health }: WeirUpstreamConfig): WeirBurst {
  const canWait = (queue ?? regions.length === 0) !== false;
  const enter = burst.enter && (canWait ? burst.enter : without(burst.enter, "wait", "queue"));
  const settled = enter === undefined ? burst : { ...burst, enter };
  if (burst.exit === undefined) return settled;
  const entered = enteredBy(settled);
  const vain = signals.filter((signal) => {
    const at = amount(burst.exit?.[signal]);
    const from = amount(enter?.[signal] ?? usualUtilisation);
    return at !== undefined && (!entered.includes(signal) || at >= (from ?? Infinity));
  });
  const exit = without(burst.exit, ...vain);
  const leastMs = Math.max(amount(enter?.for) ?? 0, 2 * intervalMs(health));
  return { ...settled, exit: (amount(exit.for) ?? Infinity) < leastMs ? without(exit, "for") : exit };
}

const amount = (written: string | number | undefined): number | undefined =>
  typeof written === "string" ? millis(written) : written;

function intervalMs(health: WeirUpstreamConfig["health"]): number {
  if (health === false) return 0;
  const { interval, timeout } = typeof health === "object" ? health : {};
  return amount(interval) ?? Math.max(usualIntervalMs, amount(timeout) ?? 0);
}
