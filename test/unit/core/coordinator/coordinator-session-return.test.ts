/** Sessions that were bound to the cloud, and the way home that they have without a `burst` in the config. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../../core/model/random.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import type { GrantedPick, Pin } from "../../../../core/protocol/pick.ts";
import { runs } from "../../../support/runs.ts";
import { Site } from "../../../support/site.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const sticky = { cookie: "weir", ttlMs: 28_800_000, idleMs: 1_800_000, path: "/", homecoming: true };
const shop = upstream({
  pools: [
    pool("home", [origin("a", { maxConns: 2 }), origin("b", { maxConns: 2 })]),
    pool("cloud", [origin("c")]),
  ],
  sticky,
});

/** A client that keeps its cookie as a browser does, written as `worker/proxy/filters/sticky.ts` writes it. */
class Browser {
  pin: Pin | undefined;
  /** How often its session was moved from the cloud to home. */
  returns = 0;
  readonly #session: string;

  constructor(session: string) {
    this.#session = session;
  }

  took({ origin: name, pinEpoch: epoch, pin, returned }: GrantedPick, now: number): void {
    if (pin === "elsewhere") return;
    if (this.pin?.origin === "c" && name !== "c") this.returns++;
    this.pin = {
      session: this.#session,
      origin: name,
      epoch,
      begunMs: this.pin?.begunMs ?? now,
      ...((this.pin?.returned ?? returned) && { returned: true }),
    };
  }
}

class BrowsedSite extends Site {
  constructor(options: Partial<Upstream> = {}) {
    super({ ...shop, ...options });
  }

  visit(browser: Browser): GrantedPick {
    const pick = this.ask(browser.pin);
    browser.took(pick, this.now);
    return pick;
  }

  /** Home is full for a moment: a session that comes then is bound to the cloud. */
  boundToCloud(session: string): Browser {
    for (let nth = 0; nth < 4; nth++) this.visit(new Browser(`other-${nth}`));
    const browser = new Browser(session);
    expect(this.visit(browser)).toMatchObject({ origin: "c", pin: "none", spill: "peak" });
    this.endAll();
    return browser;
  }
}

describe("a session that a moment's peak has bound to the cloud", () => {
  test("is served there at first, and comes home once home has had room for a while", () => {
    const site = new BrowsedSite();
    const browser = site.boundToCloud("s");
    site.passes(5_000);
    expect(site.visit(browser)).toMatchObject({ origin: "c", pin: "kept", spill: "policy" });
    site.endAll();
    site.passes(75_000);
    const back = site.visit(browser);
    expect(back).toMatchObject({ pool: "home", pin: "moved", returned: true });
    expect(back).not.toHaveProperty("spill");
    site.endAll();
    expect(site.visit(browser)).toMatchObject({ origin: back.origin, pin: "kept" });
  });

  test("stays there for as long as it lives, if the config says so", () => {
    const site = new BrowsedSite({ sticky: { ...sticky, homecoming: false } });
    const browser = site.boundToCloud("s");
    site.passes(600_000);
    expect(site.visit(browser)).toMatchObject({ origin: "c", pin: "kept", spill: "policy" });
  });

  test("stays there while home has no room", () => {
    const site = new BrowsedSite();
    const browser = site.boundToCloud("s");
    for (let nth = 0; nth < 3; nth++) site.visit(new Browser(`other-${nth}`));
    site.passes(25_000);
    expect(site.visit(browser)).toMatchObject({ origin: "c", pin: "kept" });
  });

  test("comes home with its requests that were sent together, to one origin, and each says so", () => {
    const site = new BrowsedSite();
    const { pin } = site.boundToCloud("s");
    site.passes(75_000);
    const together = [0, 1].map(() => site.holder.ask(site.now, pin && { pin }).pick);
    expect(together[0]).toMatchObject({ pool: "home", pin: "moved", returned: true });
    expect(together[1]).toEqual(together[0]);
  });

  test("is not moved by a second attempt", () => {
    const site = new BrowsedSite();
    const { pin } = site.boundToCloud("s");
    site.passes(75_000);
    expect(site.holder.ask(site.now, { tried: ["x"], ...(pin && { pin }) }).pick).toMatchObject({
      origin: "c",
    });
  });
});

test("a session of home whose origin is full goes elsewhere for this once, and is not bound there", () => {
  const site = new BrowsedSite();
  const browser = new Browser("s");
  const { origin: own } = site.visit(browser);
  for (let nth = 0; nth < 3; nth++) site.visit(new Browser(`other-${nth}`));
  expect(site.visit(browser)).toMatchObject({ origin: "c", pin: "elsewhere", spill: "peak" });
  expect(browser.pin?.origin).toBe(own);
  site.endAll();
  expect(site.visit(browser)).toMatchObject({ origin: own, pin: "kept" });
});

test("sessions that were bound to the cloud by home's outage come home a few at a time", () => {
  const site = new BrowsedSite();
  for (const name of ["a", "b"]) site.coordinator.drains.operate(name, "down", site.now);
  const browsers = Array.from({ length: 120 }, (_, nth) => new Browser(`s-${nth}`));
  for (const browser of browsers) site.visit(browser);
  site.endAll();
  for (const name of ["a", "b"]) site.coordinator.drains.operate(name, "up", site.now);
  const backAfter = (ms: number): number => {
    site.passes(ms);
    for (const browser of browsers) {
      site.visit(browser);
      site.endAll();
    }
    return browsers.filter(({ returns }) => returns === 1).length;
  };
  expect(backAfter(5_000)).toBe(0);
  const third = backAfter(26_000);
  expect(third).toBeGreaterThan(20);
  expect(third).toBeLessThan(70);
  expect(backAfter(60_000)).toBe(120);
});

test("whatever the load and the outages do, a session is moved home at most once, and only when home has had room", () => {
  let moves = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const random = seededRandom(seed);
      const site = new BrowsedSite();
      const browsers = Array.from({ length: 5 }, (_, nth) => new Browser(`s-${nth}`));
      for (let step = 0; step < 40; step++) {
        const isOut = random.next() < 0.2;
        for (const name of ["a", "b"]) site.coordinator.drains.operate(name, isOut ? "down" : "up", site.now);
        const load = random.next() < 0.4 ? 4 : 0;
        for (let slot = 0; slot < load; slot++) site.visit(new Browser(`other-${step}-${slot}`));
        site.passes(random.next() * 40_000);
        const hadRoom = site.coordinator.sessionReturn !== undefined;
        for (const browser of browsers) {
          const before = browser.returns;
          const { pin, returned } = site.visit(browser);
          if (browser.returns > before)
            expect({ pin, returned, hadRoom }).toEqual({ pin: "moved", returned: true, hadRoom: true });
        }
        site.endAll();
      }
      for (const { returns } of browsers) expect(returns).toBeLessThanOrEqual(1);
      moves += browsers.reduce((sum, { returns }) => sum + returns, 0);
    }),
    { numRuns: runs(12, 2_000) },
  );
  expect(moves).toBeGreaterThan(40);
});
