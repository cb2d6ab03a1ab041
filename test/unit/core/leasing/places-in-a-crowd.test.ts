/** How the places of a queue are parted among holders in a crowd. */
import { expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { LineTerms } from "../../../../core/protocol/lease.ts";
import { messagesTo } from "../../../support/message.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const length = 40;

/** What holders are told when home is full, requests are too many to be asked for, and so many messages have come within a second. */
function lineAfter(messages: number): LineTerms | undefined {
  const shop = upstream({
    pools: [pool("home", [origin("a", { maxConns: 10 })])],
    coordination: "leased",
    queue: { length, timeoutMs: 60_000, priority: "normal" },
  });
  const hears = messagesTo(new Coordinator(shop, nothingSaved, now), now);
  const outcomes = [{ origin: "a", ok: true, count: 900, headerMs: [10], lastByteMs: [10] }];
  const held = [{ origin: "a", open: 5, forMs: 30_000 }];
  const needs = { held, usual: 9, most: 9 };
  for (const count of [0, 900]) {
    const started = [{ origin: "a", count }];
    for (const holder of ["h1", "h2"]) hears({ holder, ...needs, started, outcomes });
  }
  for (let nth = 0; nth < messages; nth++) hears({ holder: `h${1 + (nth % 2)}`, ...needs });
  const { lease } = hears({ holder: "h1", ...needs });
  return lease?.closed.find((closed) => closed.pool === "home")?.line;
}

test("by slots while requests may ask the object for a place", () => {
  const line = lineAfter(10);
  expect(line).toMatchObject({ lengthPerSlot: length / 10, mayAsk: true });
  expect(line?.lengthPerHolder).toBeUndefined();
});

test("by holders, too, while the object gets too many messages for that", () => {
  const line = lineAfter(600);
  expect(line).toMatchObject({ lengthPerSlot: length / 10, lengthPerHolder: length / 2 });
  expect(line?.mayAsk).toBeUndefined();
});
