/** Where requests go when a pool's budget is used up, in answer to an ask, and by an isolate's own decision. */
import { describe, expect, test } from "vitest";

import { periods } from "../../../../core/budget/spending.ts";
import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { Pool, Upstream, WhenUsedUp } from "../../../../core/model/upstream.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved, savedAfter } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

/** Twenty seconds before an hour's end. */
const now = 500_000 * periods.hour - 20_000;

const home = pool("home", [origin("a", { maxConns: 1 })]);
const reserve = pool("reserve", [origin("r", { maxConns: 1 })]);

function cloud(requestsPerHour: number, whenUsedUp: WhenUsedUp = "fail"): Pool {
  return pool("cloud", [origin("c")], { budget: { requestsPerHour, whenUsedUp } });
}

function start(pools: readonly Pool[], options: Partial<Upstream> = {}) {
  const coordinator = new Coordinator(upstream({ pools, ...options }), nothingSaved, now);
  return { coordinator, holder: new OneHolder(coordinator) };
}

describe("asked, with home full and the cloud's budget used up", () => {
  test("a third pool takes the request, for the budget's sake", () => {
    const { holder } = start([home, cloud(1), reserve]);
    expect(holder.ask(now).pick).toMatchObject({ pool: "home" });
    expect(holder.ask(now).pick).toMatchObject({ pool: "cloud", spill: "peak" });
    expect(holder.ask(now).pick).toMatchObject({ pool: "reserve", spill: "budget" });
  });

  test("without one it is refused, and may come back soon: home may have room", () => {
    const { holder } = start([home, cloud(1)]);
    holder.ask(now);
    holder.ask(now);
    const refused = { kind: "unavailable", why: "budget", pool: "cloud", againInMs: 2_000 };
    expect(holder.ask(now).pick).toMatchObject(refused);
    holder.close("a", now);
    expect(holder.ask(now).pick).toMatchObject({ pool: "home" });
    // The cloud's own slots have nothing to do with it.
    holder.close("c", now);
    expect(holder.ask(now).pick).toMatchObject(refused);
    expect(holder.ask(now + 20_000).pick).toMatchObject({ pool: "cloud" });
  });

  test("by the only client there is, which may have all of it", () => {
    const { holder } = start([home, cloud(10)]);
    holder.ask(now);
    const picks = Array.from({ length: 10 }, () => holder.ask(now, { client: 1 }).pick);
    expect(picks).toEqual(picks.map(() => expect.objectContaining({ pool: "cloud" })));
    expect(holder.ask(now, { client: 1 }).pick).toMatchObject({ why: "budget" });
  });

  test("by one client beside others, which has half of it: the client is refused, and others still spill", () => {
    const { holder } = start([home, cloud(10)]);
    holder.ask(now);
    expect(holder.ask(now, { client: 2 }).pick).toMatchObject({ pool: "cloud" });
    const ofOne = Array.from({ length: 7 }, () => holder.ask(now, { client: 1 }).pick);
    expect(ofOne.slice(0, 5)).toEqual(
      Array.from({ length: 5 }, () => expect.objectContaining({ pool: "cloud" })),
    );
    const refused = { kind: "unavailable", why: "budget", pool: "cloud", againInMs: 2_000, of: "client" };
    expect(ofOne.slice(5)).toEqual([refused, refused]);
    const others = [3, 4, 5, 6].map((client) => holder.ask(now, { client }).pick);
    expect(others).toEqual(others.map(() => expect.objectContaining({ pool: "cloud" })));
    // Now it is used up for all.
    expect(holder.ask(now, { client: 7 }).pick).toEqual({ ...refused, of: undefined });
  });

  test("by one client beside another, whose part is used up: a third pool takes it", () => {
    const { holder } = start([home, cloud(3), pool("reserve", [origin("r")])]);
    holder.ask(now);
    expect(holder.ask(now, { client: 2 }).pick).toMatchObject({ pool: "cloud" });
    expect(holder.ask(now, { client: 1 }).pick).toMatchObject({ pool: "cloud" });
    expect(holder.ask(now, { client: 1 }).pick).toMatchObject({ pool: "reserve", spill: "budget" });
    expect(holder.ask(now, { client: 3 }).pick).toMatchObject({ pool: "cloud" });
  });

  test("and home down: it may come back when the hour is over, or in a minute, since home may be up again", () => {
    const { coordinator, holder } = start([home, cloud(0)]);
    coordinator.drains.operate("a", "down", now);
    expect(holder.ask(now).pick).toMatchObject({ why: "budget", againInMs: 20_000 });
    expect(holder.ask(now + 20_000).pick).toMatchObject({ why: "budget", againInMs: 60_000 });
  });

  test("and home down, after the hour has come back: nothing of the earlier hour counts any more", () => {
    const { coordinator, holder } = start([home, cloud(1)]);
    coordinator.drains.operate("a", "down", now);
    expect(holder.ask(now).pick).toMatchObject({ pool: "cloud", spill: "drain" });
    expect(holder.ask(now).pick).toMatchObject({ why: "budget" });
    expect(holder.ask(now + 20_000).pick).toMatchObject({ pool: "cloud", spill: "drain" });
  });

  test("a cloud that is down itself is no matter of the budget", () => {
    const { coordinator, holder } = start([home, cloud(0)]);
    holder.ask(now);
    coordinator.drains.operate("c", "down", now);
    expect(holder.ask(now).pick).toMatchObject({ kind: "unavailable", why: "full" });
  });

  test("nor is it exceeded where no origin is healthy, and the cloud is tried all the same", () => {
    const { coordinator, holder } = start([home, cloud(2), reserve]);
    coordinator.drains.operate("a", "down", now);
    for (let round = 0; round < 3; round++) {
      coordinator.probed(
        ["c", "r"].map((name) => ({ origin: name, good: false, evidence: "timeout" })),
        now,
      );
    }
    const tries = Array.from({ length: 4 }, () => holder.ask(now).pick);
    expect(tries).toMatchObject([
      { pool: "cloud", panic: true },
      { pool: "cloud", panic: true },
      { pool: "reserve", panic: true, spill: "budget" },
      { kind: "unavailable", why: "budget" },
    ]);
  });

  test("with queue, a request that finds home full is told so: there is a place to wait for", () => {
    const { coordinator, holder } = start([home, cloud(0, "queue")]);
    holder.ask(now);
    expect(holder.ask(now).pick).toMatchObject({ kind: "unavailable", why: "full" });
    coordinator.drains.operate("a", "down", now);
    expect(holder.ask(now).pick).toMatchObject({ kind: "unavailable", why: "budget" });
  });

  test("with shed-low-priority, the unimportant is refused first, and goes past to a third pool", () => {
    const { holder } = start([home, cloud(100, "shed-low-priority"), reserve]);
    holder.ask(now);
    // The hour is nearly over: 79 of 100 are less than what is due.
    for (let nth = 0; nth < 80; nth++) {
      expect(holder.ask(now, { priority: "low" }).pick).toMatchObject({ pool: "cloud" });
    }
    expect(holder.ask(now, { priority: "low" }).pick).toMatchObject({ pool: "reserve", spill: "budget" });
    for (let nth = 0; nth < 20; nth++) {
      const priority = nth % 2 === 0 ? "high" : "normal";
      expect(holder.ask(now, { priority }).pick).toMatchObject({ pool: "cloud", spill: "peak" });
    }
    expect(holder.ask(now, { priority: "high" }).pick).toMatchObject({ why: "budget" });
  });

  test("a session that is bound there is served at home for once, and stays bound", () => {
    const { holder } = start([pool("home", [origin("a", { maxConns: 9 })]), cloud(1)]);
    const pin = { session: "s", origin: "c", epoch: 1 };
    expect(holder.ask(now, { pin }).pick).toMatchObject({ pool: "cloud", pin: "kept", spill: "policy" });
    expect(holder.ask(now, { pin }).pick).toMatchObject({ pool: "home", pin: "elsewhere" });
    expect(holder.ask(now + 20_000, { pin }).pick).toMatchObject({ pool: "cloud", pin: "kept" });
  });

  test("a second attempt counts as a first one does", () => {
    const { holder } = start([home, cloud(2), reserve]);
    expect(holder.ask(now, { tried: ["a"] }).pick).toMatchObject({ pool: "cloud" });
    expect(holder.ask(now, { tried: ["a"] }).pick).toMatchObject({ pool: "cloud" });
    expect(holder.ask(now, { tried: ["a"] }).pick).toMatchObject({ pool: "reserve", spill: "budget" });
  });
});

describe("beside a queue", () => {
  const queue = { length: 3, timeoutMs: 5_000, priority: "normal" } as const;

  test("a request that may go to the cloud goes in time, though one waits behind it that may not", () => {
    const dear = { ...cloud(100, "shed-low-priority"), priceMs: 250 };
    const { coordinator, holder } = start([home, dear], { queue });
    holder.ask(now);
    for (let nth = 0; nth < 80; nth++) holder.ask(now, { priority: "low" });
    holder.report(now, [{ origin: "a", ok: true, headerMs: 100 }]);
    holder.deliver(holder.message(now), now);
    holder.deliver(holder.message(now, { priority: "low" }), now);
    expect(coordinator.view(now).queue).toMatchObject({ length: 2, worthMs: 250 });
    expect(coordinator.tendAtMs).toBe(now + 248);
    const { waited } = coordinator.tend(now + 248, seededRandom(1));
    expect(waited).toMatchObject([{ pick: { kind: "granted", pool: "cloud", spill: "peak" } }]);
    expect(coordinator.tendAtMs).toBe(now + queue.timeoutMs);
  });

  test("with queue, a request that would have gone to the cloud waits at home, and is served there", () => {
    const { holder } = start([home, cloud(1, "queue")], { queue });
    expect(holder.ask(now).pick).toMatchObject({ pool: "home" });
    expect(holder.ask(now).pick).toMatchObject({ pool: "cloud" });
    const message = holder.message(now);
    expect(holder.deliver(message, now).reply.pick).toMatchObject({ kind: "queued" });
    holder.close("a", now + 1_000);
    const again = holder.deliver(message, now + 1_000).reply.pick;
    expect(again).toMatchObject({ kind: "granted", pool: "home" });
  });

  test("with fail, a request that would have gone to the cloud is refused, and does not wait instead", () => {
    const { holder } = start([home, cloud(1)], { queue });
    holder.ask(now);
    holder.ask(now);
    expect(holder.ask(now).pick).toMatchObject({ kind: "unavailable", why: "budget", pool: "cloud" });
  });

  test("with fail, a request that would have waited anyway, as that is quicker, goes on to wait", () => {
    const dear = { ...cloud(1), priceMs: 60_000 };
    const { coordinator, holder } = start([home, dear], { queue });
    expect(holder.ask(now, { tried: ["a"] }).pick).toMatchObject({ pool: "cloud" });
    for (let nth = 0; nth < 3; nth++) holder.report(now, [{ origin: "a", ok: true, headerMs: 10 }]);
    holder.ask(now);
    expect(holder.deliver(holder.message(now), now).reply.pick).toMatchObject({ kind: "queued" });
    expect(coordinator.view(now).queue).toMatchObject({ length: 1 });
  });

  test("a request that waits and is served by the cloud in the end is paid for", () => {
    const { coordinator, holder } = start([home, cloud(5, "queue")], { queue });
    coordinator.drains.operate("c", "down", now);
    holder.ask(now);
    const message = holder.message(now);
    expect(holder.deliver(message, now).reply.pick).toMatchObject({ kind: "queued" });
    coordinator.drains.operate("c", "up", now);
    const { waited, rows: written } = coordinator.tend(now, seededRandom(1));
    expect(waited).toMatchObject([{ seq: message.seq, pick: { kind: "granted", pool: "cloud" } }]);
    expect(written.get("budget/cloud")).toMatchObject({ requests: { upTo: 1 } });
    expect(coordinator.view(now).pools[1]?.budget?.requestsPerHour?.spent).toBe(1);
  });
});

describe("under a lease", () => {
  const want = { tried: [] };

  /** A holder with a lease of all that home has, and home full by it. */
  function leased(pools: readonly Pool[]) {
    const { coordinator } = start(pools, { coordination: "leased" });
    const holder = new Leaseholder(
      upstream({ pools, coordination: "leased", onCoordinatorLoss: "exceed" }),
      "one",
      seededRandom(1),
    );
    const ask = (at = now) => {
      const sent = holder.write({ order: 1, hash: "a" }, at, { want });
      const { reply } = coordinator.exchange(sent.message, at, seededRandom(1));
      holder.recordReply(reply, sent);
      return { answer: holder.answered(reply, sent, at), reply };
    };
    return { coordinator, holder, ask };
  }

  test("a pool with a budget is in no lease, and each request that would go there asks", () => {
    const { holder, ask } = leased([home, cloud(5)]);
    const { reply } = ask();
    expect(reply.lease?.origins.map(({ origin: name }) => name)).toEqual(["a"]);
    expect(reply.lease?.closed).toMatchObject([{ pool: "home", why: "peak" }]);
    expect(holder.pick(want, now)).toEqual({ kind: "ask" });
    expect(ask().answer).toMatchObject({ kind: "granted", mode: "strict", pick: { pool: "cloud" } });
  });

  test("when it is used up, the object says so, and need not be asked for a while", () => {
    const { holder, ask } = leased([home, cloud(1)]);
    ask();
    const { reply } = ask();
    expect(reply).toMatchObject({ pick: { pool: "cloud" } });
    expect(reply.lease?.closed).toMatchObject([{ pool: "home" }, { pool: "cloud", why: "budget" }]);
    const refused = { kind: "unavailable", why: "budget", pool: "cloud", againInMs: 2_000 };
    expect(holder.pick(want, now)).toMatchObject(refused);
    expect(holder.pick(want, now + 1_000)).toEqual({ kind: "ask" });
  });

  test("a third pool takes what is left, for the budget's sake", () => {
    const { holder, ask } = leased([home, cloud(1), pool("reserve", [origin("r")])]);
    ask();
    ask();
    const pick = { pool: "reserve", spill: "budget" };
    expect(holder.pick(want, now)).toMatchObject({ kind: "granted", mode: "leased", pick });
  });

  test("without the object no request goes there: home is exceeded instead, if that may be", () => {
    const { holder, ask } = leased([home, cloud(5)]);
    ask();
    const sent = holder.write({ order: 1, hash: "a" }, now, { want });
    const pick = { pool: "home", excess: true };
    expect(holder.recordLoss(sent, now)).toMatchObject({ kind: "granted", mode: "fail-static", pick });
  });
});

describe("what is told, persisted and shown", () => {
  test("events, rows and the state say the same, and a new incarnation goes on from there", () => {
    const { coordinator, holder } = start([home, cloud(10)]);
    holder.ask(now);
    const answers = Array.from({ length: 12 }, () => holder.ask(now));
    const about = {
      event: "budget",
      upstream: "shop",
      pool: "cloud",
      of: "requests",
      per: "hour",
      limit: 10,
    };
    expect(answers.flatMap(({ events }) => events)).toEqual([
      { ...about, state: "warning", spent: 8 },
      { ...about, state: "used-up", spent: 10 },
    ]);
    const budget = {
      whenUsedUp: "fail",
      isUsedUp: true,
      requestsPerHour: { limit: 10, spent: 10, left: 0, renewsMs: now + 20_000 },
      moneyPerDay: null,
    };
    expect(coordinator.view(now).pools[1]?.budget).toEqual(budget);
    expect(coordinator.view(now).pools[0]?.budget).toBeNull();
    const { budgets } = savedAfter(...answers.map(({ rows }) => rows));
    const again = new Coordinator(
      upstream({ pools: [home, cloud(10)] }),
      { ...nothingSaved, epoch: 2, budgets },
      now,
    );
    expect(again.view(now).pools[1]?.budget).toEqual(budget);
    const other = new OneHolder(again);
    other.ask(now);
    expect(other.ask(now)).toMatchObject({ pick: { why: "budget" }, events: [] });
  });

  test("a limit that is raised, or gone for a while, does not forget what was spent", () => {
    const { coordinator, holder } = start([home, cloud(2)]);
    holder.ask(now);
    holder.ask(now);
    coordinator.reconfigure(upstream({ pools: [home, pool("cloud", [origin("c")])] }), now);
    expect(holder.ask(now).pick).toMatchObject({ pool: "cloud" });
    coordinator.reconfigure(upstream({ pools: [home, cloud(3)] }), now);
    expect(holder.ask(now).pick).toMatchObject({ pool: "cloud" });
    expect(holder.ask(now).pick).toMatchObject({ pool: "cloud" });
    expect(holder.ask(now).pick).toMatchObject({ why: "budget" });
  });

  test("an object that comes to rest persists what was spent, exactly", () => {
    const { coordinator, holder } = start([home, cloud(1_000)]);
    for (let nth = 0; nth < 112; nth++) holder.ask(now);
    expect(coordinator.rest(now).rows.get("budget/cloud")).toMatchObject({ requests: { upTo: 111 } });
  });
});
