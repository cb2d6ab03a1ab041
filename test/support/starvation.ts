/**
 * A fleet whose event loop stands still again and again, under load, for longer than an exchange may take: its objects have not
 * failed, and its limits hold. The stall is a busy loop of the test's own build (`saboteur/`), in the middle of
 * whatever is under way.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { seededRandom } from "../../core/model/random.ts";
import { expect } from "vitest";

import { isolates, startFleet, type Fleet, type Seen } from "./fleet.ts";

/** With nowhere else to go, and with a later pool; by what the config prefers when the object is lost. */
export const starvedShops = ["refuse", "exceed", "refuse-cloud", "exceed-cloud"] as const;

/** As many as a shop's home has slots: requests before the stalls, and as many behind them. */
const volley = 4;
/** So many requests that take the processor, each for so long at most: altogether several times `timeouts.exchange`, 250 ms. */
const stalls = 5;
const longestStallMs = 250;

/** Of each of a home's two origins. */
const maxConns = volley / 2;

export function startStarvedFleet(): Promise<Fleet> {
  const shop = { maxConns, coordination: "strict" } as const;
  return startFleet({
    refuse: { ...shop, onCoordinatorLoss: "refuse" },
    exceed: { ...shop, onCoordinatorLoss: "exceed" },
    "refuse-cloud": { ...shop, onCoordinatorLoss: "refuse", cloud: true },
    "exceed-cloud": { ...shop, onCoordinatorLoss: "exceed", cloud: true },
  });
}

export interface Starved {
  /** What clients got, of each shop. */
  readonly seen: Readonly<Record<string, readonly Seen[]>>;
  /** The most that were open at once on each origin of home. */
  readonly peaks: Readonly<Record<string, readonly number[]>>;
}

/**
 * So many times: requests, then some that take the processor, and requests again, which the isolate reads all at once since it
 * stood still when they came. So those of the first that ask the object hear nothing for longer than an exchange may take, and
 * others look at the clock meanwhile.
 */
export async function starve(
  fleet: Fleet,
  { volleys, seed }: { volleys: number; seed: number },
): Promise<Starved> {
  const random = seededRandom(seed);
  for (const shop of starvedShops) fleet.forgetPeaks(shop);
  const seen: Record<string, Seen[]> = {};
  for (let nth = 0; nth < volleys; nth++) {
    const isolate = nth % isolates;
    const first = fleet.stall(isolate, longestStallMs);
    await sleep(50);
    const loads = starvedShops.map((shop) => ({
      shop,
      sent: fleet.once(shop, { isolate, requests: volley }),
    }));
    await sleep(20);
    const rest = Array.from({ length: stalls }, () =>
      fleet.stall(isolate, Math.ceil(random.next() * longestStallMs)),
    );
    await sleep(20);
    const more = starvedShops.map((shop) => ({
      shop,
      sent: fleet.once(shop, { isolate, requests: volley }),
    }));
    await Promise.all([first, ...rest]);
    for (const { shop, sent } of [...loads, ...more]) (seen[shop] ??= []).push(...(await sent));
  }
  return {
    seen,
    peaks: Object.fromEntries(starvedShops.map((shop) => [shop, fleet.peaks(shop)])),
  };
}

/** That every request was served by the object's word, and no origin had more than its limit. */
export function expectKept({ stack }: Fleet, { seen, peaks }: Starved): void {
  for (const shop of starvedShops) {
    expect(peaks[shop]).toEqual([maxConns, maxConns]);
    expect(seen[shop]?.filter(({ status, mode }) => status !== 200 || mode !== "strict")).toEqual([]);
  }
  expect(stack.events.filter(({ event, alone }) => event === "exchange-lost" || alone !== undefined)).toEqual(
    [],
  );
}
