/** "Full" only by slots that perhaps no request has: an upstream that would rather exceed than fail goes on then. */
import { expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { ExchangeMessage } from "../../../../core/protocol/exchange.ts";
import { messagesTo } from "../../../support/message.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const shop = upstream({ pools: [pool("home", [origin("a", { maxConns: 1 })])] });

function start() {
  const coordinator = new Coordinator(shop, nothingSaved, now);
  const hears = messagesTo(coordinator, now);
  return (holder: string, parts: Partial<ExchangeMessage> = {}, at = now) =>
    hears({ holder, ...parts }, at).pick;
}

const want = { tried: [] };

test("a grant that perhaps was not taken is no reason to fail, once holders have had to go on alone", () => {
  const hears = start();
  expect(hears("h1", { want })).toMatchObject({ kind: "granted" });
  expect(hears("h2", { want })).toEqual({ kind: "unavailable", why: "full" });
  hears("h3", { recovering: true });
  expect(hears("h2", { want })).toEqual({ kind: "unavailable", why: "full", assumed: true });
});

test("a request that was declared is open for certain, whatever happened", () => {
  const hears = start();
  hears("h1", { held: [{ origin: "a", open: 1, forMs: 30_000 }], recovering: true });
  expect(hears("h2", { want })).toEqual({ kind: "unavailable", why: "full" });
});

test("the doubt does not last: ten seconds later a grant is a grant again", () => {
  const hears = start();
  hears("h1", { want });
  hears("h3", { recovering: true });
  expect(hears("h2", { want }, now + 10_001)).toEqual({ kind: "unavailable", why: "full" });
});

test("what is granted after everyone has come back is no matter of doubt", () => {
  const hears = start();
  hears("h3", { recovering: true });
  expect(hears("h1", { want }, now + 1)).toMatchObject({ kind: "granted" });
  expect(hears("h2", { want }, now + 2)).toEqual({ kind: "unavailable", why: "full" });
});
