/** What a pool has learnt, through changes of the configuration. */
import { describe, expect, test } from "vitest";

import { Balancers } from "../../../../core/selection/balancers.ts";
import type { Policy } from "../../../../core/model/upstream.ts";
import { origin, pool } from "../../../support/upstream.ts";

const policy: Policy = { name: "least_time", by: "header", inflight: false };
const home = pool("home", [origin("a"), origin("b")]);
const cloud = pool("cloud", [origin("c")]);

/** Balancers that have seen `a` answer in 800 ms. */
function experienced(): Balancers {
  const balancers = new Balancers({ policy, pools: [home, cloud] });
  balancers.signalOf("a")?.recordCompletion("a", { ok: true, headerMs: 800 }, 0);
  return balancers;
}

const loadOf = (balancers: Balancers, name: string): number | undefined =>
  balancers.signalOf(name)?.load(name, 0, 0);

describe("a new configuration", () => {
  test("keeps what is known of origins that stay, and forgets those that go", () => {
    const next = new Balancers({ policy, pools: [pool("home", [origin("a"), origin("d")])] }, experienced());
    expect(loadOf(next, "a")).toBe(820);
    expect(loadOf(next, "d")).toBe(20);
    expect(next.signalOf("b")).toBeUndefined();
    expect(next.signalOf("c")).toBeUndefined();
    expect(next.policyOf("cloud")).toBeUndefined();
  });

  test("with another policy begins anew", () => {
    const other: Policy = { ...policy, by: "last_byte" };
    expect(loadOf(new Balancers({ policy: other, pools: [home] }, experienced()), "a")).toBe(20);
  });
});

test("pools are measured apart", () => {
  const balancers = experienced();
  expect(balancers.signalOf("a")).toBe(balancers.signalOf("b"));
  expect(balancers.signalOf("a")).not.toBe(balancers.signalOf("c"));
  expect(balancers.policyOf("home")).not.toBe(balancers.policyOf("cloud"));
});
