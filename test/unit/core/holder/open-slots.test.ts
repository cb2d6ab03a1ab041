/** The table of open requests, held against a plain list of them; and what a message says of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { OpenSlots, type Slot } from "../../../../core/holder/open-slots.ts";

const now = 1_000_000;
const stepMs = 5_000;

const act = fc.oneof(
  fc.record({
    kind: fc.constant("add"),
    origin: fc.constantFrom("a", "b"),
    forMs: fc.integer({ min: 1, max: 60_000 }),
  }),
  fc.record({ kind: fc.constant("close"), nth: fc.nat(20) }),
  fc.record({ kind: fc.constant("prolong"), nth: fc.nat(20), forMs: fc.integer({ min: 1, max: 60_000 }) }),
  fc.record({ kind: fc.constant("wait"), ms: fc.nat(20_000) }),
) as fc.Arbitrary<
  | { kind: "add"; origin: string; forMs: number }
  | { kind: "close"; nth: number }
  | { kind: "prolong"; nth: number; forMs: number }
  | { kind: "wait"; ms: number }
>;

describe("open slots", () => {
  test("are those that were added or go on, less those that were closed or whose time is over", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const slots = new OpenSlots();
        const all: Slot[] = [];
        const closed = new Set<Slot>();
        let open = new Set<Slot>();
        let at = now;
        for (const act of acts) {
          const slot = "nth" in act ? all[act.nth] : undefined;
          if (act.kind === "wait") at += act.ms;
          else if (act.kind === "add") {
            const added = slots.open(act.origin, at + act.forMs, at);
            all.push(added);
            open.add(added);
          } else if (slot !== undefined) {
            const goesOn = act.kind === "prolong" && !closed.has(slot) && at + act.forMs > slot.untilMs;
            const was = act.kind === "close" ? open.has(slot) : goesOn;
            const did = act.kind === "close" ? slots.close(slot, at) : slots.prolong(slot, at + act.forMs);
            expect(did).toBe(was);
            if (goesOn) open.add(slot);
            if (act.kind === "close") {
              open.delete(slot);
              closed.add(slot);
            }
          }
          const { held } = slots.declare(at, 0);
          open = new Set([...open].filter(({ untilMs }) => untilMs > at));
          expect(slots.size).toBe(open.size);
          for (const origin of ["a", "b"]) {
            const mine = [...open].filter((slot) => slot.origin === origin);
            expect(slots.on(origin)).toBe(mine.length);
            const declared = held.filter((slots) => slots.origin === origin);
            expect(declared.reduce((sum, { open }) => sum + open, 0)).toBe(mine.length);
          }
        }
      }),
    );
  });

  test("are declared for no less than they last, and for less than a step more", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1 }), (lengths) => {
        const slots = new OpenSlots();
        for (const forMs of lengths) slots.open("a", now + forMs, now);
        const declared = slots
          .declare(now, 0)
          .held.flatMap(({ open, forMs }) => Array.from({ length: open }, () => forMs));
        const sorted = lengths.toSorted((a, b) => a - b);
        for (const [index, forMs] of declared.toSorted((a, b) => a - b).entries()) {
          expect(forMs).toBeGreaterThanOrEqual(sorted[index]!);
          expect(forMs).toBeLessThan(sorted[index]! + stepMs);
        }
      }),
    );
  });

  test("are declared with how long they have been open on average, also when they are prolonged", () => {
    const slots = new OpenSlots();
    const [first] = [slots.open("a", now + 5_000, now), slots.open("a", now + 5_000, now + 400)];
    const agesAt = (at: number) => slots.declare(at, 0).held.map(({ open, ageMs }) => [open, ageMs]);
    expect(agesAt(now + 1_000)).toEqual([[2, 800]]);
    slots.prolong(first, now + 60_000);
    expect(agesAt(now + 2_000)).toEqual([
      [1, 1_600],
      [1, 2_000],
    ]);
    slots.close(first, now + 2_000);
    expect(agesAt(now + 2_001)).toEqual([[1, 1_601]]);
  });

  test("take a message as many entries as there are steps, however many they are", () => {
    const slots = new OpenSlots();
    for (let nth = 0; nth < 10_000; nth++) slots.open("a", now + (nth % 30_000), now);
    expect(slots.declare(now, 0).held.length).toBeLessThanOrEqual(7);
  });
});

describe("a message", () => {
  test("declares what is open by origin and deadline, in steps of five seconds, rounded up", () => {
    const slots = new OpenSlots();
    for (const forMs of [4_000, 5_000, 5_001]) slots.open("a", now + forMs, now);
    slots.open("b", now + 30_000, now);
    expect(slots.declare(now, 0).held).toEqual([
      { origin: "a", open: 2, forMs: 5_000, ageMs: 0 },
      { origin: "a", open: 1, forMs: 10_000, ageMs: 0 },
      { origin: "b", open: 1, forMs: 30_000, ageMs: 0 },
    ]);
  });

  test("counts requests that wait as needed slots: else a holder that has few would never have more", () => {
    const slots = new OpenSlots();
    expect(slots.declare(now, 0).usual).toBeUndefined();
    expect(slots.declare(now, 3).usual).toBe(3);
  });

  test("names what was started without asking, which is counted for ever", () => {
    const slots = new OpenSlots();
    slots.close(slots.start("a", now + 30_000, now), now);
    slots.start("a", now + 30_000, now);
    slots.open("a", now + 30_000, now);
    for (let nth = 0; nth < 2; nth++) {
      expect(slots.declare(now, 0)).toMatchObject({
        started: [{ origin: "a", count: 2 }],
        held: [{ origin: "a", open: 2 }],
      });
    }
  });

  test("names the sessions of that, each once, and not of any number of them", () => {
    const slots = new OpenSlots();
    for (let nth = 0; nth < 1_000; nth++) slots.start("a", now + 30_000, now, `${nth}`);
    expect(slots.declare(now, 0).sessions?.length).toBe(256);
    expect(slots.declare(now, 0).sessions).toBeUndefined();
  });
});

describe("a slot", () => {
  test("that is not closed falls out at its deadline", () => {
    const slots = new OpenSlots();
    slots.open("a", now + 30_000, now);
    expect(slots.declare(now + 29_999, 0).held).toMatchObject([{ origin: "a", open: 1, forMs: 1 }]);
    expect([slots.declare(now + 30_000, 0).held, slots.size]).toEqual([[], 0]);
  });

  test("of a stream is open until its new deadline, and again if it fell out meanwhile; not once it is closed", () => {
    const slots = new OpenSlots();
    const [stream, late] = [slots.open("a", now + 30_000, now), slots.open("a", now + 30_000, now)];
    slots.prolong(stream, now + 60_000);
    expect(slots.declare(now + 30_000, 0).held).toMatchObject([{ origin: "a", open: 1, forMs: 30_000 }]);
    slots.prolong(late, now + 90_000);
    expect(slots.size).toBe(2);
    slots.declare(now + 90_000, 0);
    slots.close(late, now + 90_000);
    slots.prolong(late, now + 120_000);
    expect(slots.size).toBe(0);
  });
});
