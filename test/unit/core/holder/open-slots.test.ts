/** The table of open requests, held against a plain list of them. */
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
            const added = slots.add(act.origin, at + act.forMs);
            all.push(added);
            open.add(added);
          } else if (slot !== undefined) {
            const goesOn = act.kind === "prolong" && !closed.has(slot) && at + act.forMs > slot.untilMs;
            const was = act.kind === "close" ? open.has(slot) : goesOn;
            const did = act.kind === "close" ? slots.close(slot) : slots.prolong(slot, at + act.forMs);
            expect(did).toBe(was);
            if (goesOn) open.add(slot);
            if (act.kind === "close") {
              open.delete(slot);
              closed.add(slot);
            }
          }
          slots.prune(at);
          open = new Set([...open].filter(({ untilMs }) => untilMs > at));
          expect(slots.size).toBe(open.size);
          for (const origin of ["a", "b"]) {
            const mine = [...open].filter((slot) => slot.origin === origin);
            expect(slots.on(origin)).toBe(mine.length);
            const declared = slots.declare(at).filter((held) => held.origin === origin);
            expect(declared.reduce((sum, held) => sum + held.open, 0)).toBe(mine.length);
          }
        }
      }),
    );
  });

  test("are declared for no less than they last, and for less than a step more", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1 }), (lengths) => {
        const slots = new OpenSlots();
        for (const forMs of lengths) slots.add("a", now + forMs);
        const declared = slots
          .declare(now)
          .flatMap(({ open, forMs }) => Array.from({ length: open }, () => forMs));
        const sorted = lengths.toSorted((a, b) => a - b);
        for (const [index, forMs] of declared.toSorted((a, b) => a - b).entries()) {
          expect(forMs).toBeGreaterThanOrEqual(sorted[index]!);
          expect(forMs).toBeLessThan(sorted[index]! + stepMs);
        }
      }),
    );
  });

  test("take a message as many entries as there are steps, however many they are", () => {
    const slots = new OpenSlots();
    for (let nth = 0; nth < 10_000; nth++) slots.add("a", now + (nth % 30_000));
    expect(slots.declare(now).length).toBeLessThanOrEqual(7);
  });
});
