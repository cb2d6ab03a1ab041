/** How fast an origin that is new or back comes to its whole share, and who starts slowly at all. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { warmth } from "../../../../core/resilience/slow-start.ts";
import type { Policy } from "../../../../core/model/upstream.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved, savedAfter } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const start = 1_000_000;
const slowStartMs = 30_000;

describe("the part of its share that an origin has", () => {
  test.each([
    [0, 0.1],
    [3_000, 0.1],
    [6_000, 0.2],
    [15_000, 0.5],
    [29_999, 0.99997],
    [30_000, 1],
    [1e9, 1],
    [-5_000, 0.1],
  ])("after %i ms of 30 s is %d", (elapsedMs, part) => {
    expect(warmth(start, slowStartMs, start + elapsedMs)).toBeCloseTo(part, 4);
  });

  test("never falls, stays between a tenth and all, and is exactly all from the end of the window on", () => {
    const anyTime = fc.integer({ min: 0, max: 4_000_000 });
    fc.assert(
      fc.property(anyTime, anyTime, fc.integer({ min: 1, max: 3_600_000 }), (one, other, windowMs) => {
        const [earlier, later] = [Math.min(one, other), Math.max(one, other)];
        const [before, after] = [warmth(0, windowMs, earlier), warmth(0, windowMs, later)];
        expect(before).toBeLessThanOrEqual(after);
        expect(before).toBeGreaterThanOrEqual(0.1);
        expect(after === 1).toBe(later >= windowMs || after === 1);
        if (later >= windowMs) expect(after).toBe(1);
      }),
    );
  });
});

const three = [origin("a"), origin("b"), origin("c")];
const shop = upstream({
  policy: { name: "round_robin" },
  pools: [pool("home", three)],
  slowStartMs,
  passive: { failures: 2, ejectMs: 10_000, maxEjectMs: 300_000 },
});

let isolates = 0;

/** How many of so many requests, one after the other at one moment, the origin gets. */
function picksOf(name: string, coordinator: Coordinator, now: number, requests = 290): number {
  const holder = new OneHolder(coordinator, `isolate-${++isolates}`);
  let picks = 0;
  for (let nth = 0; nth < requests; nth++) {
    const got = holder.askedFor(now) ?? "none";
    if (got === name) picks++;
    holder.close(got, now);
  }
  return picks;
}

const probe = (name: string, good: boolean) => ({ origin: name, good, evidence: "a probe" });

describe("slowly starts", () => {
  test("no origin at a deployment, probed for the first time or not", () => {
    const coordinator = new Coordinator(shop, nothingSaved, start);
    expect(picksOf("a", coordinator, start, 30)).toBe(10);
    coordinator.probed([probe("a", true)], start);
    expect(picksOf("a", coordinator, start, 30)).toBe(10);
  });

  test("an origin that probes saw come back: half of its share after half of the time, all of it after all", () => {
    const coordinator = new Coordinator(shop, nothingSaved, start);
    for (let round = 0; round < 3; round++) coordinator.probed([probe("a", false)], start);
    expect(picksOf("a", coordinator, start)).toBe(0);
    for (let round = 0; round < 2; round++) coordinator.probed([probe("a", true)], start);
    // 0.1 of 2.1, 0.5 of 2.5, 1 of 3.
    expect(picksOf("a", coordinator, start, 210)).toBeCloseTo(10, -0.5);
    expect(picksOf("a", coordinator, start + 15_000, 250)).toBeCloseTo(50, -0.5);
    expect(picksOf("a", coordinator, start + 30_000, 300)).toBeCloseTo(100, -0.5);
  });

  test("an origin that is back from an ejection", () => {
    const coordinator = new Coordinator(shop, nothingSaved, start);
    const failed = { origin: "a", ok: false } as const;
    new OneHolder(coordinator, "reporter").report(start, [failed, failed]);
    expect(picksOf("a", coordinator, start)).toBe(0);
    expect(picksOf("a", coordinator, start + 10_000, 210)).toBeCloseTo(10, -0.5);
  });

  test("an origin that its operator had taken down, and none that was only drained", () => {
    const coordinator = new Coordinator(shop, nothingSaved, start);
    coordinator.drains.operate("a", "drain", start);
    coordinator.drains.operate("a", "undrain", start);
    expect(picksOf("a", coordinator, start, 30)).toBe(10);
    coordinator.drains.operate("a", "down", start);
    coordinator.drains.operate("a", "up", start);
    expect(picksOf("a", coordinator, start, 210)).toBeCloseTo(10, -0.5);
  });

  test("an origin that a new configuration brings, and none beside it", () => {
    const coordinator = new Coordinator(shop, nothingSaved, start);
    coordinator.reconfigure({ ...shop, pools: [pool("home", [...three, origin("d")])] }, start);
    expect(picksOf("d", coordinator, start, 310)).toBeCloseTo(10, -0.5);
    expect(picksOf("d", coordinator, start + slowStartMs, 40)).toBe(10);
  });

  test("an origin that registered itself, when its first probe has found it well, and not before", () => {
    const coordinator = new Coordinator(shop, nothingSaved, start);
    const joined = { ...origin("d"), registered: true as const };
    coordinator.reconfigure({ ...shop, pools: [pool("home", [...three, joined])] }, start);
    expect(picksOf("d", coordinator, start + slowStartMs)).toBe(0);
    coordinator.probed([probe("d", true)], start + slowStartMs);
    expect(picksOf("d", coordinator, start + slowStartMs, 310)).toBeCloseTo(10, -0.5);
  });

  test("an origin that registered itself, from the beginning if there are no probes", () => {
    const { health: _, ...unprobed } = shop;
    const coordinator = new Coordinator(unprobed, nothingSaved, start);
    const joined = { ...origin("d"), registered: true as const };
    coordinator.reconfigure({ ...unprobed, pools: [pool("home", [...three, joined])] }, start);
    expect(picksOf("d", coordinator, start, 310)).toBeCloseTo(10, -0.5);
  });

  test("an origin that was seen to come back before the object lost its memory goes on from there", () => {
    const coordinator = new Coordinator(shop, nothingSaved, start);
    const written = [false, false, false, true, true].map(
      (good) => coordinator.probed([probe("a", good)], start).rows,
    );
    const next = new Coordinator(shop, savedAfter(...written), start + 15_000);
    expect(picksOf("a", next, start + 15_000, 250)).toBeCloseTo(50, -0.5);
  });

  test("no origin without the setting", () => {
    const { slowStartMs: _, ...atOnce } = shop;
    const coordinator = new Coordinator(atOnce, nothingSaved, start);
    for (const good of [false, false, false, true, true]) coordinator.probed([probe("a", good)], start);
    expect(picksOf("a", coordinator, start, 30)).toBe(10);
  });
});

const rules: readonly Policy[] = [
  { name: "adaptive" },
  { name: "least_conn" },
  { name: "least_time", by: "header", inflight: false },
  { name: "random_two", by: "least_conn" },
  { name: "peak_ewma" },
  { name: "round_robin" },
  { name: "first" },
];

describe.each(rules)("under $name", (policy) => {
  test("an origin that starts slowly never gets more than its share of the requests, however they end", () => {
    const someSteps = fc.array(fc.record({ close: fc.boolean(), waitMs: fc.nat(400) }), {
      minLength: 20,
      maxLength: 120,
    });
    fc.assert(
      fc.property(someSteps, fc.nat(30_000), (steps, sinceMs) => {
        const coordinator = new Coordinator({ ...shop, policy }, nothingSaved, start);
        coordinator.drains.operate("a", "down", start);
        coordinator.drains.operate("a", "up", start);
        const holder = new OneHolder(coordinator);
        const open: string[] = [];
        let [now, picks, due] = [start + sinceMs, 0, 0];
        for (const { close, waitMs } of steps) {
          now += waitMs;
          const part = warmth(start, slowStartMs, now);
          if (part === 1) break;
          due += part / (part + 2);
          const got = holder.askedFor(now);
          if (got === undefined) throw new Error("no origin served");
          if (got === "a") picks++;
          open.push(got);
          const ended = close ? open.shift() : undefined;
          if (ended !== undefined) holder.close(ended, now);
        }
        expect(picks).toBeLessThanOrEqual(due + 1);
      }),
      { numRuns: 40 },
    );
  });

  test("and the whole of it when the time is over", () => {
    const coordinator = new Coordinator({ ...shop, policy }, nothingSaved, start);
    coordinator.drains.operate("a", "down", start);
    coordinator.drains.operate("a", "up", start);
    const always = new Coordinator({ ...shop, policy }, nothingSaved, start);
    const after = start + slowStartMs;
    expect(picksOf("a", coordinator, after)).toBe(picksOf("a", always, after));
  });
});

test("a leased holder is told, and holds itself to it where its rule looks at no weights", () => {
  const coordinator = new Coordinator({ ...shop, coordination: "leased" }, nothingSaved, start);
  coordinator.drains.operate("a", "down", start);
  coordinator.drains.operate("a", "up", start);
  const { lease } = new OneHolder(coordinator).ask(start + 15_000).reply;
  expect(lease?.origins).toMatchObject([
    { origin: "a", share: 0.5, warmth: 0.5 },
    { origin: "b", share: 1 },
    { origin: "c", share: 1 },
  ]);
  expect(lease?.origins[1]).not.toHaveProperty("warmth");
});
