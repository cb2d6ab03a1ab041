/** The queue of events, and the ring of deadlines. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Deadlines } from "../../../sim/engine/deadlines.ts";
import { EventQueue } from "../../../sim/engine/event-queue.ts";

describe("the event queue", () => {
  test("events come out by time, and those of one moment as they went in, however pushes and pops mix", () => {
    const steps = fc.array(fc.oneof(fc.constant("pop"), fc.integer({ min: 0, max: 5 })), { maxLength: 400 });
    fc.assert(
      fc.property(steps, (sequence) => {
        const queue = new EventQueue();
        const expected: { at: number; id: number }[] = [];
        let now = 0;
        for (const [id, step] of sequence.entries()) {
          if (typeof step === "number") {
            queue.push(now + step, 1, id);
            expected.push({ at: now + step, id });
            expected.sort((a, b) => a.at - b.at || a.id - b.id);
          } else {
            const next = expected.shift();
            expect(queue.nextAt).toBe(next?.at ?? Infinity);
            expect(queue.pop()).toBe(next !== undefined);
            if (next !== undefined) {
              expect({ at: queue.at, id: queue.first }).toEqual(next);
              now = next.at;
            }
          }
        }
        expect(queue.size).toBe(expected.length);
      }),
    );
  });
});

describe("deadlines", () => {
  test("end in the order in which they began, also when the ring has wrapped and grown", () => {
    const deadlines = new Deadlines(100);
    let taken = 0;
    for (let id = 0; id < 5000; id++) {
      deadlines.begin(id, 2 * id, id);
      if (id % 3 !== 0) continue;
      expect(deadlines.nextAt).toBe(taken + 100);
      deadlines.removeFirst();
      expect([deadlines.id, deadlines.stamp]).toEqual([taken, 2 * taken]);
      taken++;
    }
  });

  test("that never end are not kept", () => {
    const deadlines = new Deadlines(Infinity);
    deadlines.begin(1, 1, 0);
    expect(deadlines.nextAt).toBe(Infinity);
  });
});
