/** To wait at home or to spill: the rule's numbers, worked out by hand. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  expectedWaitMs,
  slownessMs,
  waitOrSpill,
  worthMs,
  type HomeProspect,
  type LaterProspect,
} from "../../../../core/queue/wait-rule.ts";

/** Eight slots of a tenth of a second each: one becomes free every 12.5 ms. */
const home: HomeProspect = { ahead: 0, hasPlace: true, serviceMs: 100, slots: 8, patienceMs: 2_000 };

describe("the expected wait", () => {
  test.each([
    { ahead: 0, serviceMs: 100, slots: 8, is: 12.5 },
    { ahead: 3, serviceMs: 100, slots: 8, is: 50 },
    { ahead: 0, serviceMs: 400, slots: 1, is: 400 },
    { ahead: 99, serviceMs: 100, slots: 100, is: 100 },
    { ahead: 0, serviceMs: 100, slots: 0, is: Infinity },
    { ahead: 5, serviceMs: undefined, slots: 8, is: undefined },
  ])("of one behind $ahead at $slots slots of $serviceMs ms is $is ms", ({ is, ...at }) => {
    expect(expectedWaitMs(at)).toBe(is);
  });
});

describe("while a later pool has room, a request that finds home full", () => {
  test.each([
    // The cloud is 30 ms slower: two may wait (12.5 and 25 ms), the third would wait for 37.5 ms.
    { ahead: 0, slowerMs: 30, priceMs: 0, does: "wait" },
    { ahead: 1, slowerMs: 30, priceMs: 0, does: "wait" },
    { ahead: 2, slowerMs: 30, priceMs: 0, does: "spill" },
    // It costs as much as another 20 ms: four may wait (50 ms), the fifth would wait for 62.5 ms.
    { ahead: 3, slowerMs: 30, priceMs: 20, does: "wait" },
    { ahead: 4, slowerMs: 30, priceMs: 20, does: "spill" },
    // That it is quicker makes it no cheaper.
    { ahead: 0, slowerMs: -50, priceMs: 20, does: "wait" },
    { ahead: 1, slowerMs: -50, priceMs: 20, does: "spill" },
    { ahead: 0, slowerMs: -50, priceMs: 0, does: "spill" },
  ])("behind $ahead, with a pool $slowerMs ms slower at $priceMs ms, will $does", (given) => {
    expect(waitOrSpill({ ...home, ahead: given.ahead }, given)).toBe(given.does);
  });

  const dear: LaterProspect = { slowerMs: 0, priceMs: 60_000 };

  test.each([
    { because: "the queue is full", given: { hasPlace: false } },
    { because: "it would wait beyond its deadline (212.5 ms of 200)", given: { ahead: 16, patienceMs: 200 } },
    { because: "it has no time to wait", given: { patienceMs: 0 } },
    { because: "how long it would wait is unknown", given: { serviceMs: undefined } },
  ])("spills at any price, as $because", ({ given }) => {
    expect(waitOrSpill({ ...home, ...given }, dear)).toBe("spill");
  });
});

describe("while no later pool has room, a request that finds home full", () => {
  test.each([
    { does: "wait", because: "it is served in time (200 ms of 200)", given: { ahead: 15, patienceMs: 200 } },
    { does: "wait", because: "how long it would wait is unknown", given: { serviceMs: undefined } },
    { does: "refuse", because: "the queue is full", given: { hasPlace: false } },
    { does: "refuse", because: "it would come too late", given: { ahead: 16, patienceMs: 200 } },
    { does: "refuse", because: "nothing serves at home", given: { slots: 0 } },
  ])("will $does, as $because", ({ does, given }) => {
    expect(waitOrSpill({ ...home, ...given }, undefined)).toBe(does);
  });
});

test("the longer the queue, the sooner a request spills; the dearer the later pool, the later", () => {
  const anyHome = fc.record({
    ahead: fc.nat(200),
    hasPlace: fc.constant(true),
    serviceMs: fc.integer({ min: 1, max: 5_000 }),
    slots: fc.integer({ min: 1, max: 100 }),
    patienceMs: fc.integer({ min: 0, max: 5_000 }),
  });
  const anyLater = fc.record({ slowerMs: fc.integer({ min: -500, max: 500 }), priceMs: fc.nat(5_000) });
  fc.assert(
    fc.property(anyHome, anyLater, fc.nat(50), (at, later, more) => {
      if (waitOrSpill(at, later) === "wait") {
        expect(waitOrSpill(at, { ...later, priceMs: later.priceMs + more })).toBe("wait");
      } else {
        expect(waitOrSpill({ ...at, ahead: at.ahead + more }, later)).toBe("spill");
      }
    }),
  );
});

describe("how much slower a later pool is", () => {
  test.each([
    { there: 130, here: 100, is: 30 },
    { there: 100, here: 130, is: -30 },
    { there: undefined, here: 100, is: 0 },
    { there: 100, here: undefined, is: 0 },
    // Eight downloads have gone there, and the pages stayed.
    { there: 12_000, here: 10, is: 2_500 },
  ])("with means of $there ms there and $here ms here: $is ms", ({ there, here, is }) => {
    expect(slownessMs(there, here, 2_500)).toBe(is);
  });

  test("makes a request that begins a session wait no longer than the most, and a price does", () => {
    const slowerMs = slownessMs(12_000, 10, 2_500);
    const binds = { homeMs: 10, mostMs: 2_500 };
    expect(worthMs({ slowerMs, priceMs: 0, binds })).toBe(2_500);
    expect(worthMs({ slowerMs, priceMs: 60_000, binds })).toBe(62_500);
  });
});
