/** Another configuration of the same upstream: what stays, what begins anew, what is never picked again. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { Origin, Upstream } from "../../../../core/model/upstream.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved, savedAfter } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;

/** One pool of these origins. */
function shopOf(...origins: readonly Origin[]): Upstream {
  return upstream({
    policy: { name: "round_robin" },
    pools: [pool("home", origins)],
    sticky: { cookie: "weir", ttlMs: 3_600_000, idleMs: 600_000, path: "/", homecoming: true },
  });
}

const limited = (name: string): Origin => origin(name, { maxConns: 2 });

function start(config: Upstream) {
  const coordinator = new Coordinator(config, nothingSaved, now);
  return { coordinator, holder: new OneHolder(coordinator) };
}

const pinTo = (origin: string) => ({ pin: { session: "s1", origin, epoch: 1 } });

describe("of origins that stay", () => {
  test("slots stay in use", () => {
    const { coordinator, holder } = start(shopOf(limited("a")));
    holder.ask(now);
    coordinator.reconfigure(shopOf(limited("a"), limited("b")), now);
    expect([1, 2, 3, 4].map(() => holder.askedFor(now))).toEqual(["a", "b", "b", "unavailable"]);
  });

  test("health stays as it is", () => {
    const { coordinator } = start(shopOf(origin("a"), origin("b")));
    for (let round = 0; round < 3; round++) {
      coordinator.probed([{ origin: "a", good: false, evidence: "503" }], now);
    }
    coordinator.reconfigure(shopOf(origin("c"), origin("a")), now);
    expect(coordinator.statusOf("a").healthy).toBe(false);
    expect(coordinator.statusOf("c").healthy).toBe(true);
  });

  test("orders stay in force, also over a configuration without the origin", () => {
    const { coordinator, holder } = start(shopOf(origin("a"), origin("b")));
    coordinator.drains.operate("a", "drain", now);
    coordinator.reconfigure(shopOf(origin("b")), now);
    coordinator.reconfigure(shopOf(origin("b"), origin("a")), now);
    expect(coordinator.statusOf("a").operator).toBe("draining");
    expect([holder.askedFor(now), holder.askedFor(now)]).toEqual(["b", "b"]);
  });

  test("sessions stay bound", () => {
    const { coordinator, holder } = start(shopOf(origin("a"), origin("b")));
    holder.ask(now, pinTo("b"));
    coordinator.reconfigure(shopOf(origin("b"), origin("c")), now);
    expect(coordinator.view(now).pools[0]?.origins[0]).toMatchObject({ name: "b", sessions: 1 });
    expect(holder.ask(now, pinTo("b")).pick).toMatchObject({ origin: "b", pin: "kept" });
  });
});

describe("the new configuration holds at once:", () => {
  test("limits", () => {
    const { coordinator, holder } = start(shopOf(origin("a")));
    for (let request = 0; request < 5; request++) holder.ask(now);
    coordinator.reconfigure(shopOf(origin("a", { maxConns: 5 })), now);
    expect(holder.askedFor(now)).toBe("unavailable");
    holder.close("a", now);
    expect(holder.askedFor(now)).toBe("a");
  });

  test("limits, over an eviction too: what was open before there was a limit is not forgotten", () => {
    const { coordinator, holder } = start(shopOf(origin("a")));
    const saved = savedAfter(holder.ask(now).rows, holder.ask(now).rows);
    coordinator.reconfigure(shopOf(limited("a")), now);
    const restored = new Coordinator(shopOf(limited("a")), saved, now);
    expect(new OneHolder(restored, "isolate-2").askedFor(now)).toBe("unavailable");
  });

  test("weights and policy", () => {
    const { coordinator, holder } = start(shopOf(origin("a"), origin("b")));
    coordinator.reconfigure(shopOf(origin("a", { weight: 3 }), origin("b")), now);
    const picks = Array.from({ length: 8 }, () => holder.askedFor(now));
    expect(picks.filter((name) => name === "a")).toHaveLength(6);
    coordinator.reconfigure({ ...shopOf(origin("a"), origin("b")), policy: { name: "ip_hash" } }, now);
    expect(new Set(Array.from({ length: 8 }, () => holder.askedFor(now, { key: "client" }))).size).toBe(1);
  });

  test("a session of an origin that is gone moves", () => {
    const { coordinator, holder } = start(shopOf(origin("a"), origin("b")));
    coordinator.reconfigure(shopOf(origin("b")), now);
    expect(holder.ask(now, pinTo("a")).pick).toMatchObject({ origin: "b", pin: "moved" });
    expect(coordinator.drains.operate("a", "drain", now)).toBeUndefined();
  });

  test("an origin that is gone is never picked again, in any sequence of configurations", () => {
    const names = fc.subarray(["a", "b", "c", "d"], { minLength: 1 });
    const policies = fc.constantFrom("round_robin" as const, "least_conn" as const, "ip_hash" as const);
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 8 }), policies, (configs, policy) => {
        const { coordinator, holder } = start({ ...shopOf(origin("a")), policy: { name: policy } });
        for (const present of configs) {
          coordinator.reconfigure(
            { ...shopOf(...present.map((name) => origin(name))), policy: { name: policy } },
            now,
          );
          for (let request = 0; request < 6; request++) {
            expect(present).toContain(holder.askedFor(now, { key: `client-${request}` }));
          }
        }
      }),
    );
  });
});

describe("the retry budget", () => {
  const withBudget = (budget: number): Upstream => {
    const config = shopOf(origin("a"), origin("b"));
    return { ...config, retries: { ...config.retries, budget } };
  };
  const retries = (holder: OneHolder, count: number): number =>
    Array.from({ length: count }, () => holder.askedFor(now, { tried: ["a"] })).filter((name) => name === "b")
      .length;

  test("that was spent stays spent if the share is the same", () => {
    const { coordinator, holder } = start(withBudget(0.2));
    expect(retries(holder, 110)).toBe(100);
    coordinator.reconfigure(withBudget(0.2), now);
    expect(retries(holder, 10)).toBe(0);
  });

  test("takes a new share at once", () => {
    const { coordinator, holder } = start(withBudget(0));
    expect(retries(holder, 10)).toBe(0);
    coordinator.reconfigure(withBudget(0.2), now);
    expect(retries(holder, 10)).toBe(10);
  });
});
