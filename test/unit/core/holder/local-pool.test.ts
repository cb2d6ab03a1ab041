/** A pool within a lease: only what was leased is used, in the shares or by the rule that were meant. */
import { describe, expect, test } from "vitest";

import { LocalPool, type LocalState, type Availability } from "../../../../core/holder/local-pool.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { Policy } from "../../../../core/model/upstream.ts";
import type { LeasedOrigin } from "../../../../core/protocol/lease.ts";
import { origin, pool } from "../../../support/upstream.ts";

const random = seededRandom(1);
const home = pool("home", [origin("a"), origin("b", { weight: 3 }), origin("c")]);
const choice = { random, now: 0, key: undefined };
const all: LocalState = { availabilityOf: () => "free", mayAsk: true };

/** Some origins have no slot that is free here. */
function busy(...names: readonly string[]): LocalState {
  return { ...all, availabilityOf: ({ origin }): Availability => (names.includes(origin) ? "busy" : "free") };
}

function chosenBy(local: LocalPool, state: LocalState): string | undefined {
  const chosen = local.choose(state, choice);
  return chosen?.kind === "turn" ? `ask for ${chosen.origin}` : chosen?.leased.origin;
}

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
    const name = chosenBy(local, all) ?? "none";
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
    "%s: chooses no origin that may not be used, and none if no origin may be",
    (name) => {
      const local = localPool(name, leased("a", 1), leased("b", 1_000), leased("c", 1, { slots: 0 }));
      for (let draw = 0; draw < 50; draw++) {
        expect(chosenBy(local, busy("b", "c"))).toBe("a");
        expect(chosenBy(local, busy("a", "b", "c"))).toBeUndefined();
      }
    },
  );

  test("asks for an origin whose turn it is and that has no slot here, as long as the object has more", () => {
    const local = localPool("round_robin", leased("a", 2), leased("b", 1, { slots: 0, more: true }));
    const picks = Array.from({ length: 30 }, () => chosenBy(local, busy("b")));
    expect(picks.filter((name) => name === "ask for b")).toHaveLength(10);
    expect(picks.filter((name) => name === "a")).toHaveLength(20);
  });

  test.each(["adaptive", "round_robin"] as const)(
    "%s: has no turns of its own where it has no slot of any origin: all are asked for, and the object's turns are the fleet's",
    (name) => {
      const none = { slots: 0, more: true } as const;
      const local = localPool(name, leased("a", 1, none), leased("b", 2, none));
      for (let draw = 0; draw < 10; draw++) expect(chosenBy(local, busy("a", "b"))).toBeUndefined();
    },
  );

  test("draws a turn for an origin of which it was lent nothing, but not for one that is busy for a moment", () => {
    const local = localPool(
      "adaptive",
      leased("a", 1, { slots: 2 }),
      leased("b", 1, { slots: 0, more: true }),
    );
    const picks = Array.from({ length: 100 }, () => chosenBy(local, busy("b")));
    expect(picks.filter((name) => name === "ask for b").length).toBeGreaterThanOrEqual(49);
    local.use([leased("a", 1, { slots: 2 }), leased("b", 1, { slots: 1, more: true })]);
    for (let draw = 0; draw < 50; draw++) expect(chosenBy(local, busy("b"))).toBe("a");
  });

  test.each(["adaptive", "round_robin", "first"] as const)(
    "%s: the turn of an origin goes on to others where the object has no more, is not to be asked, or the origin is avoided",
    (name) => {
      const local = localPool(name, leased("b", 1, { slots: 0 }), leased("a", 1));
      for (let draw = 0; draw < 20; draw++) expect(chosenBy(local, busy("b"))).toBe("a");
      local.use([leased("b", 1, { slots: 0, more: true }), leased("a", 1)]);
      const avoided: LocalState = {
        ...all,
        availabilityOf: ({ origin }) => (origin === "b" ? "avoided" : "free"),
      };
      for (let draw = 0; draw < 20; draw++) {
        expect(chosenBy(local, { ...busy("b"), mayAsk: false })).toBe("a");
        expect(chosenBy(local, avoided)).toBe("a");
      }
    },
  );

  test("round robin begins somewhere in its round: holders do not all send their first request to the same origin", () => {
    const firsts = Array.from({ length: 60 }, (_, seed) => {
      const local = new LocalPool(home, { name: "round_robin" }, seededRandom(seed));
      local.use([leased("a", 1), leased("b", 1), leased("c", 1)]);
      return chosenBy(local, all);
    });
    for (const name of ["a", "b", "c"]) {
      expect(firsts.filter((first) => first === name).length).toBeGreaterThan(10);
    }
  });

  test("has only what was leased last, and knows only origins of its own", () => {
    const local = localPool("adaptive", leased("a", 1));
    local.use([leased("b", 1), leased("z", 1)]);
    expect(counts(local, 5)).toEqual({ b: 5 });
    expect([local.get("a"), local.get("z"), local.get("b")?.share]).toEqual([undefined, undefined, 1]);
  });

  test("chooses no origin before anything was leased", () => {
    expect(chosenBy(new LocalPool(home, { name: "adaptive" }, random), all)).toBeUndefined();
  });
});
