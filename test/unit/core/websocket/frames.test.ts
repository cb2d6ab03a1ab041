/** Following frames by their headers, however the bytes are cut; and the frames of Weir's own, as a library reads them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { closeFrame, FrameTracker, pingFrame } from "../../../../core/websocket/frames.ts";

interface Frame {
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly payload: number;
}

/** RFC 6455 §5.2, by the book. */
function bytesOf({ opcode, isMasked, payload }: Frame): Uint8Array {
  const mask = isMasked ? 0x80 : 0;
  const length =
    payload < 126
      ? [mask | payload]
      : payload < 65_536
        ? [mask | 126, payload >> 8, payload & 0xff]
        : [mask | 127, 0, 0, 0, 0, 0, payload >> 16, (payload >> 8) & 0xff, payload & 0xff];
  const head = [0x80 | opcode, ...length];
  const bytes = new Uint8Array(head.length + (isMasked ? 4 : 0) + payload).fill(0x88);
  bytes.set(head);
  return bytes;
}

const frame = (opcodes: readonly number[]): fc.Arbitrary<Frame> =>
  fc.record({
    opcode: fc.constantFrom(...opcodes),
    isMasked: fc.boolean(),
    payload: fc.oneof(fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536), fc.nat(300)),
  });

const joined = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** The ends of frames, counted from the first byte. */
function endsOf(frames: readonly Frame[]): number[] {
  let at = 0;
  return frames.map((one) => (at += bytesOf(one).byteLength));
}

test("the end of the last frame in each piece is found, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(frame([0, 1, 2, 9, 10]), { maxLength: 6 }),
      fc.array(fc.nat(1_000), { maxLength: 40 }),
      (frames, sizes) => {
        const bytes = joined(frames.map(bytesOf));
        const ends = endsOf(frames);
        const tracker = new FrameTracker();
        const cuts = [...sizes, bytes.byteLength];
        let at = 0;
        for (const size of cuts) {
          const piece = bytes.subarray(at, at + size);
          const last = ends.findLast((end) => end > at && end <= at + piece.byteLength);
          expect(tracker.push(piece)).toBe(last === undefined ? 0 : last - at);
          at += piece.byteLength;
          expect(tracker.isBetweenFrames).toBe(at === 0 || ends.includes(at));
        }
        expect(tracker.hasClose).toBe(false);
      },
    ),
    { numRuns: 200 },
  );
});

test("a Close is seen where it stands, and nothing that looks like one within a payload", () => {
  fc.assert(
    fc.property(
      fc.array(frame([0, 1, 2, 9, 10]), { maxLength: 4 }),
      frame([8]),
      fc.nat(9),
      (before, close, size) => {
        const tracker = new FrameTracker();
        for (const one of before) tracker.push(bytesOf(one));
        expect(tracker.hasClose).toBe(false);
        const bytes = bytesOf({ ...close, payload: Math.min(close.payload, 125) });
        for (let at = 0; at < bytes.byteLength; at += size + 1)
          tracker.push(bytes.subarray(at, at + size + 1));
        expect(tracker.hasClose).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test("a frame of any length costs no more than its header", () => {
  const tracker = new FrameTracker();
  // 2^53 bytes are announced.
  tracker.push(Uint8Array.of(0x82, 0x7f, 0, 0x20, 0, 0, 0, 0, 0, 0));
  for (let pieces = 0; pieces < 100; pieces++) expect(tracker.push(new Uint8Array(65_536))).toBe(0);
  expect(tracker.isBetweenFrames).toBe(false);
});

describe("a frame of Weir's own", () => {
  test("to a client is not masked", () => {
    expect([...closeFrame(1014, undefined)]).toEqual([0x88, 2, 0x03, 0xf6]);
    expect([...pingFrame(undefined)]).toEqual([0x89, 0]);
  });

  test("to an origin is masked", () => {
    expect([...closeFrame(1014, Uint8Array.of(1, 2, 3, 4))]).toEqual([0x88, 0x82, 1, 2, 3, 4, 0x02, 0xf4]);
    expect([...pingFrame(Uint8Array.of(1, 2, 3, 4))]).toEqual([0x89, 0x80, 1, 2, 3, 4]);
  });
});
