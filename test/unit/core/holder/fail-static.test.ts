/** The pick while the object cannot be reached: within a lease that is still good, then elsewhere, then as the config says. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { HeldLease } from "../../../../core/holder/held-lease.ts";
import { pickAlone, type AlonePick } from "../../../../core/holder/fail-static.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { OnCoordinatorLoss, Pool } from "../../../../core/model/upstream.ts";
import type { LeasedOrigin } from "../../../../core/protocol/lease.ts";
import { noneOut, type OriginsOut } from "../../../../core/protocol/origins-out.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { origin, pool } from "../../../support/upstream.ts";

const now = 1_000_000;
const home = pool("home", [origin("a", { maxConns: 4 }), origin("b", { maxConns: 4 })]);
const cloud = pool("cloud", [origin("d")]);

function leased(name: string, slots?: number, more: Partial<LeasedOrigin> = {}): LeasedOrigin {
  return { origin: name, share: 1, inFlight: 0, pinEpoch: 1, ...(slots !== undefined && { slots }), ...more };
}

function lease(origins: readonly LeasedOrigin[], untilMs = now + 1): HeldLease {
  return { seq: 1, forMs: 10_000, untilMs, origins, closed: [] };
}

const boundToD = { session: "s", origin: "d", epoch: 1, begunMs: now };

interface Facts {
  readonly pools?: readonly Pool[];
  readonly loss?: OnCoordinatorLoss;
  readonly want?: Partial<Want>;
  readonly lease?: HeldLease | undefined;
  readonly open?: Readonly<Record<string, number>>;
  readonly out?: OriginsOut;
}

function alone({ pools = [home], loss = "refuse", want, lease, open = {}, out = noneOut }: Facts): AlonePick {
  return pickAlone(
    { pools, onCoordinatorLoss: loss },
    { tried: [], ...want },
    { now, lease, openOn: (name) => open[name] ?? 0, out },
    seededRandom(1),
  );
}

describe("while the object cannot be reached, a request", () => {
  const onHome = fc.record({ a: fc.nat(6), b: fc.nat(6) });

  test("is started at home only within a lease that is still good, unless it is marked as excess", () => {
    fc.assert(
      fc.property(
        onHome,
        onHome,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (slots, open, isGood, hasCloud, exceeds) => {
          const held = lease(
            [leased("a", slots.a), leased("b", slots.b), leased("d")],
            isGood ? now + 1 : now,
          );
          const pools = hasCloud ? [home, cloud] : [home];
          const pick = alone({ pools, loss: exceeds ? "exceed" : "refuse", lease: held, open });
          const hasRoom = isGood && (open.a < slots.a || open.b < slots.b);
          if (pick.kind === "unavailable") {
            expect([hasRoom, hasCloud, exceeds]).toEqual([false, false, false]);
          } else if (pick.excess === true) {
            expect([hasRoom, hasCloud, exceeds]).toEqual([false, false, true]);
          } else if (pick.pool === "home") {
            const name = pick.origin === "a" ? "a" : "b";
            expect([isGood, open[name] < slots[name]]).toEqual([true, true]);
          } else expect([hasRoom, pick.spill]).toEqual([false, "peak"]);
        },
      ),
    );
  });

  test("of an isolate that never heard of the object owns no slots", () => {
    expect(alone({})).toEqual({ kind: "unavailable", why: "full" });
    expect(alone({ pools: [home, cloud] })).toMatchObject({ origin: "d", spill: "peak" });
    expect(alone({ loss: "exceed" })).toMatchObject({ pool: "home", excess: true });
  });

  test.each<[string, Facts]>([
    ["peak", { lease: lease([leased("a", 0), leased("b", 0), leased("d")]) }],
    ["peak", { lease: lease([leased("b", 0), leased("d")]), out: { version: 1, draining: [], down: ["a"] } }],
    ["drain", { out: { version: 1, draining: ["b"], down: ["a"] } }],
    ["downtime", { lease: lease([leased("d")]) }],
    ["downtime", { lease: lease([leased("d")]), out: { version: 1, draining: [], down: ["a"] } }],
    ["downtime", { want: { tried: ["a", "b"] } }],
    ["policy", { lease: lease([leased("a", 9), leased("d")]), want: { pin: boundToD } }],
  ])("spills by reason of %s, as if it had asked: %j", (spill, facts) => {
    expect(alone({ pools: [home, cloud], ...facts })).toMatchObject({ origin: "d", spill });
  });

  test("above the limit goes to the least full, and to a later pool before any is filled by this isolate alone", () => {
    expect(alone({ loss: "exceed", open: { a: 3, b: 1 } })).toMatchObject({ origin: "b", excess: true });
    const near = pool("near", [origin("c", { maxConns: 4 })]);
    const pools = [home, near];
    const full = { a: 4, b: 4 };
    expect(alone({ pools, loss: "exceed", open: full })).toMatchObject({ origin: "c", excess: true });
    expect(alone({ pools, loss: "exceed", open: { ...full, c: 4 } })).toMatchObject({
      pool: "home",
      excess: true,
    });
  });

  test("goes to no origin that was not serving when the object was heard last, nor to one that has failed it", () => {
    const held = lease([leased("b", 4)]);
    expect(alone({ lease: held })).toMatchObject({ origin: "b" });
    expect(alone({ lease: held, want: { tried: ["b"] }, loss: "exceed" })).toEqual({
      kind: "unavailable",
      why: "down",
    });
  });

  test("goes by the limits that the object named, though this isolate's configuration is older", () => {
    expect(alone({ lease: lease([leased("a")], now - 1) })).toMatchObject({ origin: "a" });
    const pools = [pool("home", [origin("a")])];
    expect(alone({ pools, lease: lease([leased("a", 1)], now - 1) })).toEqual({
      kind: "unavailable",
      why: "full",
    });
  });
});

describe("while the object cannot be reached, a bound request", () => {
  const pin = { session: "s", origin: "a", epoch: 1 };
  const drained = lease([leased("a", 1, { boundOnly: true }), leased("b", 4)]);

  test("stays where it is bound, also on an origin that is drained", () => {
    expect(alone({ lease: drained, want: { pin } })).toMatchObject({ origin: "a", pin: "kept" });
    expect(alone({ lease: drained })).toMatchObject({ origin: "b", pin: "none" });
  });

  test("goes elsewhere for once if its origin is full, and above the limit only where it is bound", () => {
    expect(alone({ lease: drained, want: { pin }, open: { a: 1 } })).toMatchObject({
      origin: "b",
      pin: "elsewhere",
    });
    const facts = { lease: drained, want: { pin }, open: { a: 1, b: 4 }, loss: "exceed" } as const;
    expect(alone(facts)).toMatchObject({ origin: "a", pin: "kept", excess: true });
  });

  test("is not bound any more if its session was ended", () => {
    const want = { pin: { ...pin, epoch: 0 } };
    expect(alone({ lease: lease([leased("a", 0), leased("b", 4)]), want })).toMatchObject({ origin: "b" });
  });
});
