/** What origins do reaches the policy: grants as starts, outcomes as completions. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { Policy } from "../../../../core/model/upstream.ts";
import type { HeldSlots } from "../../../../core/protocol/exchange.ts";
import { messagesTo } from "../../../support/message.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;

function start(policy: Policy): OneHolder {
  const config = upstream({ policy, pools: [pool("home", [origin("a"), origin("b")])] });
  return new OneHolder(new Coordinator(config, nothingSaved, now));
}

/** The origins of so many requests, one after the other. */
function inTurn(holder: OneHolder, count: number, at: number): string[] {
  return Array.from({ length: count }, () => {
    const name = holder.askedFor(at) ?? expect.fail("was not answered");
    holder.close(name, at);
    return name;
  });
}

describe("the object's policy", () => {
  test("hears how long answers took: least_time avoids the slow origin", () => {
    const holder = start({ name: "least_time", by: "header", inflight: false });
    expect(new Set(inTurn(holder, 4, now))).toEqual(new Set(["a", "b"]));
    holder.report(now, [
      { origin: "a", ok: true, headerMs: 900 },
      { origin: "b", ok: true, headerMs: 100 },
    ]);
    expect(inTurn(holder, 4, now)).toEqual(["b", "b", "b", "b"]);
  });

  test("hears of the last byte apart from the headers", () => {
    const holder = start({ name: "least_time", by: "last_byte", inflight: false });
    holder.report(now, [
      { origin: "a", ok: true, headerMs: 10, lastByteMs: 900 },
      { origin: "b", ok: true, headerMs: 100 },
    ]);
    expect(inTurn(holder, 4, now)).toEqual(["b", "b", "b", "b"]);
  });

  test("hears of starts: with inflight, a request that stays open makes its origin the slower one", () => {
    const holder = start({ name: "least_time", by: "header", inflight: true });
    const [first] = [holder.askedFor(now)];
    expect(first).toBe("a");
    expect(inTurn(holder, 3, now + 2_000)).toEqual(["b", "b", "b"]);
  });

  test.each([
    { aged: [4_000, 10], expected: "less" },
    { aged: [10, 10], expected: "as much" },
    // A holder of an earlier version does not say.
    { aged: [undefined, undefined], expected: "as much" },
  ])(
    "hears how long leased holders' requests have been open: of ages $aged the first origin gets $expected",
    ({ aged, expected }) => {
      const policy = { name: "least_time", by: "header", inflight: true } as const;
      const pools = [pool("home", [origin("a"), origin("b")])];
      const object = new Coordinator(upstream({ policy, pools, coordination: "leased" }), nothingSaved, now);
      const hears = messagesTo(object, now);
      const held = ["a", "b"].map((name, nth): HeldSlots => {
        const ageMs = aged[nth];
        return { origin: name, open: 10, forMs: 30_000, ...(ageMs !== undefined && { ageMs }) };
      });
      hears({ held });
      const { lease } = hears({ held }, now + 250);
      const [a, b] = lease?.origins.map(({ share }) => share) ?? [];
      if (expected === "less") expect(a).toBeLessThan(b! / 4);
      else expect(a).toBe(b);
    },
  );

  test("hears of failures: adaptive leaves an origin that fails most of the time, which is not enough to eject it", () => {
    const holder = start({ name: "adaptive" });
    for (let turn = 0; turn < 10; turn++) {
      holder.report(
        now,
        ["-", "-", "-", "+"].map((outcome) => ({ origin: "a", ok: outcome === "+" })),
      );
    }
    expect(inTurn(holder, 10, now)).toEqual(Array.from({ length: 10 }, () => "b"));
  });
});

test("the age of open requests is worked out only for a policy that goes by it", () => {
  const ageOf = (policy: Policy) => {
    const config = upstream({ policy, pools: [pool("home", [origin("a")])] });
    return new Coordinator(config, nothingSaved, now).statusOf("a").ageMs;
  };
  expect(ageOf({ name: "least_time", by: "header", inflight: true })).toBe(0);
  expect(ageOf({ name: "least_time", by: "header", inflight: false })).toBeUndefined();
  expect(ageOf({ name: "adaptive" })).toBeUndefined();
});
