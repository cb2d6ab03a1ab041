/** This isolate's client of the object of maintenance orders: when it looks, whom that makes wait, and what holds without the object. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { newsFor, noOrders, obeyed } from "../../../../core/maintenance/orders.ts";
import type { MaintenanceMessage } from "../../../../core/protocol/maintenance.ts";
import { Alarm } from "../../../../worker/alarm.ts";
import { MaintenanceClient } from "../../../../worker/objects/maintenance-client.ts";
import { fakeEnv, fakeRole, fakeUpstream } from "../fake-objects.ts";

/** An object that answers after so long, if at all, and the client of one isolate. */
function fleet(answerMs = 0) {
  const object = { state: noOrders, answerMs, isLost: false, messages: [] as MaintenanceMessage[] };
  const role = fakeRole({
    call: async (json) => {
      const message: MaintenanceMessage = JSON.parse(json);
      object.messages.push(message);
      if (object.isLost) throw new Error("Network connection lost.");
      if (object.answerMs > 0) await new Promise((resolve) => setTimeout(resolve, object.answerMs));
      if (message.kind === "look")
        return JSON.stringify({
          kind: "answer",
          answer: newsFor(object.state, message.known, Date.now()),
        });
      const { state, reply } = obeyed(object.state, message, Date.now());
      object.state = state;
      return JSON.stringify({ kind: "answer", answer: reply });
    },
  });
  const env = fakeEnv(fakeUpstream(), undefined, role);
  const client = new MaintenanceClient();
  const order = (what: "on" | "off", route = "shop") => {
    ({ state: object.state } = obeyed(object.state, { kind: "order", order: what, route }, Date.now()));
  };
  const ask = () =>
    client.orderOn("shop", {
      env,
      alarm: new Alarm(),
      waitUntil: (work) => void work.catch(() => undefined),
    });
  return { object, env, client, order, ask };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "log").mockReturnValue(undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a request hears that may have to wait. */
async function heard(asked: ReturnType<ReturnType<typeof fleet>["ask"]>, withinMs = 3_000) {
  if (!(asked instanceof Promise)) return asked;
  await vi.advanceTimersByTimeAsync(withinMs);
  return asked;
}

test("the first request of an isolate waits for the orders, and those beside it for its look", async () => {
  const { object, order, ask, env } = fleet(100);
  order("on");
  const asked = Array.from({ length: 20 }, async () => ask());
  await vi.advanceTimersByTimeAsync(120);
  expect(await Promise.all(asked)).toEqual(asked.map(() => ({})));
  expect(object.messages).toEqual([{ kind: "look", known: 0 }]);
  expect(env.ROLES.stubs.map(({ name }) => name)).toEqual(["maintenance:fleet"]);
});

describe("with traffic", () => {
  test("no request waits, one look a second is sent behind requests, and an order holds within two seconds", async () => {
    const { object, order, ask } = fleet(50);
    await heard(ask(), 60);
    const startMs = Date.now();
    let seenMs: number | undefined;
    for (let tick = 0; tick < 1_000; tick++) {
      if (tick === 300) order("on");
      const now = ask();
      if (now instanceof Promise) return expect.unreachable("a request waits");
      if (now !== undefined) seenMs ??= Date.now();
      await vi.advanceTimersByTimeAsync(10);
    }
    const orderedMs = startMs + 3_000;
    expect(seenMs).toBeGreaterThan(orderedMs);
    expect(seenMs).toBeLessThanOrEqual(orderedMs + 2_000);
    expect(object.messages.length).toBeLessThanOrEqual(11);
    return undefined;
  });

  test("without a request nothing is asked", async () => {
    const { object, ask } = fleet();
    await heard(ask());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(object.messages).toHaveLength(1);
  });
});

test("the first request after a pause goes by the orders of this moment", async () => {
  const { order, ask } = fleet(20);
  expect(await heard(ask())).toBeUndefined();
  await vi.advanceTimersByTimeAsync(600_000);
  order("on");
  const asked = ask();
  expect(asked).toBeInstanceOf(Promise);
  expect(await heard(asked)).toEqual({});
});

describe("without the object", () => {
  test("the last orders stay, requests do not wait again and again, and the log is told once", async () => {
    const { object, order, ask } = fleet();
    order("on");
    await heard(ask());
    object.isLost = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await heard(ask())).toEqual({});
    let waited = 0;
    for (let tick = 0; tick < 1_000; tick++) {
      const asked = ask();
      if (asked instanceof Promise) waited++;
      expect(await heard(asked)).toEqual({});
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(waited).toBe(0);
    expect(vi.mocked(console.log).mock.calls.flat().join()).toContain('"object":"maintenance:fleet"');
    expect(vi.mocked(console.log)).toHaveBeenCalledTimes(1);
    expect(object.messages.length).toBeLessThan(15);
  });

  test("an isolate that has never heard of orders serves", async () => {
    const { object, ask } = fleet();
    object.isLost = true;
    expect(await heard(ask())).toBeUndefined();
    expect(ask()).toBeUndefined();
  });

  test("a silent object makes a request wait for a second at most", async () => {
    const { object, ask } = fleet();
    object.answerMs = 60_000;
    const asked = ask();
    const late = vi.fn();
    void Promise.resolve(asked).then(late);
    await vi.advanceTimersByTimeAsync(1_300);
    expect(late).toHaveBeenCalledWith(undefined);
  });

  test("it is found again, and what it says then holds", async () => {
    const { object, order, ask } = fleet();
    object.isLost = true;
    await heard(ask());
    object.isLost = false;
    order("on");
    for (let tick = 0; tick < 600; tick++) {
      await heard(ask());
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(ask()).toEqual({});
  });
});

test("an order is known at once where it was given, and the list is the object's own", async () => {
  const { client, env, ask, object } = fleet();
  await heard(ask());
  const reply = await client.order(env, { kind: "order", order: "on", route: "shop" });
  expect(reply).toMatchObject({ kind: "done", wasOn: false });
  expect(ask()).toEqual({});
  expect(await client.list(env)).toEqual([{ route: "shop", sinceMs: Date.now() }]);
  expect(await client.order(env, { kind: "order", order: "off", route: "shop" })).toMatchObject({
    wasOn: true,
  });
  expect(ask()).toBeUndefined();
  object.isLost = true;
  await expect(client.order(env, { kind: "order", order: "on", route: "shop" })).rejects.toThrow("lost");
});
