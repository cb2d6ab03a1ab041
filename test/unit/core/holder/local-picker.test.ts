/** The pick without asking: never more than was leased, never past a pool that has not been said to be closed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { HeldLease } from "../../../../core/holder/held-lease.ts";
import { LocalPicker, type LocalPick } from "../../../../core/holder/local-picker.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { Policy } from "../../../../core/model/upstream.ts";
import type { ClosedPool, LeasedOrigin } from "../../../../core/protocol/lease.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { origin, pool } from "../../../support/upstream.ts";

const now = 1_000_000;
const any: Want = { tried: [] };

const pools = [
  pool("home", [origin("a", { maxConns: 8 }), origin("b", { maxConns: 8 })]),
  pool("near", [origin("c", { maxConns: 8 })]),
  pool("cloud", [origin("d")]),
];
const poolOf = new Map(pools.flatMap(({ name, origins }) => origins.map((each) => [each.name, name])));
const policies: readonly Policy[] = [
  { name: "adaptive" },
  { name: "least_conn" },
  { name: "round_robin" },
  { name: "first" },
] as Policy[];

function leased(name: string, slots?: number, more: Partial<LeasedOrigin> = {}): LeasedOrigin {
  return { origin: name, share: 1, inFlight: 0, pinEpoch: 1, ...(slots !== undefined && { slots }), ...more };
}

function closed(name: string, why: ClosedPool["why"] = "peak", forMs = 100): ClosedPool {
  return { pool: name, why, forMs };
}

function lease(origins: readonly LeasedOrigin[], closedPools: readonly ClosedPool[] = []): HeldLease {
  return { seq: 1, forMs: 10_000, untilMs: now + 10_000, origins, closed: closedPools };
}

/** A picker with its open requests. */
class Table {
  readonly #open = new Map<string, number>();
  readonly picker: LocalPicker;

  constructor(policy: Policy = { name: "adaptive" }) {
    this.picker = new LocalPicker({ pools, policy }, seededRandom(1));
  }

  on = (name: string): number => this.#open.get(name) ?? 0;

  change(name: string, by: number): void {
    this.#open.set(name, Math.max(0, this.on(name) + by));
  }

  /** Picks, and starts what it is granted. */
  pick(of: HeldLease | undefined, want: Want = any, at = now): LocalPick {
    const picked = this.picker.pick(want, { now: at, lease: of, openOn: this.on });
    if (picked.kind === "granted") this.change(picked.origin, 1);
    return picked;
  }
}

describe("a local pick", () => {
  const someLease = fc.record({
    slots: fc.record({ a: fc.nat(4), b: fc.nat(4), c: fc.nat(4) }, { requiredKeys: [] }),
    cloud: fc.boolean(),
    closed: fc.uniqueArray(fc.constantFrom("home", "near", "cloud")),
  });

  test.each(policies)(
    "$name: starts no more than was leased, and spills only past pools that are closed",
    (policy) => {
      const act = fc.oneof(
        { weight: 6, arbitrary: fc.constant("pick" as const) },
        { weight: 2, arbitrary: fc.constantFrom("a", "b", "c", "d") },
        { weight: 1, arbitrary: fc.nat(150) },
        { weight: 1, arbitrary: someLease },
      );
      fc.assert(
        fc.property(someLease, fc.array(act, { maxLength: 60 }), (first, acts) => {
          const table = new Table(policy);
          let at = now;
          let closedUntil = new Map<string, number>();
          const hold = (given: typeof first): HeldLease => {
            const slots = Object.entries(given.slots).map(([name, count]) => leased(name, count));
            const origins = given.cloud ? [...slots, leased("d")] : slots;
            closedUntil = new Map();
            return {
              ...lease(
                origins,
                given.closed.map((name) => closed(name)),
              ),
              untilMs: at + 10_000,
            };
          };
          let held = hold(first);
          for (const act of acts) {
            if (typeof act === "number") at += act;
            else if (act === "pick") {
              // The word counts from when the lease is first used.
              for (const { pool, forMs } of held.closed) {
                if (!closedUntil.has(pool)) closedUntil.set(pool, at + forMs);
              }
              const isClosed = (name: string): boolean => (closedUntil.get(name) ?? 0) > at;
              const picked = table.pick(held, any, at);
              if (picked.kind === "unavailable")
                expect(pools.map(({ name }) => name).every(isClosed)).toBe(true);
              if (picked.kind !== "granted") continue;
              const terms = held.origins.find((each) => each.origin === picked.origin);
              expect(terms).toBeDefined();
              expect(table.on(picked.origin)).toBeLessThanOrEqual(terms?.slots ?? Infinity);
              expect(picked.pool).toBe(poolOf.get(picked.origin));
              const earlier = pools.slice(
                0,
                pools.findIndex(({ name }) => name === picked.pool),
              );
              expect(earlier.every(({ name }) => isClosed(name))).toBe(true);
              expect(picked.spill).toBe(earlier.length > 0 ? "peak" : undefined);
            } else if (typeof act === "string") table.change(act, -1);
            else held = hold(act);
          }
        }),
      );
    },
  );

  test("asks where there is no lease, or where it has ended", () => {
    expect(new Table().pick(undefined)).toEqual({ kind: "ask" });
    expect(new Table().pick(lease([leased("a", 1)]), any, now + 9_999).kind).toBe("granted");
    expect(new Table().pick(lease([leased("a", 1)]), any, now + 10_000)).toEqual({ kind: "ask" });
  });

  test("asks for retries, and for requests that know origins the object does not", () => {
    const all = lease([leased("a", 5), leased("b", 5)]);
    expect(new Table().pick(all, { tried: ["a"] })).toEqual({ kind: "ask" });
    expect(new Table().pick(all, { tried: [], unknown: ["z"] })).toEqual({ kind: "ask" });
  });

  test("says that there is nothing, if the object has said so of every pool: full or down", () => {
    const down = ["home", "near", "cloud"].map((name) => closed(name, "downtime"));
    expect(new Table().pick(lease([], down))).toEqual({ kind: "unavailable", why: "down" });
    const full = [closed("home", "peak"), ...down.slice(1)];
    expect(new Table().pick(lease([], full))).toEqual({ kind: "unavailable", why: "full" });
  });

  test("says why it spills as the object said it of the first pool", () => {
    const held = lease([leased("d")], [closed("home", "drain"), closed("near", "peak")]);
    expect(new Table().pick(held)).toMatchObject({ origin: "d", spill: "drain" });
  });

  test("asks again once a pool's word is over", () => {
    const held = lease([leased("d")], [closed("home"), closed("near")]);
    const table = new Table();
    expect(table.pick(held, any, now)).toMatchObject({ origin: "d" });
    expect(table.pick(held, any, now + 99)).toMatchObject({ origin: "d" });
    expect(table.pick(held, any, now + 100)).toEqual({ kind: "ask" });
  });

  test("leaves an origin alone whose connection has failed, until the object must have heard of it", () => {
    const table = new Table();
    const held = lease([leased("a", 9)]);
    table.picker.avoid("a", now);
    expect(table.pick(held)).toEqual({ kind: "ask" });
    expect(table.pick(held, any, now + 5_000)).toMatchObject({ origin: "a" });
  });
});

describe("a bound request", () => {
  const bound = (name: string, epoch = 1): Want => ({
    tried: [],
    pin: { session: "s", origin: name, epoch },
  });

  test("goes to its origin, also to one that is drained, and in a later pool", () => {
    const held = lease([leased("a", 1, { boundOnly: true }), leased("c", 1)]);
    const table = new Table();
    expect(table.pick(held)).toEqual({ kind: "ask" });
    expect(table.pick(held, bound("a"))).toMatchObject({ origin: "a", pin: "kept" });
    expect(table.pick(held, bound("c"))).toMatchObject({ origin: "c", pin: "kept", spill: "policy" });
  });

  test("is asked for if its origin is full, unknown, not leased, or its session was ended", () => {
    const held = lease([leased("a", 0), leased("c", 3)]);
    for (const want of [bound("a"), bound("z"), bound("b"), bound("c", 2)]) {
      expect(new Table().pick(held, want)).toEqual({ kind: "ask" });
    }
  });
});

describe("a session of a later pool", () => {
  const pin = { session: "s", origin: "d", epoch: 1, begunMs: now - 1 };
  const inLease = (homecoming: NonNullable<HeldLease["homecoming"]>, want: Want["pin"] = pin): LocalPick =>
    new Table().pick(
      { ...lease([leased("a", 2), leased("d")]), homecoming },
      { tried: [], ...(want && { pin: want }) },
    );

  test("asks when its turn has come to come home: where it is by now, the object knows", () => {
    expect(inLease({ begunBeforeMs: now, share: 1 })).toEqual({ kind: "ask" });
  });

  test("is served where it is bound until then", () => {
    expect(inLease({ begunBeforeMs: now, share: 0 })).toMatchObject({ origin: "d", pin: "kept" });
    expect(inLease({ begunBeforeMs: now - 1, share: 1 })).toMatchObject({ origin: "d", pin: "kept" });
  });

  test("is no affair of those at home", () => {
    const atHome = { ...pin, origin: "a" };
    expect(inLease({ begunBeforeMs: now, share: 1 }, atHome)).toMatchObject({ origin: "a", pin: "kept" });
  });
});
