/** When home has had room for long enough, and whose turn it is then. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { HomeRoom } from "../../../../core/sessions/home-room.ts";
import { isComingHome } from "../../../../core/sessions/session-return.ts";

const startMs = 1_000_000;

/** Home is seen four times a second. Returns when it was seen last. */
function see(room: HomeRoom, utilisation: number, fromMs: number, forMs: number, queued = 0): number {
  for (let at = fromMs; at <= fromMs + forMs; at += 250) room.recordUse({ utilisation, queued }, at);
  return fromMs + forMs;
}

test("no session comes home before there was room for ten seconds, then more and more do, and all after another minute", () => {
  const room = new HomeRoom();
  let at = see(room, 0.5, startMs, 10_000);
  expect(room.sessionReturn(at)).toBeUndefined();
  at = see(room, 0.5, at, 15_000);
  expect(room.sessionReturn(at)?.share).toBeCloseTo(0.25);
  at = see(room, 0.5, at, 90_000);
  expect(room.sessionReturn(at)).toMatchObject({ share: 1 });
});

test("no session comes home while home is nearly full, or while requests wait for it", () => {
  for (const [utilisation, queued] of [
    [0.8, 0],
    [0.5, 1],
  ] as const) {
    const room = new HomeRoom();
    const at = see(room, utilisation, startMs, 100_000, queued);
    expect(room.sessionReturn(at)).toBeUndefined();
  }
});

test("a moment's peak ends nothing, a peak of seconds does, and the time begins anew after it", () => {
  const room = new HomeRoom();
  let at = see(room, 0.2, startMs, 40_000);
  room.recordUse({ utilisation: 1, queued: 0 }, at + 100);
  expect(room.sessionReturn(at + 100)).toBeDefined();
  at = see(room, 1, at + 350, 3_000);
  expect(room.sessionReturn(at)).toBeUndefined();
  at = see(room, 0.2, at + 250, 9_000);
  expect(room.sessionReturn(at)).toBeUndefined();
  at = see(room, 0.2, at, 5_000);
  expect(room.sessionReturn(at)).toBeDefined();
});

test("after a peak it goes on where it stood: each session's turn comes within a minute of room, however often it is interrupted", () => {
  const room = new HomeRoom();
  const sessions = Array.from({ length: 300 }, (_, nth) => ({
    session: `s-${nth}`,
    origin: "c",
    epoch: 1,
    begunMs: 1,
  }));
  const moved = new Set<string>();
  for (let step = 0; step < 8 * 100; step++) {
    const at = startMs + step * 250;
    room.recordUse({ utilisation: step % 100 < 80 ? 0.3 : 1, queued: 0 }, at);
    const sessionReturn = room.sessionReturn(at);
    if (sessionReturn === undefined) continue;
    for (const one of sessions) if (isComingHome(one, sessionReturn)) moved.add(one.session);
  }
  expect(moved.size).toBe(300);
});

test("silence breaks no time: nothing can have been started at home meanwhile", () => {
  const room = new HomeRoom();
  room.recordUse({ utilisation: 0.1, queued: 0 }, startMs);
  expect(room.sessionReturn(startMs + 100_000)).toMatchObject({ share: 1 });
});

test("whatever is seen, and whatever the clock does: a share from 0 to 1, and no session's turn while requests wait", () => {
  const look = fc.record({
    utilisation: fc.double({ min: 0, max: 1.5, noNaN: true }),
    queued: fc.constantFrom(0, 0, 0, 3),
    passedMs: fc.integer({ min: -20_000, max: 60_000 }),
  });
  fc.assert(
    fc.property(fc.array(look, { maxLength: 60 }), (looks) => {
      const room = new HomeRoom();
      let at = startMs;
      for (const { utilisation, queued, passedMs } of looks) {
        at += passedMs;
        room.recordUse({ utilisation, queued }, at);
        const sessionReturn = room.sessionReturn(at);
        if (queued > 0) expect(sessionReturn).toBeUndefined();
        if (sessionReturn === undefined) continue;
        const { share, from = 0 } = sessionReturn;
        expect(share > 0 && share <= 1 && from >= 0 && from < 1).toBe(true);
      }
    }),
  );
});
