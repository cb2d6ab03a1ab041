/** A pool within a lease: only what was leased is used, in the shares or by the rule that were meant. */
import { describe, expect, test } from "vitest";

import type { LeasedOrigin } from "../../../../core/leases/exchange.ts";
import { LocalPool } from "../../../../core/leases/local-pool.ts";
import { seededRandom } from "../../../../core/random.ts";
import type { Policy } from "../../../../core/upstream.ts";
import { origin, pool } from "../../../support/upstream.ts";

const random = seededRandom(1);
const home = pool("home", [origin("a"), origin("b", { weight: 3 }), origin("c")]);
const choice = { random, now: 0, key: undefined };
const all = (): boolean => true;

function leased(name: string, share: number, more: Partial<LeasedOrigin> = {}): LeasedOrigin {
  return { origin: name, share, inFlight: 0, pinEpoch: 1, ...more };
}

function localPool(policy: Policy["name"], ...origins: LeasedOrigin[]): LocalPool {
  const local = new LocalPool(home, { name: policy } as Policy, random);
  local.use(origins);
  return local;
}

function counts(local: LocalPool, draws: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let draw = 0; draw < draws; draw++) {
    const name = local.choose(all, choice)?.origin ?? "none";
    found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}

describe("a local pool", () => {
  test("draws by the shares of the lease, if the policy goes by load", () => {
    const found = counts(localPool("adaptive", leased("a", 1), leased("b", 2), leased("c", 0)), 300);
    expect(found["a"]).toBeGreaterThanOrEqual(97);
    expect(found["a"]).toBeLessThanOrEqual(103);
    expect(found).not.toHaveProperty("c");
  });

  test("takes the rule of the config otherwise, with the weights that it was told", () => {
    const found = counts(localPool("round_robin", leased("a", 1), leased("b", 3), leased("c", 1)), 50);
    expect(found).toEqual({ a: 10, b: 30, c: 10 });
  });

  test("gives an origin that starts slowly no more than its part, where the rule would give it all", () => {
    const found = counts(localPool("first", leased("a", 0.5, { warmth: 0.5 }), leased("b", 1)), 90);
    expect(found).toEqual({ a: 30, b: 60 });
  });

  test.each(["adaptive", "round_robin"] as const)(
    "%s: chooses nobody who may not be used, and nobody if none may",
    (name) => {
      const local = localPool(name, leased("a", 1), leased("b", 1_000), leased("c", 1, { slots: 0 }));
      for (let draw = 0; draw < 50; draw++) {
        expect(local.choose(({ origin }) => origin !== "b", choice)?.origin).toBe("a");
        expect(local.choose(() => false, choice)).toBeUndefined();
      }
    },
  );

  test("has only what was leased last, and knows only origins of its own", () => {
    const local = localPool("adaptive", leased("a", 1));
    local.use([leased("b", 1), leased("z", 1)]);
    expect(counts(local, 5)).toEqual({ b: 5 });
    expect([local.get("a"), local.get("z"), local.get("b")?.share]).toEqual([undefined, undefined, 1]);
  });

  test("chooses nobody before anything was leased", () => {
    expect(new LocalPool(home, { name: "adaptive" }, random).choose(all, choice)).toBeUndefined();
  });
});
