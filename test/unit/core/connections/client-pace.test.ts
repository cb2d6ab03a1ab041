/** How slow a client may be: a pause and a trickle have one bound, whatever was sent before. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ClientPace, wholeBodyMs } from "../../../../core/connections/client-pace.ts";

const limits = { idleMs: 30_000, leastBytesPerSecond: 500 };

/** How long a client goes on that sends so many bytes each time, so far apart; at most an hour. */
function lastsMs(pace: ClientPace, bytes: number, everyMs: number): number {
  let now = 0;
  while (now < 3_600_000 && pace.leftMs >= everyMs) {
    now += everyMs;
    pace.took(bytes, everyMs);
  }
  return now + Math.min(pace.leftMs, everyMs);
}

describe("a client is given up", () => {
  test.each([
    ["that sends nothing", 0, 1_000, 30_000],
    ["that sends a byte every 15 s", 1, 15_000, 30_002],
    ["that sends half of what it should", 250, 1_000, 59_500],
  ])("%s", (_, bytes, everyMs, untilMs) => {
    expect(lastsMs(new ClientPace(limits), bytes, everyMs)).toBeCloseTo(untilMs, -3);
  });

  test("as soon as that after any amount that it sent before at once", () => {
    const pace = new ClientPace(limits);
    pace.took(1_000_000_000, 0);
    expect(lastsMs(pace, 1, 15_000)).toBeLessThan(45_000);
  });
});

test("a client that keeps the least rate goes on, however it is cut into pieces", () => {
  const pieces = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 100_000 }), late: fc.nat(100) }));
  fc.assert(
    fc.property(pieces, (sent) => {
      const pace = new ClientPace(limits);
      for (const { bytes } of sent) {
        // In the time that its bytes are worth, and never longer than a pause may be.
        const waitedMs = Math.min((bytes * 1_000) / 500, 29_999);
        expect(pace.leftMs).toBeGreaterThanOrEqual(waitedMs);
        pace.took(bytes, waitedMs);
      }
    }),
  );
});

test("time in which the client was not waited for costs it nothing", () => {
  const pace = new ClientPace(limits);
  for (let piece = 0; piece < 1_000; piece++) pace.took(1, 0);
  expect(pace.leftMs).toBe(30_000);
});

test("without a least rate only a pause ends it", () => {
  const pace = new ClientPace({ ...limits, leastBytesPerSecond: 0 });
  expect(lastsMs(pace, 1, 29_000)).toBeGreaterThanOrEqual(3_600_000);
  pace.took(1, 0);
  expect(lastsMs(pace, 1, 31_000)).toBe(30_000);
});

test("a body that is read in one has as long as its length is worth, and ten minutes at most", () => {
  expect(wholeBodyMs(0, limits)).toBe(30_000);
  expect(wholeBodyMs(50_000, limits)).toBe(130_000);
  expect(wholeBodyMs(50_000, { ...limits, leastBytesPerSecond: 1 })).toBe(600_000);
  expect(wholeBodyMs(1, { ...limits, leastBytesPerSecond: 0 })).toBe(600_000);
});
