/** An isolate's side: which of the three ways a request takes, and what becomes of it when messages are lost. */
import { describe, expect, test } from "vitest";

import type { SentMessage } from "../../../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import type { ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { Lease } from "../../../../core/protocol/lease.ts";
import type { GrantedPick, Want } from "../../../../core/protocol/pick.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const version = { order: 1, hash: "a" };
const now = 1_000_000;
const any: Want = { tried: [] };

function shop(options: Partial<Upstream> = {}): Upstream {
  return upstream({ pools: [pool("home", [origin("a", { maxConns: 4 }), origin("b")])], ...options });
}

function newHolder(options: Partial<Upstream> = {}): Leaseholder {
  return new Leaseholder(shop(options), "isolate-1", seededRandom(1));
}

function leaseOf(slots: number): Lease {
  return {
    forMs: 10_000,
    origins: [{ origin: "a", share: 1, slots, inFlight: 0, pinEpoch: 1 }],
    closed: [],
  };
}

function reply(parts: Partial<ExchangeReply> = {}): ExchangeReply {
  return { epoch: 1, outcomesSeen: 0, mode: "strict", ...parts };
}

function grantOf(name: string): GrantedPick {
  return { kind: "granted", origin: name, pool: "home", pinEpoch: 1, pin: "none" };
}

function ask(holder: Leaseholder, at = now, want = any): SentMessage {
  return holder.write(version, at, { want });
}

function answer(holder: Leaseholder, sent: SentMessage, parts: Partial<ExchangeReply>, at = now) {
  holder.recordReply(reply(parts), sent);
  return holder.answered(reply(parts), sent, at);
}

function lease(holder: Leaseholder, slots: number): void {
  answer(holder, holder.write(version, now), { mode: "leased", everyMs: 250, lease: leaseOf(slots) });
}

function slotOf(answer: ReturnType<Leaseholder["pick"]> | undefined) {
  return answer?.kind === "granted" ? answer.slot : expect.fail(`not granted, but ${answer?.kind}`);
}

describe("a holder", () => {
  test("asks as long as it has no lease, and takes what it is granted", () => {
    const holder = newHolder();
    expect(holder.pick(any, now)).toEqual({ kind: "ask" });
    expect(answer(holder, ask(holder), { pick: grantOf("a") })).toMatchObject({
      kind: "granted",
      mode: "strict",
    });
    expect(holder.write(version, now).message.held).toMatchObject([{ origin: "a", open: 1 }]);
    expect([holder.isLeased, holder.started]).toEqual([false, 0]);
  });

  test("starts what it was leased without asking, asks for more, and starts again what has ended", () => {
    const holder = newHolder();
    lease(holder, 2);
    const first = holder.pick(any, now);
    expect(first).toMatchObject({ mode: "leased", pick: { origin: "a" } });
    expect(holder.pick(any, now)).toMatchObject({ mode: "leased" });
    expect(holder.pick(any, now)).toEqual({ kind: "ask" });
    holder.close(slotOf(first), now);
    expect(holder.pick(any, now)).toMatchObject({ mode: "leased" });
    expect([holder.started, holder.isLeased, holder.everyMs]).toEqual([3, true, 250]);
  });

  test("asks again once the object's word that a pool is full is old, however late it uses its lease first", () => {
    const holder = newHolder();
    const full = { pool: "home", why: "peak", forMs: 10 } as const;
    const closing = { ...leaseOf(0), closed: [full] };
    answer(holder, holder.write(version, now), { mode: "leased", everyMs: 250, lease: closing });
    expect(holder.pick(any, now + 10)).toEqual({ kind: "ask" });
  });

  test("keeps the terms of its lease when an older answer comes after it", () => {
    const holder = newHolder();
    const [older, younger] = [ask(holder), holder.write(version, now)];
    answer(holder, younger, { mode: "leased", everyMs: 250, lease: leaseOf(2) });
    answer(holder, older, { pick: { kind: "unavailable", why: "full" } });
    expect([holder.isLeased, holder.everyMs]).toEqual([true, 250]);
  });

  test("counts what it was granted against its lease: both are open on the origin", () => {
    const holder = newHolder();
    lease(holder, 1);
    answer(holder, ask(holder), { mode: "leased", lease: leaseOf(1), pick: grantOf("a") });
    expect(holder.pick(any, now)).toEqual({ kind: "ask" });
  });

  test("passes on what the object refuses, and asks once more where it has only forgotten", () => {
    const holder = newHolder();
    const refusal = { kind: "unavailable", why: "full" } as const;
    expect(answer(holder, ask(holder), { pick: refusal })).toEqual(refusal);
    expect(answer(holder, ask(holder), { epoch: 2, pick: refusal })).toEqual({ kind: "ask" });
    expect(answer(holder, ask(holder), { epoch: 2, pick: refusal })).toEqual(refusal);
    expect(answer(holder, ask(holder), { epoch: 2, pick: { kind: "no-retry-budget" } })).toEqual({
      kind: "no-retry-budget",
    });
  });

  test("does not use an origin again at once whose connection has failed", () => {
    const holder = newHolder();
    lease(holder, 4);
    holder.recordOutcome({ origin: "a", ok: false, lost: true }, now);
    expect(holder.pick(any, now)).toEqual({ kind: "ask" });
  });

  test("keeps the slot of a request that goes on, and says so at once only if it must", () => {
    const holder = newHolder();
    const slot = slotOf(answer(holder, ask(holder), { pick: grantOf("a") }));
    holder.write(version, now);
    holder.keep(slot, now + 10_000);
    expect([holder.hasUnsaid, slot.untilMs]).toEqual([false, now + 70_000]);
    holder.extend(slot, now + 20_000);
    expect([holder.hasUnsaid, slot.untilMs]).toEqual([true, now + 80_000]);
  });
});

describe("what the object should hear of", () => {
  const changed = (holder: Leaseholder, act: () => void): boolean => {
    holder.write(version, now);
    act();
    return holder.hasUnsaid;
  };

  test("is everything that ends, goes on or was seen, and nothing that the object granted itself", () => {
    const holder = newHolder();
    const open = () => slotOf(holder.answered(reply({ pick: grantOf("a") }), ask(holder), now));
    const [slot, other] = [open(), open()];
    expect(changed(holder, open)).toBe(false);
    expect(changed(holder, () => holder.extend(slot, now))).toBe(true);
    expect(changed(holder, () => holder.close(slot, now))).toBe(true);
    expect(changed(holder, () => holder.recordOutcome({ origin: "a", ok: true }, now))).toBe(true);
    expect(changed(holder, () => holder.leave(ask(holder)))).toBe(true);
    holder.write(version, now + 60_000);
    expect(changed(holder, () => holder.close(slot, now))).toBe(false);
    expect(changed(holder, () => holder.close(other, now))).toBe(false);
  });

  test("is what was started without asking", () => {
    const holder = newHolder();
    lease(holder, 2);
    expect(changed(holder, () => holder.pick(any, now))).toBe(true);
    expect(holder.write(version, now).message.started).toEqual([{ origin: "a", count: 1 }]);
  });

  test("is, among its needs, that asks wait in the object's queue, until they are given up", () => {
    const holder = newHolder();
    const letter = ask(holder);
    const queued = reply({ pick: { kind: "queued", forMs: 5_000 } });
    holder.recordReply(queued, letter);
    holder.queued(queued, letter, now);
    expect(holder.write(version, now).message.usual).toBe(1);
    holder.leave(letter);
    expect(holder.write(version, now).message.usual).toBeUndefined();
  });
});

describe("with a message lost, a holder", () => {
  test("goes on under a lease that is still good, and asks for no pick meanwhile", () => {
    const holder = newHolder({ onCoordinatorLoss: "exceed" });
    lease(holder, 1);
    holder.recordLoss(holder.write(version, now), now + 250);
    expect(holder.pick(any, now + 250)).toMatchObject({ mode: "leased" });
    expect(holder.pick(any, now + 250)).toMatchObject({
      mode: "fail-static",
      pick: { origin: "a", excess: true },
    });
  });

  test("keeps to the slots that it has, though it is another origin's turn", () => {
    const turns = newHolder({ policy: { name: "round_robin" } });
    const origins = [
      ...leaseOf(4).origins,
      { origin: "b", share: 3, slots: 0, more: true, inFlight: 0, pinEpoch: 1 } as const,
    ];
    const few = { forMs: 10_000, origins, closed: [] };
    answer(turns, turns.write(version, now), { mode: "leased", everyMs: 250, lease: few });
    const picks = Array.from({ length: 4 }, () => turns.pick(any, now));
    expect(picks).toContainEqual({ kind: "ask", turn: "b" });
    turns.recordLoss(turns.write(version, now), now + 250);
    for (let nth = 0; nth < 3; nth++) {
      expect(turns.pick(any, now + 250)).toMatchObject({ mode: "leased", pick: { origin: "a" } });
    }
  });

  test("picks by itself for the request whose ask was lost", () => {
    const exceeding = newHolder({
      onCoordinatorLoss: "exceed",
      pools: [pool("home", [origin("a", { maxConns: 4 })])],
    });
    lease(exceeding, 0);
    expect(exceeding.recordLoss(ask(exceeding), now + 250)).toMatchObject({
      mode: "fail-static",
      pick: { excess: true },
    });
    const refusing = newHolder({ pools: [pool("home", [origin("a", { maxConns: 4 })])] });
    lease(refusing, 0);
    expect(refusing.recordLoss(ask(refusing), now + 250)).toEqual({ kind: "lost" });
    expect(refusing.recordLoss(refusing.write(version, now), now + 250)).toBeUndefined();
  });

  test("that has not heard of the object for long, or never, asks once more before it goes by what it knows", () => {
    for (const heardMs of [undefined, now - 4_000]) {
      const holder = newHolder({ onCoordinatorLoss: "exceed" });
      if (heardMs !== undefined) answer(holder, holder.write(version, heardMs), {}, heardMs);
      expect(holder.recordLoss(ask(holder), now + 250)).toEqual({ kind: "ask" });
      expect(holder.recordLoss(ask(holder), now + 250)).toMatchObject({ mode: "fail-static" });
    }
  });

  test("that left the object alone, and then had no request for long, asks before it goes by what it knows", () => {
    const holder = newHolder({ onCoordinatorLoss: "exceed" });
    answer(holder, holder.write(version, now), {});
    holder.recordLoss(holder.write(version, now), now + 250);
    expect(holder.pick(any, now + 4_000)).toMatchObject({ mode: "fail-static", alone: "unreached" });
    expect(holder.pick(any, now + 4_500)).toEqual({ kind: "ask" });
    // This request does not ask twice, and the next one does not ask.
    const sent = holder.write(version, now + 4_500, { want: any });
    expect(holder.recordLoss(sent, now + 4_750)).toMatchObject({ mode: "fail-static" });
    expect(holder.pick(any, now + 4_750)).toMatchObject({ mode: "fail-static" });
  });

  test("never starts a request against an order that it has heard, also by a lease from before it", () => {
    const holder = newHolder({
      onCoordinatorLoss: "exceed",
      pools: [pool("home", [origin("a"), origin("b")])],
    });
    const early = holder.write(version, now);
    answer(holder, holder.write(version, now), { out: { version: 1, draining: [], down: ["a"] } });
    answer(holder, early, { mode: "leased", lease: leaseOf(4) });
    expect(holder.write(version, now).message.outSeen).toBe(1);
    const picked = Array.from({ length: 20 }, () => holder.pick(any, now));
    holder.recordLoss(holder.write(version, now), now + 250);
    picked.push(...Array.from({ length: 20 }, () => holder.pick(any, now + 11_000)));
    expect(new Set(picked.map((one) => one.kind === "granted" && one.pick.origin))).not.toContain("a");
  });

  test("finds out with one message at a time, and asks again with the first answer", () => {
    const holder = newHolder();
    holder.recordLoss(ask(holder), now + 250);
    expect([holder.isReached, holder.isProbeDue(now + 250)]).toEqual([false, false]);
    expect([holder.isProbeDue(now + 5_250), holder.isProbeDue(now + 5_250)]).toEqual([true, false]);
    answer(holder, holder.write(version, now + 5_250), {});
    expect([holder.isReached, holder.pick(any, now + 5_300)]).toEqual([true, { kind: "ask" }]);
  });

  test("retries within its own budget", () => {
    const holder = newHolder();
    holder.recordLoss(ask(holder), now + 250);
    const retries = Array.from({ length: 1_000 }, () => holder.pick({ tried: ["a"] }, now + 250).kind);
    expect(retries).toContain("granted");
    expect(retries.at(-1)).toBe("no-retry-budget");
  });

  test("takes an answer however late it reads it, as long as the ask was not given up", () => {
    const holder = newHolder();
    const sent = ask(holder);
    holder.write(version, now + 29_999);
    const late = answer(holder, sent, { pick: grantOf("a") }, now + 29_999);
    expect(late).toMatchObject({ kind: "granted", mode: "strict", pick: { origin: "a" } });
  });

  test("asks again when it reads an answer that was given up, and leaves no slot behind", () => {
    const holder = newHolder();
    const sent = ask(holder);
    holder.write(version, now + 30_000);
    expect(answer(holder, sent, { pick: grantOf("a") }, now + 30_000)).toEqual({ kind: "ask" });
    expect(holder.write(version, now + 30_000).message).toMatchObject({ held: [], awaiting: [2, 3] });
    const withdrawn = answer(holder, ask(holder), { pick: { kind: "withdrawn" } });
    expect(withdrawn).toEqual({ kind: "ask" });
  });
});
