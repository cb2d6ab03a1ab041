/** Those who wait for slots are part of what a holder says that it needs: else whoever has few slots would never have more. */
import { expect, test } from "vitest";

import { Holdings } from "../../../../core/holder/holdings.ts";

const now = 1_000_000;
const version = { order: 1, hash: "a" };
const untilMs = now + 30_000;

test("requests that wait at the holder count as needed slots", () => {
  const holdings = new Holdings("isolate-1");
  expect(holdings.message(version, now, { untilMs }).usual).toBeUndefined();
  expect(holdings.message(version, now, { untilMs, waitingHere: 3 }).usual).toBe(3);
});

test("asks that wait in the object's queue count as needed slots, until they are given up", () => {
  const holdings = new Holdings("isolate-1");
  const { seq } = holdings.message(version, now, { untilMs, want: { tried: [] } });
  const pick = { kind: "queued", forMs: 5_000 } as const;
  holdings.hear({ epoch: 1, outcomesSeen: 0, mode: "strict", pick }, { seq, sentMs: now });
  expect(holdings.message(version, now, { untilMs }).usual).toBe(1);
  holdings.giveUp(seq);
  expect(holdings.message(version, now, { untilMs }).usual).toBeUndefined();
});
