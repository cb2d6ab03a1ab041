/** The queue as holders meet it: which requests wait at the object, when each is served, and what the others may do meanwhile. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { ExchangeMessage } from "../../../../core/protocol/exchange.ts";
import { priorities, type Pool, type Priority } from "../../../../core/model/upstream.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { home, kindOf, now, rules, Shop } from "../../../support/queueing-shop.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

describe("a request that finds every slot taken", () => {
  test("waits, and gets the next slot that is free", () => {
    const shop = new Shop().fill();
    const { seq, answer } = shop.ask();
    expect(answer.reply).toMatchObject({ pick: { kind: "queued", forMs: 2_000 }, mode: "strict" });
    expect(shop.length).toBe(1);
    expect(shop.coordinator.askState({ holder: "isolate-1", seq }, now)).toBe("waiting");
    shop.close(now + 100);
    expect(shop.waitEnds).toMatchObject([
      { holder: "isolate-1", seq, pick: { kind: "granted", origin: "a" } },
    ]);
    expect(shop.coordinator.askState({ holder: "isolate-1", seq }, now)).toMatchObject({ kind: "granted" });
    expect(shop.length).toBe(0);
  });

  test("waits once, however often its message arrives, and is granted one slot", () => {
    const shop = new Shop().fill();
    const message = shop.ask();
    expect(shop.holder.deliver(message, now + 500).reply.pick).toEqual({ kind: "queued", forMs: 1_500 });
    expect(shop.length).toBe(1);
    shop.close(now + 600);
    expect(shop.holder.deliver(message, now + 700).reply.pick).toMatchObject({ kind: "granted" });
    expect(shop.coordinator.view(now + 700).pools[0]?.origins[0]?.inFlight).toBe(2);
  });

  test("does not wait where no request may, nor if it has failed elsewhere", () => {
    const closed = new Coordinator(upstream({ pools: [home] }), nothingSaved, now);
    const holder = new OneHolder(closed);
    for (let nth = 0; nth < 2; nth++) holder.ask(now);
    expect(holder.ask(now).pick).toEqual({ kind: "unavailable", why: "full" });
    expect(closed.view(now).queue).toBeNull();
    const pools = [pool("home", [origin("a", { maxConns: 2 }), origin("b", { maxConns: 0 })])];
    const shop = new Shop({ pools }).fill();
    expect(kindOf(shop.ask(now, { tried: ["b"] }))).toBe("unavailable");
  });

  test("has left the queue once its holder does not await it any more", () => {
    const shop = new Shop().fill();
    const [first, second] = [shop.ask(), shop.ask()];
    shop.holder.giveUp(first);
    shop.ask();
    expect(shop.waitEnds).toEqual([{ holder: "isolate-1", seq: first.seq, pick: { kind: "withdrawn" } }]);
    expect(shop.length).toBe(2);
    shop.close();
    expect(shop.waitEnds[1]).toMatchObject({ seq: second.seq, pick: { kind: "granted" } });
    expect(shop.coordinator.askState({ holder: "isolate-1", seq: first.seq }, now)).toBeUndefined();
  });

  test("gives back what it was granted, once its holder does not await it any more, to the next", () => {
    const shop = new Shop().fill();
    const [first, second] = [shop.ask(), shop.ask()];
    shop.close();
    expect(shop.waitEnds.map(({ seq }) => seq)).toEqual([first.seq]);
    shop.holder.giveUp(first);
    shop.ask();
    expect(shop.waitEnds.map(({ seq }) => seq)).toEqual([first.seq, second.seq]);
  });
});

describe("a client whose requests may take so many places of the queue", () => {
  const ofOne = { client: 1, mostWaiting: 2 };

  test("has no more, whichever isolates they come from, and others wait", () => {
    const shop = new Shop().fill();
    const elsewhere = new OneHolder(shop.coordinator, "isolate-2");
    expect(kindOf(shop.ask(now, ofOne))).toBe("queued");
    expect(elsewhere.deliver(elsewhere.message(now, ofOne), now).reply.pick?.kind).toBe("queued");
    expect(shop.ask(now, ofOne).answer.reply.pick).toMatchObject({
      kind: "unavailable",
      why: "full",
      of: "client",
    });
    expect(kindOf(shop.ask(now, { client: 2, mostWaiting: 2 }))).toBe("queued");
    expect(kindOf(shop.ask(now))).toBe("queued");
  });

  test.each<[string, (shop: Shop, first: ExchangeMessage) => void]>([
    ["is served", (shop) => shop.close()],
    [
      "is given up",
      (shop, first) => {
        shop.holder.giveUp(first);
        shop.holder.report(now, []);
      },
    ],
    ["has waited for too long", (shop) => shop.tend(now + 2_000)],
  ])("has a place again when one of them %s", (_, end) => {
    const shop = new Shop().fill();
    const first = shop.ask(now, ofOne);
    shop.ask(now, ofOne);
    end(shop, first);
    expect(kindOf(shop.ask(now, ofOne))).toBe("queued");
  });

  test("has a place again when a request of higher priority has taken one", () => {
    const shop = new Shop({ queue: { ...rules, length: 2 } }).fill();
    shop.ask(now, ofOne);
    shop.ask(now, ofOne);
    expect(kindOf(shop.ask(now, { priority: "high" }))).toBe("queued");
    shop.close();
    expect(kindOf(shop.ask(now, ofOne))).toBe("queued");
  });
});

describe("waiting requests are served", () => {
  test("in the order in which they came, higher priorities first", () => {
    const shop = new Shop().fill();
    const asked = (["low", "normal", "high", "normal"] as const).map((priority) =>
      shop.ask(now, { priority }),
    );
    for (let nth = 0; nth < 2; nth++) shop.close();
    shop.tend(now + 2_000);
    const places = shop.waitEnds.map(({ seq }) => asked.findIndex((one) => one.seq === seq));
    expect(places.slice(0, 2)).toEqual([2, 1]);
    expect(shop.waitEnds.slice(2).map(({ pick }) => pick.kind)).toEqual(["unavailable", "unavailable"]);
  });

  test("before a newcomer, also one whose own message brings the slot", () => {
    const shop = new Shop().fill();
    const { seq } = shop.ask();
    const other = new OneHolder(shop.coordinator, "isolate-2");
    const quick = other.deliver(other.message(now), now);
    expect(quick.reply.pick?.kind).toBe("queued");
    shop.close();
    expect(shop.waitEnds).toMatchObject([{ seq, pick: { kind: "granted" } }]);
  });

  test("when a limit is raised, an origin is put up again, or a silent holder's time is over", () => {
    const raised = new Shop().fill();
    raised.ask();
    const pools = [pool("home", [origin("a", { maxConns: 3 })])];
    raised.coordinator.reconfigure(upstream({ pools, queue: rules }), now);
    expect(raised.tend(now)).toMatchObject([{ pick: { kind: "granted" } }]);

    const two = [pool("home", [origin("a", { maxConns: 2 }), origin("b", { maxConns: 1 })])];
    const drained = new Shop({ pools: two, policy: { name: "first" } });
    drained.coordinator.drains.operate("b", "drain", now);
    drained.fill().ask();
    drained.coordinator.drains.operate("b", "undrain", now);
    expect(drained.tend(now)).toMatchObject([{ pick: { kind: "granted", origin: "b" } }]);

    const silent = new Shop({ queue: { ...rules, timeoutMs: 60_000 } }).fill();
    silent.ask(now + 20_000);
    expect(silent.tend(now + 25_000)).toEqual([]);
    expect(silent.tend(now + 42_000)).toMatchObject([{ pick: { kind: "granted" } }]);
  });

  test("by a later pool as soon as nothing serves at home any more", () => {
    const cloud: Pool = { ...pool("cloud", [origin("c", { maxConns: 1 })]), priceMs: 60_000 };
    const shop = new Shop({ pools: [home, cloud] }).fill();
    shop.coordinator.drains.operate("c", "down", now);
    shop.ask();
    shop.coordinator.drains.operate("c", "up", now);
    shop.coordinator.drains.operate("a", "down", now);
    expect(shop.tend(now)).toMatchObject([{ pick: { origin: "c", spill: "drain" } }]);
  });
});

describe("a request is refused", () => {
  test("at its deadline: that of the queue, or its own if that is earlier", () => {
    const shop = new Shop().fill();
    shop.ask();
    shop.ask(now, { waitMs: 500 });
    expect(shop.coordinator.tendAtMs).toBe(now + 500);
    expect(shop.tend(now + 499)).toEqual([]);
    expect(shop.tend(now + 500)).toMatchObject([{ pick: { kind: "unavailable", why: "full" } }]);
    expect(shop.tend(now + 1_999)).toEqual([]);
    shop.close(now + 2_000);
    expect(shop.waitEnds[1]).toMatchObject({ pick: { kind: "unavailable" } });
  });

  test("at once where the queue is full, unless it may go before another request, which is refused instead", () => {
    const shop = new Shop().fill();
    const waiting = (["low", "low", "normal", "normal"] as const).map((priority) =>
      shop.ask(now, { priority }),
    );
    expect(kindOf(shop.ask(now, { priority: "low" }))).toBe("unavailable");
    expect(kindOf(shop.ask(now, { priority: "normal" }))).toBe("queued");
    expect(shop.waitEnds).toMatchObject([{ seq: waiting[1]?.seq, pick: { kind: "unavailable" } }]);
    expect(shop.length).toBe(4);
  });

  test("at once where it would come too late, and told when there is room", () => {
    const shop = new Shop({ queue: { ...rules, length: 100 } });
    // For two seconds, four requests a second end, each after half a second.
    for (let at = now - 2_000; at <= now; at += 250) {
      shop.holder.report(at, [{ origin: "a", ok: true, headerMs: 500 }]);
    }
    shop.fill();
    // A slot becomes free every 250 ms, so the eighth is served after two seconds, and the ninth would be late.
    for (let nth = 1; nth <= 8; nth++) expect(kindOf(shop.ask())).toBe("queued");
    const { pick } = shop.ask().answer.reply;
    expect(pick).toMatchObject({ kind: "unavailable", why: "full", retryAfterS: 2 });
  });
});

describe("beside a later pool that has room", () => {
  /** Home takes 100 ms, the cloud 130 ms: another slot of home every 50 ms. */
  function measured(options: Partial<Pool> = {}): Shop {
    const cloud = { ...pool("cloud", [origin("c")]), ...options };
    const shop = new Shop({ pools: [home, cloud] });
    shop.holder.report(now, [
      { origin: "a", ok: true, headerMs: 100 },
      { origin: "c", ok: true, headerMs: 130 },
    ]);
    return shop.fill();
  }

  test("no request waits for longer than the later pool is slower", () => {
    const shop = measured();
    expect(shop.ask().answer.reply.pick).toMatchObject({ origin: "c", spill: "peak" });
  });

  test("as many wait as its price is worth: 30 ms slower at 80 ms are two waits of 50 ms", () => {
    const shop = measured({ priceMs: 80 });
    const kinds = Array.from({ length: 4 }, () => kindOf(shop.ask()));
    expect(kinds).toEqual(["queued", "queued", "granted", "granted"]);
  });

  test("the first request leaves for it when the line has become too long to be worth waiting", () => {
    const shop = measured({ priceMs: 120 });
    const [first, second, third] = Array.from({ length: 3 }, () => shop.ask());
    expect([first, second, third].map((one) => one && kindOf(one))).toEqual(["queued", "queued", "queued"]);
    // Home takes 150 ms now, and 75 ms to a slot: the cloud, no slower any more, is worth one wait of these.
    shop.report(Array.from({ length: 1_000 }, () => ({ origin: "a", ok: true, headerMs: 150 })));
    expect(shop.waitEnds).toMatchObject([
      { seq: first?.seq, pick: { origin: "c", spill: "peak" } },
      { seq: second?.seq, pick: { origin: "c", spill: "peak" } },
    ]);
    expect(shop.length).toBe(1);
  });

  test("a request that has waited for nearly as long as going there costs goes there: an expectation bounds no single wait", () => {
    const shop = measured({ priceMs: 80 });
    const [first, second] = [shop.ask(), shop.ask(now + 10)];
    expect([kindOf(first), kindOf(second), shop.coordinator.tendAtMs]).toEqual([
      "queued",
      "queued",
      now + 108,
    ]);
    expect(shop.tend(now + 107)).toEqual([]);
    expect(shop.tend(now + 108)).toMatchObject([{ seq: first.seq, pick: { origin: "c", spill: "peak" } }]);
    expect(shop.coordinator.tendAtMs).toBe(now + 118);
    shop.close(now + 115);
    expect(shop.waitEnds[1]).toMatchObject({ seq: second.seq, pick: { origin: "a" } });
  });

  test("a request that has to go at a time goes then, however the sum is rounded", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1_000, noNaN: true }),
        fc.integer({ min: 51, max: 500 }),
        (at, priceMs) => {
          const shop = measured({ priceMs });
          shop.ask(now + at);
          const inMs = shop.coordinator.tendAtMs - (now + at);
          expect(shop.tend(now + at + inMs)).toMatchObject([{ pick: { origin: "c" } }]);
        },
      ),
    );
  });

  test("so does a request that waits behind those of a higher priority", () => {
    const shop = measured({ priceMs: 120 });
    const low = shop.ask(now, { priority: "low" });
    shop.ask(now + 100, { priority: "high" });
    expect(shop.tend(now + 150)).toMatchObject([{ seq: low.seq, pick: { origin: "c" } }]);
    expect(shop.length).toBe(1);
  });

  test("no request leaves for it when it is full: they wait for home, and go as soon as it has room", () => {
    const shop = measured({ priceMs: 80, origins: [origin("c", { maxConns: 1 })] });
    const [first, second] = [shop.ask(), shop.ask()];
    expect(shop.holder.askedFor(now)).toBe("c");
    expect(shop.tend(now + 500)).toEqual([]);
    expect(shop.coordinator.tendAtMs).toBe(now + 2_000);
    shop.close(now + 600, "c");
    expect(shop.waitEnds).toMatchObject([{ seq: first.seq, pick: { origin: "c", spill: "peak" } }]);
    shop.close(now + 700);
    expect(shop.waitEnds[1]).toMatchObject({ seq: second.seq, pick: { origin: "a" } });
  });

  test("a request that has waited in vain goes there, and is not refused", () => {
    const shop = measured({ priceMs: 80 });
    const { seq } = shop.ask();
    expect(shop.tend(now + 2_000)).toMatchObject([{ seq, pick: { origin: "c", spill: "peak" } }]);
  });

  test("no request waits before anything is measured", () => {
    const cloud = { ...pool("cloud", [origin("c")]), priceMs: 60_000 };
    expect(new Shop({ pools: [home, cloud] }).fill().ask().answer.reply.pick).toMatchObject({ origin: "c" });
  });
});

test("while a request waits no slot is leased, and slots are leased again when none waits", () => {
  const shop = new Shop({ coordination: "leased", pools: [pool("home", [origin("a", { maxConns: 8 })])] });
  const other = new OneHolder(shop.coordinator, "isolate-2");
  expect(other.ask(now).reply.mode).toBe("leased");
  other.deliver({ ...other.message(now), quiet: true }, now);
  const mine = Array.from({ length: 9 }, () => shop.ask());
  expect(mine.map(kindOf).filter((kind) => kind === "queued").length).toBeGreaterThan(0);
  expect(other.ask(now).reply).toMatchObject({ mode: "strict" });
  expect(other.ask(now).reply.lease).toBeUndefined();
  for (const one of mine) shop.holder.giveUp(one);
  shop.ask();
  expect(other.report(now, []).reply.mode).toBe("leased");
});

test("whatever comes, the limit and the length hold, no request is served late, and each ends exactly once", () => {
  const act = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("ask" as const), priority: fc.constantFrom(...priorities) }),
    },
    { weight: 3, arbitrary: fc.constant({ kind: "close" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "giveUp" as const }) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 900 }).map((ms) => ({ kind: "wait" as const, ms })) },
  );
  let busyRuns = 0;
  fc.assert(
    fc.property(fc.array(act, { minLength: 30, maxLength: 80 }), (acts) => {
      const shop = new Shop({
        timeouts: { headersMs: 5_000, totalMs: 600_000, maxHoldMs: 60_000, exchangeMs: 600_000 },
      });
      const waiting = new Map<number, { priority: Priority; untilMs: number; message: ExchangeMessage }>();
      let at = now;
      let heard = 0;
      let served = 0;
      const hear = (): void => {
        for (const { seq, pick } of shop.waitEnds.slice(heard)) {
          const one = waiting.get(seq);
          expect(one).toBeDefined();
          if (one === undefined) continue;
          waiting.delete(seq);
          if (pick.kind !== "granted") continue;
          shop.holder.takeGrant({ seq }, pick.origin, at);
          served++;
          expect(at).toBeLessThan(one.untilMs);
          for (const [other, { priority }] of waiting) {
            const [mine, theirs] = [one.priority, priority].map((rank) => priorities.indexOf(rank));
            expect(mine! < theirs! || (mine === theirs && seq < other)).toBe(true);
          }
        }
        heard = shop.waitEnds.length;
      };
      for (const step of acts) {
        if (step.kind === "wait") shop.tend((at += step.ms));
        else if (step.kind === "close") shop.close(at);
        else if (step.kind === "giveUp") {
          const [first] = waiting.values();
          if (first !== undefined) shop.holder.giveUp(first.message);
          shop.close(at, "nobody");
        } else {
          const message = shop.ask(at, { priority: step.priority });
          hear();
          if (kindOf(message) === "granted") shop.holder.takeGrant(message, "a", at);
          else if (kindOf(message) === "queued") {
            waiting.set(message.seq, { priority: step.priority, untilMs: at + 2_000, message });
          }
        }
        hear();
        const { pools, queue } = shop.coordinator.view(at);
        expect(pools[0]?.origins[0]?.inFlight).toBeLessThanOrEqual(2);
        expect(queue?.length).toBe(waiting.size);
        expect(waiting.size).toBeLessThanOrEqual(4);
      }
      shop.tend(at + 2_000);
      hear();
      expect(waiting.size).toBe(0);
      if (served > 3) busyRuns++;
    }),
  );
  expect(busyRuns).toBeGreaterThan(20);
});
