/** A request that begins a session: it waits for a place at home, longer than a single one does, before it is bound elsewhere. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Upstream } from "../../../../core/model/upstream.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { home, kindOf, now, Shop } from "../../../support/queueing-shop.ts";
import { origin, pool } from "../../../support/upstream.ts";

const sticky = { cookie: "weir", ttlMs: 28_800_000, idleMs: 1_800_000, path: "/", homecoming: true };
const queue = { timeoutMs: 4_000, priority: "normal" } as const;
const cloud = pool("cloud", [origin("c")]);

/** Home takes 100 ms, another slot of it every 50 ms; the cloud as long as it is told. */
function shopOf({ cloudMs = 100, ...options }: Partial<Upstream> & { cloudMs?: number } = {}): Shop {
  const shop = new Shop({ pools: [home, cloud], queue, sticky, ...options });
  shop.holder.report(now, [
    { origin: "a", ok: true, headerMs: 100 },
    { origin: "c", ok: true, headerMs: cloudMs },
  ]);
  return shop.fill();
}

const bound: Partial<Want> = { pin: { session: "s", origin: "a", epoch: 1, begunMs: now } };

describe("while a later pool has room", () => {
  test("a new session waits as long as a request takes at home, though going there costs a single request nothing", () => {
    const shop = shopOf();
    const first = shop.ask();
    expect(kindOf(first)).toBe("queued");
    expect(shop.tend(now + 97)).toEqual([]);
    expect(shop.tend(now + 98)).toMatchObject([{ seq: first.seq, pick: { origin: "c", spill: "peak" } }]);
  });

  test("a new session gets the slot that becomes free meanwhile, and is bound at home", () => {
    const shop = shopOf();
    const first = shop.ask();
    shop.close(now + 90);
    expect(shop.waitEnds).toMatchObject([{ seq: first.seq, pick: { origin: "a", pin: "none" } }]);
    expect(shop.waitEnds[0]?.pick).not.toHaveProperty("spill");
  });

  test("the dearer its requests are there, the longer: as long as a request takes on top, and half of the queue's time at most", () => {
    expect(shopOf({ cloudMs: 200 }).ask().answer.reply.pick).toMatchObject({ kind: "queued" });
    const at = (cloudMs: number): number => {
      const shop = shopOf({ cloudMs });
      shop.ask();
      return shop.coordinator.tendAtMs - now + 2;
    };
    expect(at(90)).toBe(100);
    expect(at(120)).toBe(120);
    expect(at(300)).toBe(300);
    expect(at(1_900)).toBe(1_900);
    expect(at(2_100)).toBe(2_000);
    expect(at(2_600)).toBe(2_000);
  });

  test("a new session does not wait where it would have to wait for longer", () => {
    const shop = shopOf();
    const kinds = Array.from({ length: 4 }, () => kindOf(shop.ask()));
    expect(kinds).toEqual(["queued", "queued", "granted", "granted"]);
  });

  test("a new session waits though nothing is measured yet", () => {
    expect(kindOf(new Shop({ pools: [home, cloud], queue, sticky }).fill().ask())).toBe("queued");
  });

  test("a session of home whose origin is full spills for this once, as a single request does, and stays bound", () => {
    const shop = shopOf();
    expect(shop.ask(now, bound).answer.reply.pick).toMatchObject({
      origin: "c",
      spill: "peak",
      pin: "elsewhere",
    });
    shop.close(now + 10);
    expect(shop.ask(now + 10, bound).answer.reply.pick).toMatchObject({ origin: "a", pin: "kept" });
  });

  test("one that has lost its origin waits like a new one: it is bound anew", () => {
    const two = pool("home", [origin("a", { maxConns: 2 }), origin("b", { maxConns: 2 })]);
    const shop = new Shop({ pools: [two, cloud], queue, sticky });
    shop.coordinator.drains.operate("b", "down", now);
    shop.fill();
    const pin = { session: "s", origin: "b", epoch: 1, begunMs: now };
    expect(kindOf(shop.ask(now, { pin }))).toBe("queued");
  });

  test("a retry does not wait", () => {
    expect(shopOf().ask(now, { tried: ["b"] }).answer.reply.pick).toMatchObject({ origin: "c" });
  });
});

test("single requests behind a new session leave in their own time, and those in front of it are served first", () => {
  const shop = shopOf({ cloudMs: 210 });
  const [session, single] = [shop.ask(), shop.ask(now + 1, bound)];
  expect([session, single].map((one) => kindOf(one))).toEqual(["queued", "queued"]);
  // 110 ms slower: so long a single request waits.
  expect(shop.tend(now + 1 + 107)).toEqual([]);
  expect(shop.tend(now + 1 + 108)).toMatchObject([
    { seq: single.seq, pick: { origin: "c", pin: "elsewhere" } },
  ]);
  const later = shop.ask(now + 110, bound);
  shop.close(now + 120);
  shop.close(now + 121);
  expect(shop.waitEnds.slice(1).map(({ seq }) => seq)).toEqual([session.seq, later.seq]);
});

test("whatever comes, no request waits for longer than its bound while the later pool has room, nor beyond the queue's time", () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant("ask" as const), isNew: fc.boolean() }),
    fc.record({ kind: fc.constant("close" as const) }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 300 }) }),
  );
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 80 }), fc.boolean(), (acts, hasCloud) => {
      const shop = hasCloud ? shopOf({ cloudMs: 180 }) : shopOf({ pools: [home] });
      const waiting = new Map<number, number>();
      let at = now;
      let heard = 0;
      const hear = (): void => {
        for (const { seq, pick } of shop.waitEnds.slice(heard)) {
          if (pick.kind === "granted") shop.holder.takeGrant({ seq }, pick.origin, at);
          waiting.delete(seq);
        }
        heard = shop.waitEnds.length;
        for (const untilMs of waiting.values()) expect(at).toBeLessThan(untilMs);
      };
      for (const step of acts) {
        if (step.kind === "close") shop.close(at);
        else if (step.kind === "wait") {
          // The object sets its alarm for when it is due.
          for (const endMs = at + step.ms; at < endMs; hear()) {
            at = Math.min(endMs, Math.max(at + 1, Math.ceil(shop.coordinator.tendAtMs)));
            shop.tend(at);
          }
        } else {
          const message = shop.ask(at, step.isNew ? {} : bound);
          hear();
          const { pick } = message.answer.reply;
          if (pick?.kind === "granted") shop.holder.takeGrant(message, pick.origin, at);
          if (pick?.kind === "queued")
            waiting.set(message.seq, at + (hasCloud ? (step.isNew ? 180 : 80) : 4_000));
        }
        hear();
      }
    }),
    { numRuns: 60 },
  );
});
