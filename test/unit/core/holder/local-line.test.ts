/** Those who wait at their holder: in order, no longer than is worth it, and for nothing but what was leased. */
import { describe, expect, test } from "vitest";

import type { HeldLease } from "../../../../core/holder/held-lease.ts";
import { LocalLine, placesOf, type LinePlace } from "../../../../core/holder/local-line.ts";
import { LocalPicker, type LocalPick, type LocalView } from "../../../../core/holder/local-picker.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { ClosedPool, LineTerms } from "../../../../core/protocol/lease.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { origin, pool } from "../../../support/upstream.ts";

const now = 1_000_000;
const any: Want = { tried: [] };
/** Each slot ends a request every 100 ms. */
const terms: LineTerms = { serviceMs: 100, worthMs: 100, patienceMs: 1_000, lengthPerSlot: 3 };
const pools = [pool("home", [origin("a", { maxConns: 8 })]), pool("cloud", [origin("b", { maxConns: 8 })])];
const queue = { length: 24, timeoutMs: 2_000, priority: "normal" } as const;

interface LeaseFacts {
  readonly home?: number;
  readonly cloud?: number;
  readonly closed?: readonly ClosedPool[];
  readonly mayAsk?: true;
}

function leaseOf({ home = 2, cloud = 0, closed = [], mayAsk }: LeaseFacts, seq: number): HeldLease {
  const leased = { share: 1, inFlight: 0, pinEpoch: 1 };
  const origins = [
    { ...leased, origin: "a", slots: home },
    { ...leased, origin: "b", slots: cloud },
  ];
  const line = { ...terms, ...(mayAsk && { mayAsk }) };
  const homeLine = { pool: "home", why: "peak", forMs: 10_000, line } as const;
  return { seq, forMs: 10_000, untilMs: now + 10_000, origins, closed: [homeLine, ...closed] };
}

const ofOne: Want = { tried: [], client: 1, mostWaiting: 2 };

/** A holder that was leased two slots at home, which are in use, and some in the cloud. */
class Table {
  readonly open = new Map([["a", 2]]);
  readonly #picker = new LocalPicker({ pools, policy: { name: "adaptive" }, queue }, seededRandom(1));
  #lease: HeldLease;

  constructor(lease: LeaseFacts = {}) {
    this.#lease = leaseOf(lease, 1);
  }

  renew(lease: LeaseFacts): void {
    this.#lease = leaseOf(lease, 2);
  }

  pick(more: Partial<LocalView> = {}, want = any): LocalPick {
    const openOn = (name: string): number => this.open.get(name) ?? 0;
    const picked = this.#picker.pick(want, { now, lease: this.#lease, openOn, ...more });
    if (picked.kind === "granted") this.open.set(picked.origin, openOn(picked.origin) + 1);
    return picked;
  }

  place(want = any, more: Partial<LocalView> = {}): LinePlace {
    const picked = this.pick(more, want);
    return picked.kind === "waits" ? picked.place : expect.fail(`it does not wait: ${picked.kind}`);
  }

  leave(place: LinePlace): void {
    this.#picker.leave(place);
  }
}

const fullCloud: ClosedPool = { pool: "cloud", why: "peak", forMs: 10_000 };

describe("requests that wait at their holder", () => {
  test("are served in order: neither a newcomer nor a request behind takes the slot of the first", () => {
    const table = new Table();
    const [first, second] = [table.place(), table.place()];
    table.open.set("a", 1);
    expect(table.pick({ place: second })).toMatchObject({ kind: "waits" });
    expect(table.pick()).not.toMatchObject({ origin: "a" });
    expect(table.pick({ place: first })).toMatchObject({ kind: "granted", origin: "a" });
    expect(table.open.get("a")).toBe(2);
  });

  test("go before those of a lower priority that came earlier", () => {
    const table = new Table();
    const low = table.place({ ...any, priority: "low" });
    const high = table.place({ ...any, priority: "high" });
    table.open.set("a", 1);
    expect(table.pick({ place: low }, { ...any, priority: "low" }).kind).toBe("waits");
    expect(table.pick({ place: high }, { ...any, priority: "high" }).kind).toBe("granted");
  });

  test("wait as long as it is worth; the next one takes the later pool's leased slot, or asks for one without waiting", () => {
    const withCloud = new Table({ cloud: 1 });
    // Two slots of 100 ms: one is free every 50 ms, so that the third would wait for 150.
    expect([withCloud.pick().kind, withCloud.pick().kind]).toEqual(["waits", "waits"]);
    expect(withCloud.pick()).toMatchObject({ kind: "granted", origin: "b", spill: "peak" });
    expect(withCloud.pick()).toEqual({ kind: "ask", waits: false });
  });

  test.each([
    ["the object says so", { closed: [fullCloud] }, {}],
    ["they have asked in vain", {}, { isFull: true }],
  ])("wait as long as they can where no later pool has room: %s", (_, lease, view) => {
    const table = new Table(lease);
    const kinds = Array.from({ length: 7 }, () => table.pick(view).kind);
    expect(kinds).toEqual([...Array.from({ length: 6 }, () => "waits"), "unavailable"]);
  });

  test("go to a later pool that has room when they have waited for as long as going there costs", () => {
    const table = new Table({ cloud: 1 });
    table.open.set("b", 1);
    const place = table.place();
    const later = table.pick({ place, now: now + terms.worthMs - 10 });
    expect(later).toMatchObject({ kind: "waits" });
    expect("pauseMs" in later && later.pauseMs).toBeLessThanOrEqual(10);
    table.open.set("b", 0);
    expect(table.pick({ place, now: now + terms.worthMs })).toMatchObject({ origin: "b", spill: "peak" });
  });

  test("wait until their time is over where no later pool has room", () => {
    const table = new Table({ closed: [fullCloud] });
    const place = table.place();
    expect(table.pick({ place, now: now + queue.timeoutMs - 150 }).kind).toBe("waits");
    expect(table.pick({ place, now: now + queue.timeoutMs }).kind).toBe("unavailable");
  });

  test("hold up no other request when they have left, or have died", () => {
    const table = new Table();
    const left = table.place();
    const dead = table.place();
    table.leave(left);
    table.open.set("a", 1);
    expect(table.pick({ now: dead.comesMs + 249 })).not.toMatchObject({ origin: "a" });
    expect(table.pick({ now: dead.comesMs + 1_000 })).toMatchObject({ kind: "granted", origin: "a" });
  });

  test("keep their places when the lease shrinks, and newcomers have none", () => {
    const table = new Table({ closed: [fullCloud], home: 4 });
    table.open.set("a", 4);
    const places = Array.from({ length: 8 }, () => table.place());
    table.renew({ closed: [fullCloud], home: 2 });
    expect(places.map((place) => table.pick({ place }).kind)).toEqual(places.map(() => "waits"));
    expect(table.pick().kind).toBe("unavailable");
  });

  test("ask for a place in the object's queue where their holder's are taken, if the object can be asked", () => {
    const table = new Table({ closed: [fullCloud], mayAsk: true });
    for (let nth = 0; nth < 6; nth++) table.place();
    expect(table.pick()).toEqual({ kind: "ask" });
    // It has asked already.
    expect(table.pick({ isFull: true }).kind).toBe("unavailable");
  });

  test("do not wait at a holder that has no slot: they ask", () => {
    const table = new Table({ home: 0 });
    expect(table.pick()).toEqual({ kind: "ask" });
  });
});

describe("the line of a holder", () => {
  test("has the next one come within milliseconds, and the others not before half of their wait", () => {
    const line = new LocalLine();
    const pauses = Array.from({ length: 5 }, (_, nth) => {
      const place: LinePlace = { priority: "normal", sinceMs: now + nth, comesMs: now };
      return line.wait(place, terms, 2, now + nth);
    });
    expect(pauses).toEqual([4, 25, 50, 75, 100]);
  });

  test("takes so many for each slot", () => {
    expect(placesOf({ ...terms, slots: 2 })).toBe(6);
  });

  test("takes half as many for each slot, and an even part of the other half, where no request may ask", () => {
    const holders = [1, 2, 3, 18];
    const length = terms.lengthPerSlot * 24;
    const lengthPerHolder = length / holders.length;
    const places = holders.map((slots) => placesOf({ ...terms, lengthPerHolder, slots }));
    expect(places).toEqual([10.5, 12, 13.5, 36]);
    expect(places.reduce((sum, each) => sum + each)).toBe(length);
  });
});

test("one client has no more places of a holder's line than it may, and others have the rest", () => {
  const table = new Table({ closed: [fullCloud] });
  const first = table.place(ofOne);
  table.place(ofOne);
  expect(table.pick({}, ofOne)).toMatchObject({ kind: "unavailable", why: "full", of: "client" });
  table.place({ ...ofOne, client: 2 });
  // One that stands in the line already goes on.
  expect(table.pick({ place: first, now: now + 10 }, ofOne).kind).toBe("waits");
});
