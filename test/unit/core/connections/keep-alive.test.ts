/** What is learnt of an origin's connections, and which way requests go for it. */
import { describe, expect, test } from "vitest";

import { KeepAlive } from "../../../../core/connections/keep-alive.ts";

const get = { isRepeatable: true, afterReset: false };
const post = { isRepeatable: false, afterReset: false };

const own = { kind: "own", close: true, watch: false };
const watched = { kind: "own", close: false, watch: true };
const reused = { kind: "reused" };

describe("of an origin that is not known", () => {
  test("one connection at a time is watched, and all requests have one of their own", () => {
    const origin = new KeepAlive();
    expect(origin.wayFor(post, 0)).toEqual(watched);
    expect(origin.wayFor(get, 1)).toEqual(own);
    expect(origin.wayFor(post, 29_999)).toEqual(own);
  });

  test("another connection is watched when nothing was seen on the first, or nothing has been heard of it", () => {
    const origin = new KeepAlive();
    origin.wayFor(get, 0);
    expect(origin.seen("nothing")).toBe(false);
    expect(origin.wayFor(get, 1)).toEqual(watched);
    expect(origin.wayFor(get, 30_001)).toEqual(watched);
  });
});

describe.each(["stayed", "announced"] as const)(
  "of an origin whose connection was seen to have %s",
  (evidence) => {
    const known = (): KeepAlive => {
      const origin = new KeepAlive();
      origin.wayFor(get, 0);
      expect(origin.seen(evidence)).toBe(false);
      return origin;
    };

    test("connections are used again, but never for what cannot be sent twice, nor behind a reset", () => {
      const origin = known();
      expect(origin.wayFor(get, 1)).toEqual(reused);
      expect(origin.wayFor(post, 1)).toEqual(own);
      expect(origin.wayFor({ ...get, afterReset: true }, 1)).toEqual(own);
    });

    test("nothing is known any more when a connection is lost", () => {
      const origin = known();
      origin.lost();
      expect(origin.wayFor(get, 1)).toEqual(watched);
    });
  },
);

describe("of an origin that closes connections without saying so", () => {
  test("that is news once, and no connection is used again", () => {
    const origin = new KeepAlive();
    origin.wayFor(get, 0);
    expect(origin.seen("closed")).toBe(true);
    expect(origin.seen("closed")).toBe(false);
    origin.seen("nothing");
    for (const passenger of [get, post]) expect(origin.wayFor(passenger, 1_000_000)).toEqual(own);
  });

  test("nothing is known any more when it refuses a connection: it may come back as another", () => {
    const origin = new KeepAlive();
    origin.seen("closed");
    origin.lost();
    expect(origin.wayFor(get, 1)).toEqual(watched);
  });
});
