/** When the object is asked again after it has not answered: seldom, and by one message at a time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Reach } from "../../../../core/holder/reach.ts";

const now = 1_000_000;
const deadlineMs = 250;
const random = { next: () => 0.5 };

/** Loses a probe as soon as one is due, so often; returns when each of them was sent. */
function probes(count: number): number[] {
  const reach = new Reach();
  reach.recordLoss(now, now, random);
  const sent: number[] = [];
  for (let at = now; sent.length < count; at += 10) {
    if (!reach.isProbeDue(deadlineMs, at)) continue;
    sent.push(at);
    reach.recordLoss(at, at + deadlineMs, random);
  }
  return sent;
}

describe("reach", () => {
  test("is good until a message is lost, and again with the first answer", () => {
    const reach = new Reach();
    expect([reach.isGood, reach.isProbeDue(deadlineMs, now)]).toEqual([true, false]);
    reach.recordLoss(now - deadlineMs, now, random);
    expect(reach.isGood).toBe(false);
    reach.recordAnswer(now);
    expect([reach.isGood, reach.isProbeDue(deadlineMs, now + 60_000)]).toEqual([true, false]);
  });

  test("lets requests ask again when a message to find out has been due for four seconds, and none was sent", () => {
    const reach = new Reach();
    reach.recordLoss(now - deadlineMs, now, { next: () => 1 });
    const dueMs = now + 250;
    expect([reach.mayAsk(dueMs + 3_999), reach.mayAsk(dueMs + 4_000)]).toEqual([false, true]);
    reach.isProbeDue(deadlineMs, dueMs + 4_000);
    expect(reach.mayAsk(dueMs + 4_000)).toBe(false);
    reach.recordAnswer(now);
    expect(reach.mayAsk(now)).toBe(true);
  });

  test("leaves the object alone for longer each time, but not for ever", () => {
    const sent = probes(20);
    const pauses = sent.slice(1).map((at, index) => at - sent[index]!);
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(pauses[index - 1] ?? deadlineMs);
    }
    expect(pauses.at(-1)).toBeGreaterThan(4 * pauses[0]!);
    expect(pauses.at(-1)).toBeLessThanOrEqual(10_000);
  });

  test("starts over with a short pause after an answer", () => {
    const reach = new Reach();
    for (let nth = 0; nth < 10; nth++) reach.recordLoss(now + nth * 10_000, now + nth * 10_000, random);
    reach.recordAnswer(now);
    const later = now + 200_000;
    reach.recordLoss(later, later, random);
    expect(reach.isProbeDue(deadlineMs, later + 1_000)).toBe(true);
  });

  test("lets one message at a time find out: no other is told to while it may be answered", () => {
    const reach = new Reach();
    reach.recordLoss(now, now, random);
    const due = now + 10_000;
    expect(reach.isProbeDue(deadlineMs, due)).toBe(true);
    expect(reach.isProbeDue(deadlineMs, due)).toBe(false);
    expect(reach.isProbeDue(deadlineMs, due + deadlineMs - 1)).toBe(false);
    // It may never have been sent: its request died.
    expect(reach.isProbeDue(deadlineMs, due + deadlineMs)).toBe(true);
  });

  test("takes messages that were under way together for one failure", () => {
    const [one, many] = [new Reach(), new Reach()];
    one.recordLoss(now, now + deadlineMs, random);
    for (let nth = 0; nth < 50; nth++) many.recordLoss(now + nth, now + deadlineMs + nth, random);
    const dueAt = (reach: Reach): number => {
      let at = now + deadlineMs;
      while (!reach.isProbeDue(deadlineMs, at)) at++;
      return at;
    };
    expect(dueAt(many)).toBe(dueAt(one));
  });

  test("spreads the returns of many over at least half of the pause", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (chance) => {
        const reach = new Reach();
        reach.recordLoss(now, now, { next: () => chance });
        expect(reach.isProbeDue(deadlineMs, now + 100)).toBe(false);
        expect(reach.isProbeDue(deadlineMs, now + 1_000)).toBe(true);
      }),
    );
    const dueWith = (chance: number): number => {
      const reach = new Reach();
      reach.recordLoss(now, now, { next: () => chance });
      let at = now;
      while (!reach.isProbeDue(deadlineMs, at)) at++;
      return at - now;
    };
    expect(dueWith(0.999)).toBeGreaterThan(1.9 * dueWith(0));
  });
});
