/** Which connection a request has by `connection` and by what has become of requests before it. */
import { describe, expect, test } from "vitest";

import type { OriginConfig } from "../../../../worker/config/sections/origin.ts";
import {
  gotNoAnswer,
  gotThrough,
  wayTo,
  type Traveller,
} from "../../../../worker/transport/connection-ways.ts";

const origin = (more: Partial<OriginConfig> = {}): OriginConfig => ({
  name: "a",
  url: "http://10.0.0.1",
  weight: 1,
  backup: false,
  via: "fetch",
  connection: "reuse",
  ...more,
});

const get: Traveller = { isRepeatable: true, afterReset: false, logsIn: false };
const post: Traveller = { ...get, isRepeatable: false };

const byFetch = { kind: "fetch" };
const own = { kind: "own", close: true, watch: false };

describe('with connection: "reuse", on workerd', () => {
  test("every request goes by fetch while the origin answers", () => {
    for (const request of [get, post]) expect(wayTo(origin(), "workerd", request, 0)).toEqual(byFetch);
  });

  test("what cannot be sent twice has a connection of its own from a failure until one such is answered", () => {
    const shop = origin();
    gotNoAnswer(shop, 100);
    expect(wayTo(shop, "workerd", post, 101)).toEqual(own);
    expect(wayTo(shop, "workerd", get, 101)).toEqual(byFetch);
    gotThrough(shop, 99);
    expect(wayTo(shop, "workerd", post, 102)).toEqual(own);
    gotThrough(shop, 101);
    expect(wayTo(shop, "workerd", post, 103)).toEqual(byFetch);
  });

  test("the failure of one origin is not another one's", () => {
    const [shop, other] = [origin(), origin()];
    gotNoAnswer(shop, 100);
    expect(wayTo(other, "workerd", post, 101)).toEqual(byFetch);
  });
});

test.each([
  ["at the edge", origin(), "edge"],
  ["through a binding", origin({ via: { binding: "VPC" } }), "workerd"],
] as const)("%s no failure changes the way: no such connection is to be had", (_, shop, platform) => {
  gotNoAnswer(shop, 100);
  expect(wayTo(shop, platform, post, 101)).toEqual(byFetch);
});
