/** This isolate's client of the objects of rate limits: which object it asks, and what it does without one. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { RateKeeper } from "../../../../core/limits/rate-keeper.ts";
import type { RoleResult } from "../../../../core/protocol/role-object.ts";
import type { RateReply, RateAsk } from "../../../../core/protocol/rate-limits.ts";
import { Alarm } from "../../../../worker/alarm.ts";
import {
  LimitsClient,
  limitsSeed,
  type HeldTo,
  type LimitsIo,
} from "../../../../worker/objects/limits-client.ts";
import { callRole } from "../../../../worker/objects/role-client.ts";
import { onlyOnce } from "../../../../worker/transport/object-exchange.ts";
import { fakeEnv, fakeRole, fakeUpstream } from "../fake-objects.ts";

const seed = { first: 1, second: 2 };
const held = (isExact: boolean, onFailure: HeldTo["onFailure"] = "allow"): HeldTo => ({
  terms: { intervalMs: 1_000, burst: 4, delayMs: 0, isExact },
  onFailure,
});

/** Objects that answer after so long, if at all. */
function objects(answerMs = 0) {
  const keeper = new RateKeeper(Date.now(), 64);
  const state = { isLost: false, asks: 0 };
  const role = fakeRole({
    call: async (json) => {
      state.asks++;
      if (state.isLost) throw new Error("lost");
      const ask: RateAsk = JSON.parse(json);
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      const result: RoleResult<RateReply> = { kind: "answer", answer: keeper.answer(ask, Date.now()) };
      return JSON.stringify(result);
    },
  });
  const env = fakeEnv(fakeUpstream(), undefined, role);
  const work: Promise<unknown>[] = [];
  const io = (): LimitsIo => ({ env, alarm: new Alarm(), waitUntil: (promised) => void work.push(promised) });
  return { env, io, state, work };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "log").mockReturnValue(undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a key has one object, by its hash, and keys are spread over all of them", async () => {
  const { env, io } = objects();
  const client = new LimitsClient(4, seed);
  for (let nth = 0; nth < 64; nth++) {
    const passed = client.pass(client.keyOf(`key ${nth % 32}`), held(true), io());
    await vi.runAllTimersAsync();
    expect(await passed).toEqual({ kind: "admit", waitMs: 0 });
  }
  const names = env.ROLES.stubs.map(({ name }) => name);
  expect(names.slice(0, 32)).toEqual(names.slice(32));
  expect(new Set(names)).toEqual(new Set(["limits:0", "limits:1", "limits:2", "limits:3"]));
  expect(env.ROLES.stubs[0]?.options).toEqual(onlyOnce);
});

describe.each([true, false])("exact: %s", (isExact) => {
  test("requests that come at once pass as far as the burst goes, on few messages", async () => {
    const { io, state } = objects(20);
    const client = new LimitsClient(1, seed);
    const key = client.keyOf("one");
    const pass = async () => client.pass(key, held(isExact), io());
    const passages = Promise.all(Array.from({ length: 10 }, pass));
    await vi.advanceTimersByTimeAsync(100);
    const kinds = (await passages).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "admit")).toHaveLength(4);
    expect(state.asks).toBeLessThanOrEqual(4);
  });

  test("an object that is silent is waited for a second, then left alone, and found again", async () => {
    const { io, state, work } = objects();
    const client = new LimitsClient(1, seed);
    const key = client.keyOf("one");
    state.isLost = true;
    const pass = () => client.pass(key, held(isExact), io());
    expect(await pass()).toEqual({ kind: "admit", waitMs: 0 });
    // Alone, and without a promise.
    expect([pass(), pass(), pass(), pass()].map((passage) => "kind" in passage && passage.kind)).toEqual([
      "admit",
      "admit",
      "admit",
      "refuse",
    ]);
    expect(state.asks).toBe(1);
    state.isLost = false;
    vi.advanceTimersByTime(1_000);
    await pass();
    await vi.runAllTimersAsync();
    await Promise.all(work);
    expect(state.asks).toBe(2);
    const asked = pass();
    await vi.runAllTimersAsync();
    expect((await asked).kind).toBe("admit");
    expect(state.asks).toBe(3);
  });

  test("a request that is not to pass alone does not", async () => {
    const { io, state } = objects();
    const client = new LimitsClient(1, seed);
    state.isLost = true;
    const pass = () => client.pass(client.keyOf("one"), held(isExact, "refuse"), io());
    expect([await pass(), pass()]).toEqual([{ kind: "lost" }, { kind: "lost" }]);
  });
});

test("an answer that comes too late is no answer", async () => {
  const { env } = objects(2_000);
  const ask: RateAsk = { key: [1, 2], intervalMs: 1, burst: 1, want: 1 };
  const called = callRole(env, { object: "limits:0", message: ask, timeoutMs: 500 });
  const outcome = expect(called).rejects.toThrow("no answer in 500 ms");
  await vi.advanceTimersByTimeAsync(1_000);
  await outcome;
});

test.each([
  ["unknown-role", "does not know this role"],
  ["failed", "has failed"],
])("a call is lost when the object says %s", async (kind, why) => {
  const env = fakeEnv(fakeUpstream(), undefined, fakeRole({ call: async () => JSON.stringify({ kind }) }));
  await expect(callRole(env, { object: "later:1", message: {}, timeoutMs: 500 })).rejects.toThrow(why);
});

test("without the binding a call is lost", async () => {
  const { ROLES: _, ...env } = objects().env;
  await expect(callRole(env, { object: "limits:0", message: {}, timeoutMs: 500 })).rejects.toThrow("ROLES");
});

test("the secret of keys is that of the deployment", async () => {
  const { env } = objects();
  const [one, same, other] = await Promise.all([
    limitsSeed({ ...env, WEIR_SECRET: "a" }),
    limitsSeed({ ...env, WEIR_SECRET: "a", WEIR_LAUNCH: "x" }),
    limitsSeed({ ...env, WEIR_LAUNCH: "x" }),
  ]);
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
});
