/** The bytes of one answer: never more than the rate allows by any time, and never kept back for longer. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  isSentAtOnce,
  pieceBytesAt,
  SendPace,
  type SendRate,
} from "../../../../core/connections/send-pace.ts";

const rates: fc.Arbitrary<SendRate> = fc.record({
  bytesPerSecond: fc.constantFrom(1_000, 7_777, 200_000, 1_048_576, 10_000_000_000),
  afterBytes: fc.constantFrom(0, 1, 500_000),
});

/** What happens to an answer: the client takes so long to take a piece, or the origin so long to give one. */
const steps = fc.array(
  fc.record({
    bytes: fc.integer({ min: 1, max: 65_536 }),
    takesMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })),
    // Timers ring late.
    lateMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 50, noNaN: true })),
  }),
  { maxLength: 200 },
);

type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

interface Sent {
  readonly atMs: number;
  readonly bytes: number;
  readonly waitedMs: number;
}

/** When which pieces of an answer are sent that begins at 0, each as soon as it may be. */
function sendAll(rate: SendRate, all: readonly Step[]): Sent[] {
  const pace = new SendPace(rate, 0);
  let now = 0;
  return all.map(({ bytes: wanted, takesMs, lateMs }) => {
    const bytes = Math.min(wanted, pace.pieceBytes);
    const askedMs = now;
    for (let waitMs = pace.waitMs(now); waitMs > 0; waitMs = pace.waitMs(now)) now += waitMs + lateMs + 1e-6;
    const sent = { atMs: now, bytes, waitedMs: now - askedMs };
    pace.sent(bytes, now);
    now += takesMs;
    return sent;
  });
}

describe("an answer", () => {
  test("has at any time sent no more than comes first, what the rate brings, and one piece", () => {
    fc.assert(
      fc.property(rates, steps, (rate, all) => {
        let sum = 0;
        for (const { atMs, bytes } of sendAll(rate, all)) {
          sum += bytes;
          const most = rate.afterBytes + (rate.bytesPerSecond * atMs) / 1_000 + pieceBytesAt(rate);
          expect(sum).toBeLessThanOrEqual(most + 1e-3);
        }
      }),
    );
  });

  test("that pauses sends in any time no more than one second's bytes beside the rate", () => {
    fc.assert(
      fc.property(rates, steps, (rate, all) => {
        const sent = sendAll({ ...rate, afterBytes: 0 }, all);
        const most = (ms: number): number =>
          rate.bytesPerSecond * (ms / 1_000 + 1) + pieceBytesAt(rate) + 1e-3;
        for (const [nth, first] of sent.entries()) {
          let sum = 0;
          for (const { atMs, bytes } of sent.slice(nth)) {
            sum += bytes;
            expect(sum).toBeLessThanOrEqual(most(atMs - first.atMs));
          }
        }
      }),
    );
  });

  test("waits for a piece no longer than the piece before it is worth, so that none starves", () => {
    fc.assert(
      fc.property(rates, steps, (rate, all) => {
        const onTime = all.map((step) => ({ ...step, lateMs: 0 }));
        const worthMs = (pieceBytesAt(rate) * 1_000) / rate.bytesPerSecond;
        for (const { waitedMs } of sendAll(rate, onTime))
          expect(waitedMs).toBeLessThanOrEqual(worthMs + 1e-3);
      }),
    );
  });

  test("that is always ready is sent at the rate, however late timers ring within a second", () => {
    const rate = { bytesPerSecond: 200_000, afterBytes: 0 };
    const all = Array.from({ length: 500 }, (_, nth) => ({ bytes: 65_536, takesMs: 0, lateMs: nth % 50 }));
    const sent = sendAll(rate, all);
    const sum = sent.reduce((bytes, piece) => bytes + piece.bytes, 0);
    expect((sent.at(-1)?.atMs ?? 0) / 1_000).toBeCloseTo(sum / 200_000, 0);
  });
});

test("what comes first is sent without a wait, and counts for nothing", () => {
  const pace = new SendPace({ bytesPerSecond: 1_000, afterBytes: 10_240 }, 0);
  for (let piece = 0; piece < 10; piece++) {
    expect(pace.waitMs(0)).toBe(0);
    pace.sent(1_024, 0);
  }
  // One piece more, as of an answer without such bytes.
  expect(pace.waitMs(0)).toBe(0);
  pace.sent(1_024, 0);
  expect(pace.waitMs(0)).toBeCloseTo(1_024);
});

test.each([
  [1_000, 1_024],
  [200_000, 20_000],
  [10_000_000_000, 65_536],
])("at %i bytes a second a piece has %i bytes", (bytesPerSecond, bytes) => {
  expect(pieceBytesAt({ bytesPerSecond })).toBe(bytes);
  expect(new SendPace({ bytesPerSecond, afterBytes: 0 }, 0).pieceBytes).toBe(bytes);
});

test("a body needs no pace that is sent before the rate matters", () => {
  const rate = { bytesPerSecond: 200_000, afterBytes: 5_000 };
  expect(isSentAtOnce(25_000, rate)).toBe(true);
  expect(isSentAtOnce(25_001, rate)).toBe(false);
});

test("a clock that goes back earns nothing and costs nothing", () => {
  const pace = new SendPace({ bytesPerSecond: 1_000, afterBytes: 0 }, 1_000);
  pace.sent(1_000, 1_000);
  expect(pace.waitMs(0)).toBeCloseTo(1_000);
  expect(pace.waitMs(1_500)).toBeCloseTo(500);
});
