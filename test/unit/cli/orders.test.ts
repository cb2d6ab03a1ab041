/** What the reference autoscaler does with an order: once, in order, and only if it is Weir's. */
import { once } from "node:events";
import type { Server } from "node:http";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { orderServer } from "../../../cli/autoscaler/orders.ts";
import { signMessage, type Signing } from "../../support/sign-message.ts";

const secret = "nothing secret, for tests of orders only";

let server: Server;
let url: string;
let scaled: number[];

beforeEach(async () => {
  scaled = [];
  server = orderServer({
    secret,
    upstream: "shop",
    pool: "cloud",
    scaleTo: (instances) => scaled.push(instances),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = typeof address === "object" ? `http://127.0.0.1:${address?.port}/` : "";
});

afterEach(() => {
  server.close();
});

const order = (instances: number, orderedMs = 1) => ({
  upstream: "shop",
  pool: "cloud",
  instances,
  orderedMs,
});

async function send(
  body: object | string,
  { key = "k", ...signing }: Signing & { key?: string } = {},
): Promise<number> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { ...signMessage(text, { secret, ...signing }), "Idempotency-Key": key };
  return (await fetch(url, { method: "POST", headers, body: text })).status;
}

test("an order is carried out once, however often it comes", async () => {
  expect([await send(order(3)), await send(order(3)), await send(order(3))]).toEqual([204, 204, 204]);
  expect(scaled).toEqual([3]);
});

test("a later order takes its place, and an earlier one that comes late changes nothing", async () => {
  await send(order(3, 1), { key: "one" });
  await send(order(0, 2), { key: "two" });
  expect(await send(order(3, 1), { key: "one" })).toBe(204);
  expect(scaled).toEqual([3, 0]);
});

describe("refused, and nothing is started:", () => {
  const cases: readonly (readonly [string, () => Promise<number>, number])[] = [
    ["another's signature", () => send(order(3), { secret: "x".repeat(32) }), 403],
    ["an old one", () => send(order(3), { atMs: Date.now() - 62_000 }), 403],
    ["fewer than none", () => send(order(-1)), 400],
    ["half an instance", () => send(order(1.5)), 400],
    ["another upstream's", () => send({ ...order(3), upstream: "moon" }), 400],
    ["another pool's", () => send({ ...order(3), pool: "moon" }), 400],
    ["no order", () => send("null"), 400],
    ["no JSON", () => send("{"), 400],
    ["too much", () => send({ ...order(3), more: "x".repeat(70_000) }), 413],
  ];
  test.each(cases)("%s", async (_what, attempt, status) => {
    expect(await attempt()).toBe(status);
    expect(scaled).toEqual([]);
  });

  test("no signature at all, and no POST", async () => {
    const unsigned = await fetch(url, { method: "POST", body: JSON.stringify(order(3)) });
    expect([unsigned.status, (await fetch(url)).status]).toEqual([403, 405]);
    expect(scaled).toEqual([]);
  });
});
