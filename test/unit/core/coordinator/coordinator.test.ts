/** What the object answers to an ask, and what it takes in beside it. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { SavedState } from "../../../../core/coordinator/saved-state.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;

const shop = upstream({
  policy: { name: "round_robin" },
  pools: [
    pool("home", [origin("a", { maxConns: 1 }), origin("b", { maxConns: 1 })]),
    pool("cloud", [origin("c")]),
  ],
});

function start(config: Upstream = shop, saved: Partial<SavedState> = {}) {
  const coordinator = new Coordinator(config, { ...nothingSaved, ...saved }, now);
  return { coordinator, holder: new OneHolder(coordinator) };
}

function inFlight(coordinator: Coordinator, at = now): Record<string, number> {
  const origins = coordinator.view(at).pools.flatMap((one) => one.origins);
  return Object.fromEntries(origins.map((one) => [one.name, one.inFlight]));
}

describe("an ask", () => {
  test("is granted a slot, and the slot counts", () => {
    const { coordinator, holder } = start();
    expect(holder.ask(now).pick).toEqual({
      kind: "granted",
      origin: "a",
      pool: "home",
      pinEpoch: 1,
      pin: "none",
    });
    expect(inFlight(coordinator)).toEqual({ a: 1, b: 0, c: 0 });
  });

  test("spills when home is full, and the next is at home again as soon as one slot of home is free", () => {
    const { holder } = start();
    expect([holder.askedFor(now), holder.askedFor(now)]).toEqual(["a", "b"]);
    expect(holder.ask(now).pick).toMatchObject({ origin: "c", spill: "peak" });
    holder.close("b", now);
    const { pick } = holder.ask(now);
    expect(pick).toMatchObject({ origin: "b", pool: "home" });
    expect(pick).not.toHaveProperty("spill");
  });

  test("is answered `unavailable` when no origin can serve, and takes no slot", () => {
    const { coordinator, holder } = start(
      upstream({ pools: [pool("home", [origin("a", { maxConns: 1 })])] }),
    );
    holder.ask(now);
    expect(holder.ask(now).pick).toEqual({ kind: "unavailable", why: "full" });
    expect(inFlight(coordinator)).toEqual({ a: 1 });
  });

  test("is answered to every holder from the same slots", () => {
    const { coordinator, holder } = start();
    const other = new OneHolder(coordinator, "isolate-2");
    expect([holder.askedFor(now), other.askedFor(now), holder.askedFor(now)]).toEqual(["a", "b", "c"]);
    expect(coordinator.view(now).holders).toBe(2);
  });

  test("that arrives again gets the same pick and no second slot, whatever has changed meanwhile", () => {
    const { coordinator, holder } = start();
    const message = holder.message(now);
    const first = holder.deliver(message, now).reply.pick;
    coordinator.drains.operate("a", "down", now);
    expect(holder.deliver(message, now + 100).reply.pick).toEqual(first);
    expect(holder.deliver(message, now + 200).reply.pick).toEqual(first);
    expect(inFlight(coordinator)).toEqual({ a: 1, b: 0, c: 0 });
  });

  test("that is overtaken by a later message is still granted, if the holder still waits", () => {
    const { coordinator, holder } = start();
    const [early, late] = [holder.message(now), holder.message(now)];
    expect(holder.deliver(late, now).reply.pick).toMatchObject({ kind: "granted", origin: "a" });
    expect(holder.deliver(early, now).reply.pick).toMatchObject({ kind: "granted", origin: "b" });
    expect(inFlight(coordinator)).toEqual({ a: 1, b: 1, c: 0 });
  });

  test("that was given up is `withdrawn` when it comes late, and takes no slot", () => {
    const { coordinator, holder } = start();
    const late = holder.message(now);
    holder.giveUp(late);
    expect(holder.askedFor(now)).toBe("a");
    expect(holder.deliver(late, now).reply.pick).toEqual({ kind: "withdrawn" });
    expect(inFlight(coordinator)).toEqual({ a: 1, b: 0, c: 0 });
  });

  test("that was granted and given up leaves its slot free again with the holder's next message", () => {
    const { coordinator, holder } = start();
    const message = holder.message(now);
    holder.deliver(message, now);
    holder.giveUp(message);
    holder.report(now, []);
    expect(inFlight(coordinator)).toEqual({ a: 0, b: 0, c: 0 });
  });

  test("whose holder is never heard of again gives its slot back after the longest for which a request may be declared", () => {
    const { coordinator, holder } = start();
    holder.deliver(holder.message(now), now);
    const { totalMs } = shop.timeouts;
    expect(inFlight(coordinator, now + totalMs - 1)).toMatchObject({ a: 1 });
    expect(inFlight(coordinator, now + totalMs + 7_000)).toMatchObject({ a: 0 });
  });
});

describe("a reply", () => {
  test("to a message without a want has no pick", () => {
    const { holder } = start(shop, { epoch: 7 });
    expect(holder.report(now, []).reply).toEqual({ epoch: 7, outcomesSeen: 0, mode: "strict" });
  });

  test("says which outcomes have been counted", () => {
    const { holder } = start();
    const failed = { origin: "a", ok: false };
    expect(holder.report(now, [failed, failed, failed]).reply.outcomesSeen).toBe(3);
    expect(holder.report(now, [failed]).reply.outcomesSeen).toBe(4);
  });
});

describe("retries", () => {
  const endless = upstream({
    policy: { name: "round_robin" },
    pools: [pool("home", [origin("a"), origin("b")])],
  });

  test("go to an origin that was not tried", () => {
    const { holder } = start(endless);
    expect(holder.askedFor(now, { tried: ["a"] })).toBe("b");
  });

  test("avoid an origin whose last request failed, for any holder", () => {
    const { coordinator, holder } = start(
      upstream({
        pools: [
          pool(
            "home",
            ["a", "b", "c"].map((name) => origin(name)),
          ),
        ],
      }),
    );
    new OneHolder(coordinator, "isolate-2").report(now, [{ origin: "b", ok: false }]);
    expect([1, 2, 3].map(() => holder.askedFor(now, { tried: ["a"] }))).toEqual(["c", "c", "c"]);
  });

  test("are refused when the fleet's budget is spent, and first attempts never are", () => {
    const { coordinator, holder } = start(endless);
    const other = new OneHolder(coordinator, "isolate-2");
    for (let request = 0; request < 50; request++) holder.ask(now);
    // The reserve of 100, and a fifth of 50 requests.
    const answers = Array.from({ length: 120 }, () => other.askedFor(now, { tried: ["a"] }));
    expect(answers.filter((answer) => answer === "b")).toHaveLength(110);
    expect(answers.slice(110)).toEqual(Array.from({ length: 10 }, () => "no-retry-budget"));
    expect(["a", "b"]).toContain(other.askedFor(now));
    expect(other.askedFor(now + 10_000, { tried: ["a"] })).toBe("b");
  });

  test("of one client beside others take half of the fleet's at most, and other clients have the rest", () => {
    const { holder } = start(endless);
    const retried = (client: number) => holder.ask(now, { tried: ["a"], client }).pick;
    expect(retried(2)).toMatchObject({ kind: "granted" });
    const ofOne = Array.from({ length: 80 }, () => retried(1));
    expect(ofOne.filter((pick) => pick?.kind === "granted")).toHaveLength(50);
    expect(ofOne.at(-1)).toEqual({ kind: "no-retry-budget", of: "client" });
    expect(retried(2)).toMatchObject({ kind: "granted" });
    // An isolate of an earlier deployment does not say whose the request is: no part is asked for.
    expect(holder.ask(now, { tried: ["a"] }).pick).toMatchObject({ kind: "granted" });
  });

  test.each([
    { whose: "one client", reported: { client: 1 }, expected: 90 },
    { whose: "another client", reported: { client: 2 }, expected: 50 },
    { whose: "several clients", reported: { several: true as const, count: 2 }, expected: 50 },
  ])("of one client take $expected of 100 where holders under leases have served $whose", (row) => {
    const { coordinator, holder } = start(endless);
    new OneHolder(coordinator, "isolate-2").report(now, [{ origin: "b", ok: true, ...row.reported }]);
    const picks = Array.from({ length: 120 }, () => holder.ask(now, { tried: ["a"], client: 1 }).pick);
    expect(picks.filter((pick) => pick?.kind === "granted")).toHaveLength(row.expected);
  });

  test("are never granted with a budget of 0", () => {
    const { holder } = start({ ...endless, retries: { ...endless.retries, budget: 0 } });
    for (let request = 0; request < 50; request++) holder.ask(now);
    expect(holder.askedFor(now, { tried: ["a"] })).toBe("no-retry-budget");
  });

  test("that arrive twice are counted once", () => {
    const { holder } = start(endless);
    const message = holder.message(now, { tried: ["a"] });
    for (let copy = 0; copy < 50; copy++) holder.deliver(message, now);
    const answers = Array.from({ length: 100 }, () => holder.askedFor(now, { tried: ["a"] }));
    expect(answers.filter((answer) => answer === "b")).toHaveLength(99);
  });
});

describe("outcomes", () => {
  const failure = { origin: "a", ok: false, detail: "reset" };

  test("eject an origin, counted over all holders, and the ejection is to be persisted and logged", () => {
    const { coordinator, holder } = start();
    const other = new OneHolder(coordinator, "isolate-2");
    expect(holder.report(now, [failure, failure])).toMatchObject({ rows: new Map(), events: [] });
    const { rows, events } = other.report(now, [failure, failure, failure]);
    expect(events).toMatchObject([{ event: "health", origin: "a", to: "ejected" }]);
    expect([...rows]).toEqual([["health/a", coordinator.records.health.of("a")]]);
    expect(holder.askedFor(now)).toBe("b");
  });

  test("are counted once, however often their message arrives", () => {
    const { holder, coordinator } = start();
    const message = { ...holder.message(now), outcomes: [failure, failure, failure, failure] };
    for (let copy = 0; copy < 5; copy++) expect(holder.deliver(message, now).events).toEqual([]);
    expect(coordinator.statusOf("a").healthy).toBe(true);
  });

  test("are judged before the ask they come with is answered", () => {
    const { holder } = start();
    const message = { ...holder.message(now), outcomes: Array.from({ length: 5 }, () => failure) };
    expect(holder.deliver(message, now).reply.pick).toMatchObject({ origin: "b" });
  });
});
