/**
 * The promise of the coordination, against a hostile network: a limit holds for all isolates together, what is lost
 * comes back, and no request fails because of the coordinator where the config says so. Random schedules are checked
 * after every step (`test/support/fleet/`); `npm run test:long` tries many more of them.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Upstream } from "../../../../core/model/upstream.ts";
import { Fleet, type Counts } from "../../../support/fleet/fleet.ts";
import { longestStallMs } from "../../../support/fleet/isolate.ts";
import { checkGranted, checkNothingCounted, checkPromises } from "../../../support/fleet/promises.ts";
import { shopNames, shops, type ShopName } from "../../../support/fleet/shops.ts";
import { drains, isolates, schedules, type Step } from "../../../support/fleet/step.ts";
import { failureOf } from "../../../support/fleet/trial.ts";
import { runs } from "../../../support/runs.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const leaseMs = 10_000;
const requestMs = 30_000;
/** What is declared is so in steps of this length. */
const stepMs = 5_000;
/** A clock may lag by so much; and the object lets go once in so long. */
const slackMs = 1_000;

const ask = (isolate: number): Step => ({ kind: "roundTrip", of: "request", isolate });
const tell = (isolate: number): Step => ({ kind: "roundTrip", of: "tell", isolate });
const quiet = (isolate: number): Step => ({ kind: "roundTrip", of: "quiet", isolate });
const finish = (isolate: number): Step => ({ kind: "finish", isolate, request: 0 });
const wait = (ms: number): Step => ({ kind: "wait", ms });

function times(count: number, step: Step): Step[] {
  return Array.from({ length: count }, () => step);
}

function shopOf(coordination: Upstream["coordination"], limits: Readonly<Record<string, number>>): Upstream {
  const origins = Object.entries(limits).map(([name, maxConns]) => origin(name, { maxConns }));
  return upstream({ coordination, pools: [pool("home", origins)] });
}

/** In the order in which they were sent, or whatever is left by a step that takes them in another. */
function deliveredBeforeWaits(step: Step): Step[] {
  if (step.kind !== "wait" && step.kind !== "waitFor") return [step];
  return [...times(40, { kind: "deliver", message: 0 }), step];
}

const open = (fleet: Fleet): number => fleet.origins.flatMap(({ name }) => fleet.openOn(name)).length;
const taken = (fleet: Fleet): number =>
  fleet.origins.reduce((sum, { name }) => sum + (fleet.coordinator.statusOf(name).taken ?? 0), 0);

const sampleOf = (of: fc.Arbitrary<Step[]>, numRuns: number): readonly Step[][] =>
  fc.sample(of, { numRuns, seed: 1 });

/** Runs schedules, and adds up what happened in them. */
function countsOf(
  shop: ShopName,
  sample: readonly Step[][],
  check: (fleet: Fleet) => void = () => {},
): Counts {
  const sum = new Map<string, number>();
  for (const steps of sample) {
    const fleet = new Fleet(shops[shop], isolates);
    for (const step of steps) {
      fleet.applyStep(step);
      check(fleet);
    }
    const { counts } = fleet;
    for (const [name, count] of Object.entries(counts)) sum.set(name, (sum.get(name) ?? 0) + Number(count));
  }
  return Object.fromEntries(sum) as unknown as Counts;
}

describe("messages lost, repeated, reordered, late; holders killed, cut off, their clocks apart; the object evicted; limits changed", () => {
  test.each(shopNames)(
    "%s: open ≤ maxConns, the object never believes in fewer, no request fails for it, and all ends at zero",
    (shop) => {
      const failure = failureOf({ shop, numRuns: runs(50, 1_000) });
      // Whole, with its replay: `expect` shows the first words of a long text.
      if (failure !== undefined) expect.fail(failure);
    },
  );

  test.each([
    "strict-refuse",
    "leased-refuse",
    "auto-cloud",
    "leased-cloud",
    "auto-queue",
    "leased-queue",
  ] as const)(
    "%s: granted ≤ maxConns, open and idle together, while the object keeps its memory and hears messages at once",
    (shop) => {
      const remembering = schedules.map((steps) =>
        steps.filter(({ kind }) => kind !== "evict" && kind !== "limit").flatMap(deliveredBeforeWaits),
      );
      fc.assert(
        fc.property(remembering, (steps) => {
          const fleet = new Fleet(shops[shop], isolates);
          for (const step of steps) {
            fleet.applyStep(step);
            checkGranted(fleet);
          }
        }),
        { numRuns: runs(40, 10_000) },
      );
    },
  );

  test("the schedules do what they are for: each way to pick and each fault occurs often", () => {
    // As often for each schedule, however many are looked at.
    const part = runs(0.4, 1);
    const [sample, drainSample] = [sampleOf(schedules, 150 * part), sampleOf(drains, 100 * part)];
    const expectOften = (least: number, counts: readonly number[]): void => {
      for (const count of counts) expect(count).toBeGreaterThan(least * part);
    };
    const [leased, cloud, exceed, auto, large] = (
      ["leased-refuse", "leased-cloud", "leased-exceed", "auto-cloud", "auto-large"] as const
    ).map((shop) => countsOf(shop, sample)) as [Counts, Counts, Counts, Counts, Counts];
    expectOften(250, [leased.strict, leased.leased, cloud.leased, exceed.excess]);
    expectOften(50, [cloud.failStatic, cloud.spilledByWord, leased.refusedByWord, leased.lost, large.leased]);
    // Where there are few slots for each isolate, they ask.
    expect(auto.strict).toBeGreaterThan(20 * auto.leased);
    for (const shop of ["strict-queue", "leased-queue", "auto-queue"] as const) {
      expectOften(250, [countsOf(shop, sample).waited]);
    }
    expectOften(25, [leased.evictionsUnderLease, leased.kills, leased.lowerings, leased.vanished]);
    // Of origins that were taken out while requests came, the object says that they can be stopped.
    for (const shop of ["strict-cloud", "leased-cloud", "leased-refuse", "leased-unlimited"] as const) {
      const { orders, safe } = countsOf(shop, drainSample, checkPromises);
      expect([orders > 250 * part, safe > 10 * part]).toEqual([true, true]);
    }
    // In the middle of a lease, when the object cannot be asked.
    expectOften(5, [leased.failStatic]);
  });
});

describe("what comes back of a holder that is not heard of any more", () => {
  const withoutEvictions = schedules.map((steps) =>
    steps.filter(({ kind }) => kind !== "evict" && kind !== "stream"),
  );

  test.each(["leased-refuse", "leased-cloud", "auto-exceed"] as const)(
    "%s: all of it, idle or busy, once its lease and a request started at the end of that are over",
    (shop) => {
      fc.assert(
        fc.property(withoutEvictions, (steps) => {
          const fleet = new Fleet(shops[shop], isolates).run(steps);
          fleet.killAll();
          fleet.applyStep(wait(leaseMs + requestMs + stepMs + 2 * slackMs));
          checkNothingCounted(fleet, "all are dead");
        }),
        { numRuns: runs(40, 10_000) },
      );
    },
  );

  test("strict: all of it once a request is over, and its deadline's step", () => {
    fc.assert(
      fc.property(withoutEvictions, (steps) => {
        const fleet = new Fleet(shops["strict-refuse"], isolates).run(steps);
        fleet.killAll();
        fleet.applyStep(wait(requestMs + stepMs + 2 * slackMs));
        checkNothingCounted(fleet, "all are dead");
      }),
      { numRuns: runs(40, 10_000) },
    );
  });

  test("the holder's idle slots stay taken until then: they look the same as busy ones", () => {
    const fleet = new Fleet(shopOf("leased", { a: 9 }), 1).run([ask(0), finish(0), tell(0)]);
    const leased = taken(fleet);
    expect(leased).toBeGreaterThan(0);
    fleet.killAll();
    fleet.applyStep(wait(leaseMs + requestMs - 1));
    fleet.coordinator.view(fleet.now);
    expect(taken(fleet)).toBe(leased);
  });

  test("nothing at all is out if it has said that it starts nothing more", () => {
    const fleet = new Fleet(shopOf("leased", { a: 9 }), 1).run([ask(0), finish(0), tell(0), quiet(0)]);
    fleet.killAll();
    checkNothingCounted(fleet, "at once");
  });

  test("streams come back with the hold of the last message that told of them", () => {
    const fleet = new Fleet(shopOf("strict", { a: 2 }), 1);
    fleet.run([ask(0), { kind: "stream", isolate: 0, request: 0 }]);
    fleet.killAll();
    fleet.applyStep(wait(59_000));
    fleet.coordinator.view(fleet.now);
    expect(taken(fleet)).toBe(1);
    fleet.applyStep(wait(1_000 + stepMs));
    checkNothingCounted(fleet, "the stream's hold is over");
  });
});

describe("a holder's clock", () => {
  test("may stand still while its lease ends: what it starts then is over when the object counts on it", () => {
    fc.assert(
      fc.property(fc.nat(longestStallMs), fc.nat(longestStallMs), (early, late) => {
        const fleet = new Fleet(shopOf("leased", { a: 4 }), 2).run([ask(0), finish(0), tell(0)]);
        fleet.run([wait(leaseMs - early), { kind: "cutOff", isolate: 0 }, { kind: "stall", isolate: 0 }]);
        fleet.run([wait(late), ...times(4, { kind: "request", isolate: 0, like: "any" })]);
        // Another isolate takes every slot as soon as it gets one.
        for (let at = 0; at < requestMs + slackMs; at += 100) {
          fleet.run([wait(100), ask(1)]);
          checkPromises(fleet);
        }
      }),
      { numRuns: runs(15, 1_000) },
    );
  });
});

describe("an evicted object, of a lease that is out,", () => {
  const starts = times(9, { kind: "request", isolate: 0, like: "any" });
  const others = times(9, ask(1));

  function expectKept(fleet: Fleet): void {
    for (const step of [...others, ...starts]) {
      fleet.applyStep(step);
      checkPromises(fleet);
    }
    expect(fleet.counts.leased).toBeGreaterThan(1);
  }

  // With many asks a holder is leased more than one slot.
  const leased = [...times(6, ask(0)), ...times(6, finish(0)), tell(0)];

  test("remembers though its holder has been idle, and it has rested", () => {
    const fleet = new Fleet(shopOf("leased", { a: 9 }), 2).run(leased);
    expectKept(fleet.run([wait(5_000), { kind: "rest" }, { kind: "evict" }]));
  });

  test("remembers until the holder uses another, though it has heard of the new incarnation", () => {
    const fleet = new Fleet(shopOf("leased", { a: 9 }), 2).run([...leased, { kind: "evict" }]);
    fleet.run([
      { kind: "halfTrip", of: "tell", isolate: 0 },
      { kind: "giveUp", isolate: 0, message: 0 },
      // It comes too late to bring a lease.
      { kind: "answer", message: 0 },
      { kind: "halfTrip", of: "tell", isolate: 0 },
    ]);
    expectKept(fleet);
  });
});

describe("an evicted object, of a holder that has no slot,", () => {
  const order: Step = { kind: "order", origin: 0, order: "down" };
  /** Its answer does not arrive. */
  const unanswered: Step = { kind: "halfTrip", of: "tell", isolate: 0 };
  const request: Step = { kind: "request", isolate: 0, like: "any" };

  const evict: Step = { kind: "evict" };
  const beforeEnd: Step = { kind: "waitFor", moment: 0, byMs: -1 };
  // Found by a random schedule.
  const lateLoss = [unanswered, tell(0), order, evict, ask(1), ask(1), beforeEnd, ask(0), wait(4_000)];

  const giveUp: Step = { kind: "giveUp", isolate: 0, message: 0 };
  const cutOff: Step = { kind: "cutOff", isolate: 0 };
  const traffic = Array.from({ length: 40 }, () => [wait(500), request, finish(0)]).flat();
  const cutOffInTraffic = [
    unanswered,
    giveUp,
    unanswered,
    order,
    evict,
    cutOff,
    ...traffic,
    ...times(4, request),
  ];

  test.each([
    { that: "finds a loss late", steps: lateLoss },
    { that: "is cut off and has gone on alone all the time", steps: cutOffInTraffic },
  ])(
    "remembers that it may go on alone: no origin can be stopped that it may use, when it $that",
    ({ steps }) => {
      const fleet = new Fleet(shops["auto-exceed"], isolates);
      for (const step of steps) {
        fleet.applyStep(step);
        checkPromises(fleet);
      }
      // It has used the origin that was taken out, since it has not heard of that.
      expect(fleet.openOn("a").length).toBeGreaterThan(0);
      expect(fleet.counts.safe).toBe(0);
    },
  );
});

test("an isolate that lost a message and then had no request for long sends none to an origin that was stopped meanwhile", () => {
  const fleet = new Fleet(shops["auto-exceed"], 20);
  const each = fleet.isolates.keys().toArray();
  const lost = each.map((isolate): Step => ({ kind: "halfTrip", of: "tell", isolate }));
  fleet.run([...lost, wait(6_000), { kind: "order", origin: 0, order: "down" }]);
  fleet.run([wait(9_000)]);
  checkPromises(fleet);
  fleet.run([wait(300)]);
  checkPromises(fleet);
  expect(fleet.counts.safe).toBe(1);
  fleet.run([wait(60_000), ...each.map(ask)]);
  expect(fleet.openOn("a")).toEqual([]);
  expect(open(fleet)).toBeGreaterThan(0);
});

describe("a changed limit", () => {
  test("that is lower lets nothing be started until as much is over as it takes", () => {
    const shop = shopOf("leased", { a: 9 });
    const fleet = new Fleet(shop, 2).run([...times(9, ask(0)), { kind: "limit", origin: 0, maxConns: 3 }]);
    expect(open(fleet)).toBe(9);
    fleet.run(times(6, finish(0)));
    fleet.run([tell(0), tell(1), ...times(5, ask(1))]);
    expect(open(fleet)).toBe(3);
  });

  test("that is higher is there for the next request", () => {
    const fleet = new Fleet(shopOf("strict", { a: 1 }), 2).run([ask(0), ask(1)]);
    expect(open(fleet)).toBe(1);
    fleet.run([{ kind: "limit", origin: 0, maxConns: 2 }, ask(1)]);
    expect(open(fleet)).toBe(2);
  });
});

describe("a partition that outlasts the lease", () => {
  const partition = (shop: ShopName): Fleet =>
    new Fleet(shops[shop], 2).run([
      ...times(3, ask(0)),
      ...times(3, finish(0)),
      { kind: "cutOff", isolate: 0 },
      wait(leaseMs),
      ask(0),
      // It was lost; as nothing was heard for so long, it asks once more.
      wait(6_000),
      wait(6_000),
      ...times(20, ask(0)),
    ]);

  test.each([
    { shop: "leased-refuse", started: 0, excess: 0 },
    { shop: "leased-cloud", started: 21, excess: 0 },
    { shop: "leased-exceed", started: 21, excess: 21 },
  ] as const)(
    "$shop: $started of 21 requests are served, $excess of them at home",
    ({ shop, started, excess }) => {
      const fleet = partition(shop);
      expect(open(fleet)).toBe(started);
      expect(fleet.counts.excess).toBe(excess);
      expect(fleet.openOn("a").length + fleet.openOn("b").length).toBe(excess);
    },
  );
});

describe("a network that works", () => {
  const small = shopOf("strict", { a: 2, b: 3 });

  test("lets all slots be used, and all are free again at once", () => {
    const fleet = new Fleet(small, 3);
    for (let request = 0; request < 7; request++) fleet.applyStep(ask(request));
    expect([fleet.openOn("a").length, fleet.openOn("b").length]).toEqual([2, 3]);
    fleet.settle();
    checkNothingCounted(fleet, "at once");
  });

  test("after an eviction makes all slots usable as soon as the holders have been heard", () => {
    const fleet = new Fleet(small, 1).run([...times(5, ask(0)), { kind: "evict" }, ...times(5, finish(0))]);
    // It learns the new epoch, and declares under it.
    fleet.run([ask(0), ask(0), ...times(5, ask(0))]);
    expect(open(fleet)).toBe(5);
  });

  test("costs a steady holder no row per request", () => {
    const fleet = new Fleet(small, 1);
    for (let request = 0; request < 1_000; request++) fleet.run([ask(0), finish(0), wait(20)]);
    expect(fleet.counts.strict).toBe(1_000);
    expect(fleet.counts.writes).toBeLessThanOrEqual(6);
  });

  test("costs a leased holder no row per exchange", () => {
    const fleet = new Fleet(shopOf("leased", { a: 9 }), 1);
    for (let request = 0; request < 1_000; request++) fleet.run([ask(0), finish(0), tell(0), wait(20)]);
    expect(fleet.counts.leased).toBeGreaterThan(900);
    expect(fleet.counts.writes).toBeLessThanOrEqual(6);
  });

  test("after a burst and a rest, lets an object that wakes up take nothing for open that is not", () => {
    const fleet = new Fleet(small, 3).run([0, 1, 2, 3, 4].map(ask));
    fleet.settle();
    fleet.run([wait(5_000), { kind: "rest" }, { kind: "evict" }]);
    checkNothingCounted(fleet, "at once");
  });
});
