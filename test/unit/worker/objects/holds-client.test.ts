/** This isolate's client of the objects that count requests that are open at a time: what it tells them, and when. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { HoldKeeper } from "../../../../core/limits/hold-keeper.ts";
import { renewedEveryMs } from "../../../../core/limits/hold-gate.ts";
import { holdLifeMs, type HoldAsk } from "../../../../core/protocol/concurrency.ts";
import { Alarm } from "../../../../worker/alarm.ts";
import { HoldsClient, type HeldAtATime } from "../../../../worker/objects/holds-client.ts";
import { fakeEnv, fakeRole, fakeUpstream } from "../fake-objects.ts";

const key = { high: 5, low: 6 };
const limit: HeldAtATime = { most: 2, onFailure: "allow" };

function fleet() {
  const keeper = new HoldKeeper();
  const asks: HoldAsk[] = [];
  const role = fakeRole({
    call: async (json) => {
      const ask: HoldAsk = JSON.parse(json);
      asks.push(ask);
      return JSON.stringify({ kind: "answer", answer: keeper.answer(ask, Date.now()) });
    },
  });
  const env = fakeEnv(fakeUpstream(), undefined, role);
  const io = { env, alarm: new Alarm(), waitUntil: () => {} };
  const enter = async (client: HoldsClient) => {
    const entry = client.enter(key, limit, { untilMs: Infinity }, io);
    return await entry;
  };
  return { env, io, asks, enter };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("isolates share a limit, and a place that one gives back another gets", async () => {
  const { env, io, enter } = fleet();
  const [one, other] = [new HoldsClient(4, "one"), new HoldsClient(4, "other")];
  const places = [await enter(one), await enter(one)];
  expect(await enter(other)).toBe("full");
  for (const place of places) if (typeof place === "object") place.leave(io);
  await vi.advanceTimersByTimeAsync(600);
  expect(typeof (await enter(other))).toBe("object");
  expect(new Set(env.ROLES.stubs.map(({ name }) => name))).toEqual(new Set(["limits:1"]));
});

test("a request that goes on is told again before the object takes its isolate for dead, and not after its end", async () => {
  const { io, asks, enter } = fleet();
  const [one, other] = [new HoldsClient(4, "one"), new HoldsClient(4, "other")];
  const [long] = [await enter(one), await enter(one)];
  await vi.advanceTimersByTimeAsync(2 * holdLifeMs);
  expect(await enter(other)).toBe("full");
  expect(asks.filter(({ holder }) => holder === "one").length).toBeLessThanOrEqual(
    2 + (2 * holdLifeMs) / renewedEveryMs,
  );
  if (typeof long === "object") long.leave(io);
  await vi.advanceTimersByTimeAsync(600);
  expect(asks.at(-1)).toMatchObject({ holder: "one", open: 1, want: 1 });
});

test("a key of which others have all costs ten messages a second at most", async () => {
  const { asks, enter } = fleet();
  const [one, other] = [new HoldsClient(4, "one"), new HoldsClient(4, "other")];
  await enter(one);
  await enter(one);
  asks.length = 0;
  for (let nth = 0; nth < 1_000; nth++) {
    await enter(other);
    vi.advanceTimersByTime(1);
  }
  expect(asks.length).toBeLessThanOrEqual(11);
});
