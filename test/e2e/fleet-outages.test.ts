/** What becomes of a fleet whose objects die, fall silent or are overloaded, again and again, under load. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { leaseMs } from "../../core/protocol/clocks.ts";
import { maxConns, startFleet, tally, type Fleet, type Load } from "../support/fleet.ts";
import { patienceMs } from "../support/patience.ts";
import type { Sabotage } from "../support/saboteur/sabotage.ts";
import { eventually } from "../support/stack.ts";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet(
    {
      // Requests that wait would be asked for, and not be served under a lease. Where slots are few, "auto" leases only from 250 requests
      // a second on, which a busy machine does not reach: what must be served under a lease says so.
      spills: { cloud: true, queue: false, coordination: "leased" },
      refuses: { onCoordinatorLoss: "refuse", queue: false },
      exceeds: { onCoordinatorLoss: "exceed", coordination: "leased" },
      regional: { cloud: true, regions: ["weur", "enam"], coordination: "leased" },
    },
    ["EU", "EU", "NA", "NA"],
  );
});

afterAll(() => fleet.stop());

/** Long enough that every isolate finds out (250 ms), and goes on without the object for a while. */
const forMs = 1_000;
const troubles: readonly Sabotage[] = ["abort", "deaf", "abort", "mute", "overloaded", "deaf", "abort"];

function isLeasedAgain({ seen }: Load): Promise<void> {
  const from = seen.length;
  return eventually("requests are served under a lease again", () =>
    seen.slice(from).some(({ mode }) => mode === "leased"),
  );
}

/**
 * Leased or strict: a region that is lent few slots asks for each request, unless there are more than the object can be asked for, and
 * how many there are depends on the machine.
 */
async function isCoordinatedAgain(load: Load): Promise<void> {
  await eventually("no request goes on without the object any more", async () => {
    const from = load.seen.length;
    await load.further(80);
    return load.seen.slice(from).every(({ mode }) => mode === "leased" || mode === "strict");
  });
}

/** A lease outlives each of the short troubles. This one lasts until no lease is left, however slow the machine is. */
async function silenceUntil(upstream: string, isSeen: () => boolean): Promise<void> {
  await fleet.sabotage(upstream, "overloaded", 10 * leaseMs);
  await eventually(`a holder goes on without the object of ${upstream}`, isSeen, 9 * leaseMs);
  await fleet.sabotage(upstream, "overloaded", 0);
}

describe("four isolates whose object dies, hears late, answers late and is overloaded", () => {
  test("no limit is exceeded but where the config prefers that, and no request fails but where it prefers that", async () => {
    const names = ["spills", "refuses", "exceeds"] as const;
    const spills = fleet.load("spills", { clients: 120 });
    const refuses = fleet.load("refuses", { clients: 80 });
    // Half of what home has: it is never full.
    const exceeds = fleet.load("exceeds", { clients: 8 });
    await isLeasedAgain(spills);
    for (const kind of troubles) {
      await Promise.all(names.map((name) => fleet.sabotage(name, kind, forMs)));
      await Promise.all([spills.further(120), refuses.further(40), exceeds.further(10)]);
    }
    const goesOnAlone = ({ seen }: Load): boolean => seen.some(({ mode }) => mode === "fail-static");
    const exceedsLimits = (): boolean => fleet.stack.events.some((event) => event["excess"] === true);
    await Promise.all([
      silenceUntil("spills", () => goesOnAlone(spills)),
      silenceUntil("exceeds", () => goesOnAlone(exceeds) && exceedsLimits()),
    ]);
    await Promise.all([spills, exceeds].map(isLeasedAgain));
    await Promise.all([spills, refuses, exceeds].map((load) => load.end()));

    for (const name of ["spills", "refuses"]) {
      for (const peak of fleet.peaks(name)) expect(peak).toBeLessThanOrEqual(maxConns);
    }
    const failed = fleet.stack.events.filter(
      ({ event, upstream, status }) => event === "request" && upstream !== "refuses" && status !== 200,
    );
    expect(failed).toEqual([]);
    for (const { seen } of [spills, exceeds]) {
      expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
      expect(Object.keys(tally(seen))).toEqual(expect.arrayContaining(["200 leased", "200 fail-static"]));
    }
    const refused = refuses.seen.filter(({ status }) => status !== 200);
    expect(refused.filter(({ status, retryAfter }) => status !== 503 || !Number(retryAfter))).toEqual([]);
    expect(refused.length).toBeLessThan(refuses.seen.length);
    const excess = fleet.stack.events.filter((event) => event["excess"] === true);
    expect(excess.length).toBeGreaterThan(0);
    expect(excess.filter(({ upstream, mode }) => upstream !== "exceeds" || mode !== "fail-static")).toEqual(
      [],
    );
    const reasons = new Set(excess.map((event) => event["alone"]));
    expect(
      [...reasons].filter((why) => !["no-answer", "unreached", "in-doubt"].includes(String(why))),
    ).toEqual([]);
    const unexplained = fleet.stack.events.filter(
      ({ mode, alone }) => (mode === "fail-static") !== (alone !== undefined),
    );
    expect(unexplained).toEqual([]);
    await Promise.all(names.map((name) => fleet.allFree(name)));
  });
});

describe("two isolates in each of two regions", () => {
  test("slots go where they are needed, and never are more than there are", async () => {
    const europe = fleet.load("regional", { through: [0, 1], clients: 100 });
    const hasAll = (): boolean => fleet.peaks("regional").every((peak) => peak === maxConns);
    await eventually("Europe has all of home", hasAll, patienceMs);
    await europe.end();
    fleet.forgetPeaks("regional");
    const america = fleet.load("regional", { through: [2, 3], clients: 100 });
    const hasMost = (): boolean => fleet.peaks("regional").every((peak) => peak > maxConns / 2);
    await eventually("America has most of it", hasMost, patienceMs);
    const both = fleet.load("regional", { through: [0, 1], clients: 100 });
    for (const object of ["regional", "regional@weur"]) {
      for (const kind of ["abort", "deaf", "mute"] as const) {
        await fleet.sabotage(object, kind, forMs);
        await both.further(80);
      }
    }
    const isRootLost = (): boolean => fleet.stack.events.some(({ event }) => event === "root-lost");
    await silenceUntil("regional", isRootLost);
    await Promise.all([america, both].map(isCoordinatedAgain));
    await Promise.all([america.end(), both.end()]);
    for (const peak of fleet.peaks("regional")) expect(peak).toBeLessThanOrEqual(maxConns);
    const seen = [europe, america, both].flatMap((load) => load.seen);
    expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
    await fleet.allFree("regional");
  });
});
