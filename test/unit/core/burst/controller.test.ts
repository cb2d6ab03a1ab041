/** When an upstream bursts, when it returns, and what never makes it do either. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  atHome,
  observeBurst,
  type BurstRecord,
  type BurstTransition,
} from "../../../../core/burst/controller.ts";
import type { BurstRules, BurstValues } from "../../../../core/model/burst-rules.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import { runs } from "../../../support/runs.ts";

const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => count * 60_000;

const byDefault: BurstRules = {
  enter: { at: { utilisation: 0.9 }, forMs: seconds(10) },
  exit: { at: { utilisation: 0.7 }, forMs: seconds(60) },
  minHoldMs: seconds(60),
  moveWithinMs: minutes(10),
};

const idle: BurstValues = { utilisation: 0, expectedWaitMs: 0, p95Ms: 0, queued: 0, errorRate: 0 };
const startMs = 1_000_000;

interface Logged extends BurstTransition {
  readonly atMs: number;
}

/** A machine whose clock is the test's. */
class Machine {
  record: BurstRecord = atHome(startMs);
  now = startMs;
  readonly log: Logged[] = [];
  readonly #rules: BurstRules;

  constructor(rules: BurstRules = byDefault) {
    this.#rules = rules;
  }

  see(values: Partial<BurstValues>): void {
    const { record, transition } = observeBurst(this.record, { ...idle, ...values }, this.#rules, this.now);
    this.record = record;
    if (transition !== undefined) this.log.push({ ...transition, atMs: this.now - startMs });
  }

  /** Sees the same again and again. */
  during(ms: number, values: Partial<BurstValues> | (() => Partial<BurstValues>), everyMs = 250): this {
    const endMs = this.now + ms;
    while (this.now < endMs) {
      this.now = Math.min(this.now + everyMs, endMs);
      this.see(typeof values === "function" ? values() : values);
    }
    return this;
  }

  get path(): string[] {
    return this.log.map(({ to }) => to);
  }
}

const full = { utilisation: 1 };
const bursting = (rules?: BurstRules): Machine => new Machine(rules).during(seconds(20), full);

/** Rules that hold what the config checks: each threshold of `exit` at 0.8 of that of `enter` at most, and not shorter. */
const anyRules = fc
  .record({
    enter: fc.double({ min: 0.2, max: 0.9, noNaN: true }),
    ratio: fc.double({ min: 0.1, max: 0.8, noNaN: true }),
    enterForMs: fc.integer({ min: seconds(1), max: seconds(60) }),
    longerMs: fc.integer({ min: 0, max: seconds(120) }),
    minHoldMs: fc.integer({ min: 0, max: seconds(120) }),
    moveWithinMs: fc.integer({ min: seconds(1), max: minutes(10) }),
  })
  .map(({ enter, ratio, enterForMs, longerMs, minHoldMs, moveWithinMs }): BurstRules => ({
    enter: { at: { utilisation: enter }, forMs: enterForMs },
    exit: { at: { utilisation: enter * ratio }, forMs: enterForMs + longerMs },
    minHoldMs,
    moveWithinMs,
  }));

const anySeed = fc.integer({ min: 0, max: 1_000_000 });

describe("home → bursting → returning → home", () => {
  test("a peak long enough makes a burst, its end a return, and the deadline of the sessions the end of that", () => {
    const machine = bursting().during(minutes(3), idle).during(minutes(10), idle);
    expect(machine.path).toEqual(["bursting", "returning", "home"]);
  });

  test("each with its evidence: which value, which threshold, for how long", () => {
    const { log } = bursting().during(minutes(14), { utilisation: 0.3 });
    expect(log.map(({ evidence }) => evidence)).toEqual([
      expect.stringMatching(/^utilisation 1, at or above 0\.9 for 10(\.\d)? s$/),
      expect.stringMatching(/^utilisation 0\.3, at or below 0\.7 for 60 s$/),
      "600 s after the return",
    ]);
  });

  test("load that comes back while sessions return is a burst again", () => {
    const machine = bursting().during(seconds(90), idle).during(seconds(20), full);
    expect(machine.path).toEqual(["bursting", "returning", "bursting"]);
  });

  test("where sessions do not move, the return is over at once", () => {
    const { moveWithinMs: _, ...rules } = byDefault;
    const { log } = bursting(rules).during(seconds(90), idle);
    expect(log.map(({ to }) => to)).toEqual(["bursting", "returning", "home"]);
    expect((log[2]?.atMs ?? 0) - (log[1]?.atMs ?? 0)).toBe(250);
  });
});

describe("entering", () => {
  test("takes the whole time: a peak that is a little shorter is none", () => {
    const machine = new Machine().during(seconds(9.5), full).during(minutes(5), idle);
    expect(machine.path).toEqual([]);
  });

  test("takes it without a break", () => {
    const machine = new Machine();
    for (let round = 0; round < 20; round++) machine.during(seconds(9), full).during(seconds(3), idle);
    expect(machine.path).toEqual([]);
  });

  const mixed: BurstRules = {
    ...byDefault,
    enter: {
      at: { utilisation: 0.9, expectedWaitMs: 200, p95Ms: 800, queued: 10, errorRate: 0.2 },
      forMs: seconds(10),
    },
    exit: { at: { p95Ms: 400, errorRate: 0.05 }, forMs: seconds(60) },
  };

  test.each<[string, Partial<BurstValues>]>([
    ["utilisation 0.95, at or above 0.9", { utilisation: 0.95 }],
    ["wait 250 ms, at or above 200 ms", { expectedWaitMs: 250 }],
    ["p95 900 ms, at or above 800 ms", { p95Ms: 900 }],
    ["queue 12, at or above 10", { queued: 12 }],
    ["errorRate 0.25, at or above 0.2", { errorRate: 0.25 }],
  ])("any one of the named thresholds suffices: %s", (evidence, values) => {
    const { log } = new Machine(mixed).during(seconds(15), values);
    expect(log).toMatchObject([{ to: "bursting", evidence: expect.stringContaining(`${evidence} for 1`) }]);
  });

  test("two that take turns do not add up", () => {
    const machine = new Machine(mixed);
    for (let round = 0; round < 10; round++) {
      machine.during(seconds(8), { p95Ms: 900 }).during(seconds(8), { queued: 12 });
    }
    expect(machine.path).toEqual([]);
  });

  test("a threshold that is not named is not watched", () => {
    expect(new Machine().during(minutes(5), { p95Ms: 60_000, errorRate: 1 }).path).toEqual([]);
  });

  test("leaving takes all of exit's thresholds", () => {
    const machine = bursting(mixed).during(minutes(5), { errorRate: 0.1 });
    expect(machine.path).toEqual(["bursting"]);
    expect(machine.during(minutes(2), { errorRate: 0.01 }).path).toEqual(["bursting", "returning"]);
  });
});

describe("a burst does not flap", () => {
  test("noise of ±10 % around a threshold makes one transition at most in ten minutes", () => {
    fc.assert(
      fc.property(anyRules, fc.boolean(), fc.boolean(), anySeed, (rules, aroundEnter, fromHome, seed) => {
        const random = seededRandom(seed);
        const machine = fromHome ? new Machine(rules) : new Machine(rules).during(minutes(2), full);
        const before = machine.log.length;
        const threshold = (aroundEnter ? rules.enter : rules.exit).at.utilisation ?? 0;
        machine.during(minutes(10), () => ({ utilisation: threshold * (0.9 + 0.2 * random.next()) }));
        // That sessions have come home is no answer to the noise.
        const answers = machine.log.slice(before).filter(({ to }) => to !== "home");
        expect(answers.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: runs(30, 2_000) },
    );
  });

  test("so does noise that is slow: a swing of ±10 % in whole minutes", () => {
    for (const periodMs of [seconds(30), minutes(1), minutes(4)]) {
      for (const threshold of [0.9, 0.7]) {
        const machine = new Machine();
        const swing = (): number => 1 + 0.1 * Math.sin((2 * Math.PI * machine.now) / periodMs);
        machine.during(minutes(10), () => ({ utilisation: Math.min(1, threshold * swing()) }));
        expect(machine.log.length).toBeLessThanOrEqual(1);
      }
    }
  });

  test("a square wave makes exactly two a period: in, and out", () => {
    fc.assert(
      fc.property(anyRules, fc.integer({ min: 1, max: 6 }), (rules, periods) => {
        const machine = new Machine(rules);
        const onMs = rules.enter.forMs + seconds(10);
        const offMs = Math.max(rules.exit.forMs, rules.minHoldMs) + seconds(10);
        for (let period = 0; period < periods; period++) machine.during(onMs, full).during(offMs, idle);
        const answers = machine.path.filter((to) => to !== "home");
        expect(answers).toEqual(Array.from({ length: periods }, () => ["bursting", "returning"]).flat());
      }),
      { numRuns: runs(20, 2_000) },
    );
  });

  test("a burst lasts minHold, however soon the load is gone", () => {
    fc.assert(
      fc.property(anyRules, anySeed, (rules, seed) => {
        const random = seededRandom(seed);
        const machine = new Machine(rules);
        for (let spell = 0; spell < 40; spell++) {
          machine.during(random.next() * minutes(2), { utilisation: random.next() < 0.5 ? 1 : 0 });
        }
        for (const [index, { to, atMs }] of machine.log.entries()) {
          if (to !== "returning") continue;
          const beganMs = machine.log[index - 1]?.atMs ?? 0;
          expect(atMs - beganMs).toBeGreaterThanOrEqual(Math.max(rules.minHoldMs, rules.exit.forMs));
        }
      }),
      { numRuns: runs(20, 2_000) },
    );
  });
});

describe("silence and jumps of the clock prove nothing", () => {
  test("full before a long silence and full after it: the time begins anew", () => {
    const machine = new Machine().during(seconds(9), full);
    machine.now += seconds(11);
    machine.see(full);
    expect(machine.path).toEqual([]);
    expect(machine.during(seconds(9), full).path).toEqual([]);
    expect(machine.during(seconds(2), full).path).toEqual(["bursting"]);
  });

  test("idle before a long silence and idle after it, likewise", () => {
    const machine = bursting().during(seconds(50), idle);
    machine.now += seconds(61);
    machine.see(idle);
    expect(machine.path).toEqual(["bursting"]);
    expect(machine.during(seconds(59), idle).path).toEqual(["bursting"]);
    expect(machine.during(seconds(2), idle).path).toEqual(["bursting", "returning"]);
  });

  test("one look a minute never suffices for ten seconds, however long it goes on", () => {
    expect(new Machine().during(minutes(60), full, minutes(1)).path).toEqual([]);
  });

  test("rounds of probes every ten seconds suffice to return", () => {
    expect(bursting().during(minutes(2), idle, seconds(10)).path).toEqual(["bursting", "returning"]);
  });

  test("no jump, forwards or backwards, brings on a burst or ends one", () => {
    const jump = fc.oneof(
      fc.integer({ min: -minutes(600), max: -1 }),
      fc.integer({ min: seconds(60) + 1, max: minutes(600) }),
    );
    fc.assert(
      fc.property(
        jump,
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ms, inBurst, utilisation) => {
          // As long as can be without a transition, and then the jump.
          const machine = inBurst
            ? bursting().during(seconds(59), idle)
            : new Machine().during(seconds(9.9), full);
          const before = machine.path;
          machine.now += ms;
          machine.see({ utilisation });
          expect(machine.path).toEqual(before);
        },
      ),
    );
  });

  test("a burst that began in what is now the future still ends", () => {
    const machine = bursting();
    machine.now -= minutes(60);
    expect(machine.during(seconds(70), idle).path).toEqual(["bursting", "returning"]);
  });
});

test("restored from what was saved, it goes on as if nothing had happened", () => {
  fc.assert(
    fc.property(anyRules, anySeed, (rules, seed) => {
      const random = seededRandom(seed);
      const [uninterrupted, restored] = [new Machine(rules), new Machine(rules)];
      for (let spell = 0; spell < 30; spell++) {
        const utilisation = random.next() < 0.5 ? random.next() : Math.round(random.next());
        const ms = random.next() * minutes(1);
        for (const machine of [uninterrupted, restored]) machine.during(ms, { utilisation });
        const saved: BurstRecord = JSON.parse(JSON.stringify(restored.record));
        restored.record = saved;
        expect(restored.record).toEqual(uninterrupted.record);
      }
      expect(restored.log).toEqual(uninterrupted.log);
    }),
    { numRuns: runs(20, 2_000) },
  );
});

test("a moment in which home is full does not count: utilisation is smoothed over a second", () => {
  const machine = new Machine({
    ...byDefault,
    enter: { at: { utilisation: 0.5 }, forMs: 250 },
    exit: { at: { utilisation: 0.1 }, forMs: seconds(60) },
  });
  for (let round = 0; round < 50; round++) machine.during(seconds(5), idle).during(500, full);
  expect(machine.path).toEqual([]);
});
