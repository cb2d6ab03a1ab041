/** What the object leases: to whom, of which origins, and what it says of pools that take no more. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import { leaseMs } from "../../../../core/protocol/clocks.ts";
import type { ExchangeReply, HeldSlots } from "../../../../core/protocol/exchange.ts";
import { messagesTo } from "../../../support/message.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const want = { tried: [] };
const home = pool("home", [origin("a", { maxConns: 10 }), origin("b", { maxConns: 10, weight: 3 })]);
const cloud = pool("cloud", [origin("c")]);

class Shop {
  readonly coordinator: Coordinator;
  readonly hears: ReturnType<typeof messagesTo>;

  constructor(options: Partial<Upstream> = {}) {
    const shop = upstream({ pools: [home, cloud], coordination: "leased", ...options });
    this.coordinator = new Coordinator(shop, nothingSaved, now);
    this.hears = messagesTo(this.coordinator, now);
  }

  leasesOf(reply: ExchangeReply): Record<string, number | undefined> {
    return Object.fromEntries(reply.lease?.origins.map((each) => [each.origin, each.slots]) ?? []);
  }
}

function held(name: string, open: number): HeldSlots {
  return { origin: name, open, forMs: 30_000 };
}

describe("a holder", () => {
  test("is leased in leased mode, never in strict mode, and by its requests in auto", () => {
    expect(new Shop().hears()).toMatchObject({ mode: "leased", lease: { forMs: leaseMs } });
    const strict = new Shop({ coordination: "strict" });
    const auto = new Shop({ coordination: "auto" });
    let busy = auto.hears();
    expect(busy.lease).toBeUndefined();
    for (let nth = 0; nth < 100; nth++) {
      expect(strict.hears({ want }, now + nth * 10).lease).toBeUndefined();
      busy = auto.hears({ want }, now + nth * 10);
    }
    expect(busy.mode).toBe("leased");
    expect(auto.hears({ holder: "h2" }, now + 1_000).mode).toBe("strict");
  });

  test.each([
    { coordination: "leased", name: "adaptive", mode: "strict" },
    { coordination: "leased", name: "round_robin", mode: "strict" },
    { coordination: "auto", name: "adaptive", mode: "leased" },
    { coordination: "auto", name: "round_robin", mode: "strict" },
  ] as const)(
    "with $coordination and $name is $mode where origins have not a slot for each holder, but home has eight",
    ({ coordination, name, mode }) => {
      const many = Array.from({ length: 12 }, (_, nth) => origin(`o${nth}`, { maxConns: 4 }));
      const object = new Shop({ coordination, policy: { name }, pools: [pool("home", many)] });
      let last = object.hears();
      for (let nth = 0; nth < 100; nth++)
        last = object.hears({ holder: `h${nth % 5}`, want }, now + nth * 10);
      expect(last.mode).toBe(mode);
    },
  );

  test("that has a lease from before the object lost its memory goes on with one", () => {
    expect(new Shop({ coordination: "auto" }).hears({ lease: 7 }).mode).toBe("leased");
  });

  test("is leased nothing in answer to a message that gives its lease back, or that another has overtaken", () => {
    const object = new Shop();
    expect(object.hears({ quiet: true }).lease).toBeUndefined();
    expect(object.hears({ seq: 9 }).lease).toBeDefined();
    expect(object.hears({ seq: 8 }).lease).toBeUndefined();
  });

  test("is to exchange often enough that several messages may be lost before its lease ends", () => {
    const { everyMs = Infinity } = new Shop().hears();
    expect(everyMs).toBeGreaterThan(0);
    expect(4 * everyMs).toBeLessThanOrEqual(leaseMs);
  });
});

describe("a lease", () => {
  test("names every origin that may serve, and slots where there is a limit", () => {
    const object = new Shop();
    const leases = object.leasesOf(object.hears({ held: [held("a", 3)] }));
    expect(Object.keys(leases)).toEqual(["a", "b", "c"]);
    expect(leases["a"]).toBeGreaterThanOrEqual(3);
    expect(leases["c"]).toBeUndefined();
  });

  test("holds with all others no more than there is", () => {
    const object = new Shop();
    for (let nth = 0; nth < 40; nth++) object.hears({ holder: `h${nth}` });
    for (const name of ["a", "b"]) expect(object.coordinator.statusOf(name).taken).toBeLessThanOrEqual(10);
  });

  test("leaves others, and requests that ask, three quarters of what is free", () => {
    const alone = pool("home", [origin("a", { maxConns: 100 })]);
    const object = new Shop({ pools: [alone] });
    const first = object.leasesOf(object.hears({ most: 80 }))["a"] ?? 0;
    expect(first).toBe(1 + 100 / 4);
    expect(object.leasesOf(object.hears({ holder: "h2", most: 80 }))["a"]).toBe(
      Math.round(1 + (100 - first) / 4),
    );
  });

  test("takes no more for asks that are on their way together than for one, and what they are granted", () => {
    const twins = ["a", "b"].map((name) => origin(name, { maxConns: 100 }));
    const object = new Shop({ pools: [pool("home", twins)] });
    const taken = (): number =>
      twins.reduce((sum, { name }) => sum + (object.coordinator.statusOf(name).taken ?? 0), 0);
    object.hears({ want });
    const afterOne = taken();
    for (let seq = 2; seq <= 5; seq++) {
      const awaiting = Array.from({ length: seq }, (_, index) => index + 1);
      expect(object.hears({ want, awaiting }).pick?.kind).toBe("granted");
    }
    expect(taken()).toBeLessThanOrEqual(afterOne + 5);
  });

  test("lets a holder start nothing more where all slots are in use", () => {
    const object = new Shop();
    object.hears({ holder: "h2", held: [held("a", 8), held("b", 10)] });
    const leases = object.leasesOf(object.hears({ held: [held("a", 2)] }));
    expect([leases["a"], leases["b"]]).toEqual([2, 0]);
  });

  test("shares by weight where the policy does not go by load, and to the emptier where it does", () => {
    const sharesOf = (object: Shop): number[] =>
      object.hears().lease?.origins.map(({ share }) => share) ?? [];
    expect(sharesOf(new Shop({ policy: { name: "round_robin" } }))).toEqual([1, 3, 1]);
    const byLoad = new Shop({ pools: [pool("home", [origin("a"), origin("b")])] });
    byLoad.hears({ holder: "h2", held: [held("a", 9)] });
    const [a = 0, b = 0] = sharesOf(byLoad);
    expect(b).toBeGreaterThan(a);
  });

  test("names an origin that is drained for bound sessions only, and one that is down not at all", () => {
    const object = new Shop();
    object.coordinator.drains.operate("a", "drain", now);
    expect(object.hears().lease?.origins.find((each) => each.origin === "a")).toMatchObject({
      boundOnly: true,
    });
    object.coordinator.drains.operate("a", "down", now);
    expect(object.leasesOf(object.hears())).not.toHaveProperty("a");
  });
});

describe("a pool", () => {
  const closedOf = (object: Shop) => object.hears().lease?.closed.map(({ pool, why }) => ({ pool, why }));

  test("with room is not closed, though its lease may be used up", () => {
    expect(closedOf(new Shop())).toEqual([]);
  });

  test("that is full is closed for a while", () => {
    const object = new Shop();
    object.hears({ holder: "h2", held: [held("a", 10), held("b", 10)] });
    expect(closedOf(object)).toEqual([{ pool: "home", why: "peak" }]);
  });

  test("that is full is told from one of which slots lie idle in leases", () => {
    const object = new Shop({ pools: [pool("home", [origin("a", { maxConns: 4 })])] });
    object.hears({ holder: "h2", held: [held("a", 3)] });
    object.hears({ holder: "h3" });
    const idle = object.hears({ want });
    expect(idle.pick).toEqual({ kind: "unavailable", why: "full", idle: true });
    expect(idle.lease?.closed).toMatchObject([{ pool: "home", idle: true }]);
    object.hears({ holder: "h2", held: [held("a", 4)] });
    object.hears({ holder: "h3", quiet: true });
    expect(object.hears({ want }).pick).toEqual({ kind: "unavailable", why: "full" });
  });

  test("without an origin that can serve is closed, and says why", () => {
    const object = new Shop();
    for (const { name } of home.origins) object.coordinator.drains.operate(name, "drain", now);
    expect(closedOf(object)).toEqual([{ pool: "home", why: "drain" }]);
  });
});

describe("what holders started by themselves", () => {
  test("pays for retries like requests that asked, each once however often it is told", () => {
    const retriesAfter = (count: number): number => {
      const object = new Shop({ retries: { attempts: 1, on: [], budget: 0.2, nonIdempotent: false } });
      object.hears();
      const started = [{ origin: "c", count }];
      for (let nth = 0; nth < 3; nth++) object.hears({ started });
      let granted = 0;
      for (let nth = 0; nth < 1_000; nth++) {
        if (object.hears({ want: { tried: ["a"] } }).pick?.kind === "granted") granted++;
      }
      return granted;
    };
    expect(retriesAfter(200) - retriesAfter(100)).toBe(20);
  });

  test("is still known under another configuration", () => {
    const object = new Shop({ coordination: "auto" });
    for (let nth = 0; nth < 100; nth++) object.hears({ want }, now + nth * 10);
    object.coordinator.reconfigure(upstream({ pools: [home], coordination: "auto" }), now + 1_000);
    expect(object.hears({}, now + 1_000).mode).toBe("leased");
  });
});
