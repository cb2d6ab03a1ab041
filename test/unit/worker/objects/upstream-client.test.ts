/** What an isolate asks its upstream's object, and what becomes of the answers. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { ExchangeMessage, ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { Remote } from "../../../../core/protocol/object-namespace.ts";
import type { GrantedPick, Pick } from "../../../../core/protocol/pick.ts";
import type {
  Addressed,
  ExchangeResult,
  UpstreamObject,
  WaitResult,
} from "../../../../core/protocol/upstream-object.ts";
import { Alarm } from "../../../../worker/alarm.ts";
import { defineConfig } from "../../../../worker/config/define-config.ts";
import { UpstreamClient, type PickAnswer } from "../../../../worker/objects/upstream-client.ts";
import { activeUpstream, fakeEnv, fakeUpstream } from "../fake-objects.ts";

const config = defineConfig({
  target: "workerd",
  upstreams: {
    shop: {
      pools: [{ name: "home", origins: [{ name: "a", url: "http://192.0.2.1", maxConns: 1 }] }],
      coordination: "strict",
      onCoordinatorLoss: "refuse",
      queue: { timeout: "2s" },
      timeouts: { exchange: "250ms" },
    },
  },
  routes: [{ upstream: "shop" }],
});

const granted: GrantedPick = { kind: "granted", origin: "a", pool: "home", pinEpoch: 1, pin: "none" };

const strict: ExchangeReply = { epoch: 1, outcomesSeen: 0, mode: "strict" };

/** Answers every message so that asks get this pick, and notes what it was sent. */
function answering(pick: Pick, wait?: () => Promise<WaitResult>) {
  const messages: Addressed<ExchangeMessage>[] = [];
  const waits: unknown[] = [];
  const object = fakeUpstream({
    exchange: async (json) => {
      const message: Addressed<ExchangeMessage> = JSON.parse(json);
      messages.push(message);
      const reply = message.want === undefined ? strict : { ...strict, pick };
      return JSON.stringify({ kind: "reply", reply } satisfies ExchangeResult);
    },
    ...(wait && {
      wait: async (json: string) => {
        waits.push(JSON.parse(json));
        return JSON.stringify(await wait());
      },
    }),
  });
  return { object, messages, waits };
}

async function startIsolate(object: Remote<UpstreamObject>, region?: "weur") {
  const env = fakeEnv(object);
  const client = new UpstreamClient(await activeUpstream(config, "shop", env), "isolate-1", region);
  const browser = new AbortController();
  const request = (): Promise<PickAnswer> => {
    const io = {
      env,
      waitUntil: () => {},
      alarm: new Alarm(),
      deadlineMs: Date.now() + 30_000,
      clientSignal: () => browser.signal,
    };
    return Promise.resolve(client.pick({ tried: [] }, io, Date.now()));
  };
  return { env, client, browser, request };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a strict request asks once, declares its slot with the next message, and gives it back when it is over", async () => {
  const { object, messages } = answering(granted);
  const { env, client, request } = await startIsolate(object);
  const answer = await request();
  if (answer.kind !== "granted") expect.unreachable();
  expect(client.originOf(answer.pick)?.url).toBe("http://192.0.2.1");
  expect(messages).toMatchObject([{ holder: "isolate-1", held: [], want: { tried: [] } }]);
  await request();
  expect(messages.at(-1)?.held).toMatchObject([{ origin: "a", open: 1 }]);
  client.holder.close(answer.slot, Date.now());
  const flushed = client.flush(env, Date.now());
  await vi.advanceTimersByTimeAsync(2_000);
  await flushed;
  expect(messages.at(-1)?.want).toBeUndefined();
  // The slot of the second request.
  expect(messages.at(-1)?.held).toMatchObject([{ origin: "a", open: 1 }]);
});

test("how an attempt ended, and what was counted for the bill, go with the next message", async () => {
  const { object, messages } = answering(granted);
  const { client, request } = await startIsolate(object);
  await request();
  client.holder.recordOutcome({ origin: "a", ok: false, detail: "503" }, Date.now());
  client.holder.count("bytes", { pool: "home" }, 1_000);
  await request();
  expect(messages.at(-1)).toMatchObject({
    outcomes: [{ origin: "a", ok: false, detail: "503" }],
    tallies: [{ pool: "home", of: "bytes", from: 0, to: 1_000 }],
  });
});

test("an isolate in a region asks the region's object", async () => {
  const { object } = answering(granted);
  const { env, request } = await startIsolate(object, "weur");
  await request();
  expect(env.UPSTREAM_STATE.stubs).toEqual([
    { name: "shop@weur", options: { locationHint: "weur", retry: { maxRetries: 0 } } },
  ]);
});

test("an ask that is queued waits with a call of its own, and its answer tells for how long it did", async () => {
  const { object, waits } = answering({ kind: "queued", forMs: 2_000 }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    return { pick: granted };
  });
  const { request } = await startIsolate(object);
  const answer = request();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await answer).toMatchObject({ kind: "granted", pick: { origin: "a" }, queuedMs: 700 });
  expect(waits).toEqual([{ holder: "isolate-1", seq: 1 }]);
});

test("a client that goes away while its ask is queued leaves the queue: the next message does not await it", async () => {
  const { object, messages } = answering({ kind: "queued", forMs: 2_000 }, () => new Promise(() => {}));
  const { browser, request } = await startIsolate(object);
  const answer = request();
  await vi.advanceTimersByTimeAsync(100);
  browser.abort();
  expect(await answer).toMatchObject({ kind: "client-gone" });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(messages.length).toBeGreaterThan(1);
  expect(messages.at(-1)?.awaiting).not.toContain(1);
});

test("an object that does not answer in time is lost to the request, which is refused as the config says", async () => {
  const { request } = await startIsolate(fakeUpstream({ exchange: () => new Promise(() => {}) }));
  const answer = request();
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await answer).kind).toBe("lost");
});
