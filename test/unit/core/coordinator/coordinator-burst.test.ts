/** A burst as the upstream's object lives through it: what it says, what it persists, and where sessions go. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { BurstRules } from "../../../../core/model/burst-rules.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { Pin } from "../../../../core/protocol/pick.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { runs } from "../../../support/runs.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { Site } from "../../../support/site.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const startMs = 10_000_000;
const moveWithinMs = 100_000;

const burst: BurstRules = {
  enter: { at: { utilisation: 0.9 }, forMs: 2_000 },
  exit: { at: { utilisation: 0.7 }, forMs: 5_000 },
  minHoldMs: 0,
  moveWithinMs,
};

const shop = upstream({
  pools: [
    pool("home", [origin("a", { maxConns: 2 }), origin("b", { maxConns: 2 })]),
    pool("cloud", [origin("c")]),
  ],
  sticky: { cookie: "weir", ttlMs: 28_800_000, idleMs: 1_800_000, path: "/", homecoming: true },
  burst,
});

const homes = ["a", "b"];

class BurstSite extends Site {
  constructor(given = shop) {
    super(given, { startMs });
  }

  /** Home is full for long enough, and then empty for long enough. */
  throughBurst(): void {
    for (let slot = 0; slot < 4; slot++) this.ask();
    this.passes(10_000);
    this.endAll();
    this.passes(10_000);
    expect(this.transitions).toEqual(["bursting", "returning"]);
  }

  get view() {
    return this.coordinator.view(this.now).burst ?? expect.fail("the upstream has no burst");
  }
}

const cloudSession = (session: string, begunMs = startMs): Pin => ({
  session,
  origin: "c",
  epoch: 1,
  begunMs,
});

describe("transitions", () => {
  test("a burst, its end, and home again: three, and as many rows, however many messages", () => {
    const site = new BurstSite();
    site.throughBurst();
    site.passes(moveWithinMs);
    expect(site.transitions).toEqual(["bursting", "returning", "home"]);
    expect(site.burstRows).toBe(3);
    expect(site.view).toMatchObject({ state: "home", evidence: "100 s after the return" });
  });

  test("the message that fills home is no evidence yet that it is full", () => {
    const site = new BurstSite();
    for (let round = 0; round < 40; round++) {
      for (let slot = 0; slot < 4; slot++) site.ask();
      site.endAll();
      site.passes(1_000);
    }
    expect(site.transitions).toEqual([]);
  });

  test("a quiet site returns by its probes, though its object is evicted between any two of them", () => {
    const site = new BurstSite();
    for (let slot = 0; slot < 4; slot++) site.ask();
    site.passes(5_000);
    site.endAll();
    expect(site.transitions).toEqual(["bursting"]);
    for (let round = 0; round < 8; round++) {
      site.evict();
      site.now += 1_000;
      site.record(site.coordinator.probed([{ origin: "a", good: true, evidence: "200" }], site.now));
    }
    expect(site.transitions).toEqual(["bursting", "returning"]);
  });

  test("an object that was evicted in a burst is still in it, and knows since when and why", () => {
    const site = new BurstSite();
    for (let slot = 0; slot < 4; slot++) site.ask();
    site.passes(5_000);
    const { state, sinceMs, evidence } = site.view;
    expect(state).toBe("bursting");
    site.evict();
    expect(site.view).toMatchObject({ state, sinceMs, evidence });
  });

  test("what a holder may have had before the object lost its memory is no evidence of load", () => {
    const site = new BurstSite();
    for (let slot = 0; slot < 4; slot++) site.ask();
    site.evict();
    expect(site.coordinator.statusOf("a").inFlight).toBeGreaterThanOrEqual(2);
    site.passes(10_000);
    expect(site.transitions).toEqual([]);
  });

  test("home that is down as a whole is a burst; its end, too", () => {
    const site = new BurstSite();
    for (const down of homes) site.coordinator.drains.operate(down, "down", site.now);
    site.passes(5_000);
    for (const down of homes) site.coordinator.drains.operate(down, "up", site.now);
    site.passes(10_000);
    expect(site.transitions).toEqual(["bursting", "returning"]);
  });

  test("requests that wait for home are seen: how many they are, and for how long the next one would wait", () => {
    const queue = { length: 100, timeoutMs: 60_000, priority: "normal" } as const;
    const home = pool("home", [origin("a", { maxConns: 2 })]);
    const after = (at: BurstRules["enter"]["at"], waiting: number): readonly string[] => {
      const enter = { at, forMs: 2_000 };
      const site = new BurstSite({ ...shop, pools: [home], queue, burst: { ...burst, enter } });
      for (let request = 0; request < 2; request++) site.ask();
      site.record(site.holder.report(site.now, [{ origin: "a", ok: true, headerMs: 500, lastByteMs: 500 }]));
      for (let request = 0; request < waiting; request++)
        site.record(site.holder.deliver(site.holder.message(site.now), site.now));
      site.passes(3_000);
      return site.transitions;
    };
    // Two slots, half a second each: three who wait, and a fourth would wait for a second.
    expect(after({ queued: 3 }, 3)).toEqual(["bursting"]);
    expect(after({ queued: 3 }, 2)).toEqual([]);
    expect(after({ expectedWaitMs: 1_000 }, 3)).toEqual(["bursting"]);
    expect(after({ expectedWaitMs: 1_000 }, 2)).toEqual([]);
  });

  test("slow answers and failures at home are seen, those of the cloud are not", () => {
    const watched = upstream({
      ...shop,
      burst: {
        ...burst,
        enter: { at: { p95Ms: 500, errorRate: 0.5 }, forMs: 2_000 },
        exit: { at: { p95Ms: 300, errorRate: 0.1 }, forMs: 5_000 },
      },
    });
    const after = (name: string, outcome: { ok: true; headerMs: number } | { ok: false }): string[] => {
      const site = new BurstSite(watched);
      for (let round = 0; round < 20; round++) {
        site.now += 250;
        site.record(
          site.holder.report(
            site.now,
            Array.from({ length: 5 }, () => ({ origin: name, ...outcome })),
          ),
        );
      }
      return site.transitions;
    };
    expect(after("a", { ok: true, headerMs: 900 })).toEqual(["bursting"]);
    expect(after("a", { ok: true, headerMs: 100 })).toEqual([]);
    expect(after("a", { ok: false })).toEqual(["bursting"]);
    expect(after("c", { ok: true, headerMs: 900 })).toEqual([]);
    expect(after("c", { ok: false })).toEqual([]);
  });

  test("a region's object decides nothing", () => {
    const region = new Coordinator(shop, nothingSaved, startMs, { region: "weur" });
    expect(region.view(startMs).burst).toBeNull();
  });

  test("a config without `burst` is shown no burst; one that has it again begins at home", () => {
    const site = new BurstSite();
    for (let slot = 0; slot < 4; slot++) site.ask();
    site.passes(5_000);
    const { burst: _, ...without } = shop;
    site.coordinator.reconfigure(without, site.now);
    expect(site.coordinator.view(site.now).burst).toBeNull();
    site.coordinator.reconfigure(shop, site.now);
    expect(site.view.state).toBe("home");
  });

  test("another configuration of a burst goes on with its state", () => {
    const site = new BurstSite();
    for (let slot = 0; slot < 4; slot++) site.ask();
    site.passes(5_000);
    site.coordinator.reconfigure({ ...shop, burst: { ...burst, minHoldMs: 1_000_000 } }, site.now);
    site.endAll();
    site.passes(60_000);
    expect(site.view.state).toBe("bursting");
  });

  test("instances that come and go neither put off a burst nor its end", () => {
    const site = new BurstSite();
    const [home, cloud] = shop.pools;
    if (home === undefined || cloud === undefined) return expect.fail("two pools");
    const passesWithNews = (ms: number): void => {
      for (let nth = 0; nth < ms / 1_000; nth++) {
        const origins = [...cloud.origins, ...(nth % 2 === 0 ? [origin("new", { registered: true })] : [])];
        site.coordinator.reconfigure({ ...shop, pools: [home, { ...cloud, origins }] }, site.now);
        site.passes(1_000);
      }
    };
    for (let slot = 0; slot < 4; slot++) site.ask();
    passesWithNews(10_000);
    expect(site.transitions).toEqual(["bursting"]);
    site.endAll();
    passesWithNews(10_000);
    expect(site.transitions).toEqual(["bursting", "returning"]);
  });
});

describe("sessions", () => {
  test("during a burst no session is moved: neither one of home, though home is full, nor one of the cloud", () => {
    const site = new BurstSite();
    const atHome = [0, 1, 2, 3].map(() => site.ask().origin);
    site.passes(5_000);
    expect(site.view.state).toBe("bursting");
    for (const [index, bound] of atHome.entries()) {
      const pin = { session: `home-${index}`, origin: bound, epoch: 1, begunMs: startMs };
      expect(site.ask(pin)).toMatchObject({ origin: "c", pin: "elsewhere" });
    }
    site.endAll();
    for (let index = 0; index < 50; index++) {
      expect(site.ask(cloudSession(`s-${index}`))).toMatchObject({ origin: "c", pin: "kept" });
    }
    expect(site.view).toMatchObject({ sessionsMoved: 0, sessionsInCloud: 50 });
  });

  test("after it all come home by the deadline, each once, evenly, and stay", () => {
    const site = new BurstSite();
    site.throughBurst();
    const bound = new Map<string, string>();
    const moves = new Map<string, number>();
    const names = Array.from({ length: 200 }, (_, index) => `s-${index}`);
    const movedAt = (part: number): number => {
      while (site.now < startMs + 20_000 + part * moveWithinMs) site.passes(1_000);
      for (const session of names) {
        const pin = { ...cloudSession(session), origin: bound.get(session) ?? "c" };
        const served = site.ask(pin);
        site.endAll();
        if (served.pin === "moved") moves.set(session, (moves.get(session) ?? 0) + 1);
        bound.set(session, served.origin);
      }
      return moves.size;
    };
    const half = movedAt(0.5);
    expect(half).toBeGreaterThan(70);
    expect(half).toBeLessThan(130);
    expect(movedAt(1.01)).toBe(200);
    expect(site.view).toMatchObject({ sessionsMoved: 200, sessionsInCloud: 0 });
    movedAt(1.5);
    expect([...moves.values()].every((count) => count === 1)).toBe(true);
    expect([...bound.values()].every((name) => homes.includes(name))).toBe(true);
  });

  test("requests of one session that arrive together go to one origin, and count once", () => {
    const site = new BurstSite();
    site.throughBurst();
    site.passes(moveWithinMs);
    const together = [site.ask(cloudSession("s")), site.ask(cloudSession("s"))];
    expect(new Set(together.map((served) => served.origin)).size).toBe(1);
    expect(together.map((served) => served.pin)).toEqual(["moved", "moved"]);
    // Its origin is full by now, though the other one is not.
    expect(site.ask(cloudSession("s"))).toMatchObject({ pin: "elsewhere" });
    expect(site.view).toMatchObject({ sessionsMoved: 1, sessionsInCloud: 0 });
  });

  test("without room at home they stay where they are for now", () => {
    const site = new BurstSite();
    site.throughBurst();
    site.passes(moveWithinMs);
    for (let slot = 0; slot < 4; slot++) site.ask();
    expect(site.ask(cloudSession("s"))).toMatchObject({ origin: "c", pin: "kept" });
    site.endAll();
    site.passes(1_000);
    expect(site.ask(cloudSession("s"))).toMatchObject({ pin: "moved" });
  });

  test("no session is moved while home is above a threshold of exit, though it has room", () => {
    const site = new BurstSite();
    site.throughBurst();
    site.passes(moveWithinMs);
    for (let slot = 0; slot < 3; slot++) site.ask();
    site.passes(5_000);
    expect(site.ask(cloudSession("s"))).toMatchObject({ origin: "c", pin: "kept" });
    site.endAll();
    site.passes(5_000);
    expect(site.ask(cloudSession("s"))).toMatchObject({ pin: "moved" });
  });

  test("a session that began in the cloud after the burst waits for the burst's own, and comes home too when home is at ease", () => {
    const site = new BurstSite();
    site.throughBurst();
    site.passes(moveWithinMs / 2);
    expect(site.view.state).toBe("returning");
    expect(site.ask(cloudSession("late", site.now - 1_000))).toMatchObject({ origin: "c", pin: "kept" });
    site.passes(moveWithinMs);
    expect(site.view.state).toBe("home");
    expect(site.ask(cloudSession("late", site.now - 1_000))).toMatchObject({ pin: "moved", returned: true });
  });

  test("one that was moved home before is not moved again, whatever burst has bound it to the cloud since", () => {
    const site = new BurstSite();
    site.throughBurst();
    site.passes(3 * moveWithinMs);
    const again = { ...cloudSession("again"), returned: true } as const;
    expect(site.ask(again)).toMatchObject({ origin: "c", pin: "kept", spill: "policy" });
  });

  test("in a region they come home likewise: each to one origin, however often it asks, and the root counts it once", () => {
    const regional = { ...shop, regions: ["weur"] };
    const site = new BurstSite(regional);
    site.throughBurst();
    site.passes(moveWithinMs);
    const region = new Coordinator(regional, nothingSaved, site.now, { region: "weur" });
    const regionLink = region.regionLink ?? expect.fail("no root");
    const tellsRoot = (): void => {
      const sent = regionLink.write({ order: 1, hash: "a" }, site.now);
      const { reply, ...effects } = site.coordinator.exchange(sent.message, site.now, seededRandom(1));
      site.record(effects);
      regionLink.recordReply(reply, sent, site.now);
    };
    tellsRoot();
    const isolate = new OneHolder(region);
    const sessions = Array.from({ length: 10 }, (_, nth) => `s-${nth}`);
    const ask = (session: string): string => {
      const { pick } = isolate.ask(site.now, { pin: cloudSession(session) });
      if (pick?.kind !== "granted") return expect.fail(`no slot: ${pick?.kind}`);
      isolate.close(pick.origin, site.now);
      return `${pick.pin} to ${pick.origin}`;
    };
    const first = sessions.map(ask);
    expect(new Set(first)).toEqual(new Set(["moved to a", "moved to b"]));
    expect(sessions.map(ask)).toEqual(first);
    expect(site.view.sessionsMoved).toBe(0);
    tellsRoot();
    tellsRoot();
    expect(site.view).toMatchObject({ sessionsMoved: 10, sessionsInCloud: 0 });
  });

  test("also an evicted object brings them home", () => {
    const site = new BurstSite();
    site.throughBurst();
    site.now += moveWithinMs;
    site.evict();
    site.passes(1_000);
    expect(site.ask(cloudSession("s"))).toMatchObject({ pin: "moved" });
  });

  test("whatever the load does: none is moved in a burst, and each once at most after it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const random = seededRandom(seed);
        const site = new BurstSite();
        const bound = new Map<string, string>();
        const moves = new Map<string, number>();
        for (let step = 0; step < 60; step++) {
          const load = random.next() < 0.5 ? 4 : Math.floor(random.next() * 3);
          for (let slot = 0; slot < load; slot++) site.ask();
          site.passes(random.next() * 12_000);
          const session = `s-${Math.floor(random.next() * 5)}`;
          const { state } = site.view;
          const served = site.ask({ ...cloudSession(session), origin: bound.get(session) ?? "c" });
          site.endAll();
          if (served.pin !== "moved") continue;
          expect(state).not.toBe("bursting");
          bound.set(session, served.origin);
          moves.set(session, (moves.get(session) ?? 0) + 1);
        }
        expect(Math.max(0, ...moves.values())).toBeLessThanOrEqual(1);
        expect(site.view.sessionsMoved).toBe(moves.size);
      }),
      { numRuns: runs(12, 2_000) },
    );
  });
});
