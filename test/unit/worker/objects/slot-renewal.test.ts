/** How a request that goes on keeps its slot: when it has to be renewed, that the object hears of it, and until when it may go on. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import type { ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import { SlotRenewal } from "../../../../worker/objects/slot-renewal.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const version = { order: 1, hash: "a" };
const strict: ExchangeReply = { epoch: 1, outcomesSeen: 0, mode: "strict" };
/** A slot that is kept is for so long, and is renewed so often. */
const [maxHoldMs, everyMs] = [60_000, 10_000];

/** An isolate's side, and the slot of its one request. */
function hold(onCoordinatorLoss: Upstream["onCoordinatorLoss"] = "refuse") {
  const config = upstream({ pools: [pool("home", [origin("a")])], onCoordinatorLoss });
  const holder = new Leaseholder(config, "isolate-1", seededRandom(1));
  const pick = { kind: "granted", origin: "a", pool: "home", pinEpoch: 1, pin: "none" } as const;
  const ask = holder.write(version, Date.now(), { want: { tried: [] } });
  const answer = holder.answered({ ...strict, pick }, ask, Date.now());
  if (answer?.kind !== "granted") return expect.unreachable();
  const flushed: number[] = [];
  const renewal = new SlotRenewal(holder, answer.slot, everyMs, (now) => void flushed.push(now));
  /** A message is sent, and answered. */
  const exchange = (): void => {
    const sent = holder.write(version, Date.now());
    holder.recordReply(strict, sent);
    holder.answered(strict, sent, Date.now());
  };
  return { holder, renewal, flushed, exchange, slot: answer.slot };
}

describe("a slot that is kept", () => {
  test("is renewed in the usual time, or in half of what was left of it", () => {
    const { renewal } = hold();
    expect(renewal.keep()).toBe(everyMs);
    const late = hold();
    vi.setSystemTime(late.slot.untilMs - 4_000);
    expect(late.renewal.keep()).toBe(2_000);
  });

  test("whose time is over is renewed at once, and never before now", () => {
    const { renewal, slot } = hold();
    vi.setSystemTime(slot.untilMs + 5_000);
    expect(renewal.keep()).toBe(0);
  });

  test("is declared for its longest hold from then on", () => {
    const { holder, renewal } = hold();
    renewal.keep();
    const [held] = holder.write(version, Date.now()).message.held;
    expect(held).toMatchObject({ origin: "a", open: 1 });
    expect(held?.forMs).toBeGreaterThanOrEqual(maxHoldMs);
  });
});

describe("a renewal", () => {
  test("is told to the object now, and prolongs the slot", () => {
    const { renewal, flushed, holder, slot } = hold();
    vi.advanceTimersByTime(5_000);
    renewal.renew();
    expect(flushed).toEqual([Date.now()]);
    expect(holder.hasUnsaid).toBe(true);
    expect(slot.untilMs).toBe(Date.now() + maxHoldMs);
  });

  test("of a slot that was closed opens none", () => {
    const { renewal, holder, slot } = hold();
    holder.close(slot, Date.now());
    renewal.renew();
    expect(holder.write(version, Date.now()).message.held).toEqual([]);
  });
});

describe("a request may go on", () => {
  test("for as long as the object has confirmed its slot, and is looked after no later", () => {
    const { renewal, slot } = hold();
    const { untilMs } = slot;
    renewal.keep();
    expect([renewal.mayGoOn(), renewal.inMs()]).toEqual([true, everyMs]);
    vi.setSystemTime(untilMs - 1_000);
    renewal.renew();
    expect([renewal.mayGoOn(), renewal.inMs()]).toEqual([true, 1_000]);
    vi.setSystemTime(untilMs);
    expect([renewal.mayGoOn(), renewal.inMs()]).toEqual([false, 0]);
  });

  test("for its longest hold when the object has answered a message that said so", () => {
    const { renewal, exchange } = hold();
    renewal.renew();
    exchange();
    vi.advanceTimersByTime(maxHoldMs - 1);
    expect(renewal.mayGoOn()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(renewal.mayGoOn()).toBe(false);
  });

  test("for ever where a limit may be exceeded rather than a request cut", () => {
    const { renewal } = hold("exceed");
    renewal.keep();
    vi.advanceTimersByTime(10 * maxHoldMs);
    expect([renewal.mayGoOn(), renewal.inMs()]).toEqual([true, everyMs]);
  });
});
