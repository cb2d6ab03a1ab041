/** One attempt: what it comes to, what is learnt of it, and that it has nothing in common with another one. */
import { describe, expect, test, vi } from "vitest";

import { Alarm } from "../../../../../worker/alarm.ts";
import { attempt } from "../../../../../worker/proxy/attempt/attempt.ts";
import { isReset, tryOnce } from "../../../../../worker/proxy/attempt/try-once.ts";
import { prepareRequest, type PreparedRequest } from "../../../../../worker/proxy/request/prepare-request.ts";
import type { Transaction } from "../../../../../worker/proxy/transaction.ts";
import { inNode, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

async function prepared(tx: Transaction): Promise<PreparedRequest> {
  const request = await prepareRequest(tx);
  return "headers" in request ? request : expect.unreachable(request.kind);
}

async function begin() {
  const site = await ProxiedSite.open(shop());
  const tx = site.enter();
  const request = await prepared(tx);
  const attempted = async (name: string, alarm = new Alarm()) => {
    const { clientSignal } = request;
    const deadlineMs = Date.now() + 60_000;
    const io = { env: tx.env, waitUntil: tx.waitUntil, alarm, deadlineMs, clientSignal };
    const answer = await tx.client.pick({ tried: [] }, io, Date.now());
    if (answer.kind !== "granted") return expect.unreachable(answer.kind);
    const origin = tx.upstream.config.pools[0]?.origins.find((each) => each.name === name);
    if (origin === undefined) return expect.unreachable();
    const terms = { io, sentMs: Date.now(), remainingMs: 60_000, afterReset: false };
    return tryOnce(tx, request, { origin, slot: answer.slot, isBound: false }, terms);
  };
  return { site, tx, request, attempted };
}

const never = (signal: AbortSignal | null | undefined): Promise<Response> =>
  new Promise((_, reject) => {
    signal?.addEventListener("abort", () =>
      reject(Object.assign(new Error("aborted"), { name: "AbortError" })),
    );
  });

test("an answer is a response, with when it was sent and when it came", async () => {
  const { attempted, site } = await begin();
  site.origin = async () => {
    await vi.advanceTimersByTimeAsync(40);
    return new Response(null, { status: 204 });
  };
  const { outcome, sentMs, answeredMs, isOwn, isIdleEnd } = await attempted("a");
  expect(outcome).toMatchObject({ kind: "response", status: 204 });
  expect(answeredMs - sentMs).toBe(40);
  expect([isOwn, isIdleEnd]).toEqual([false, false]);
});

test("two attempts of one request run side by side, and the end of one is not the end of the other", async () => {
  const { attempted, site } = await begin();
  const late = Promise.withResolvers<Response>();
  site.origin = (url, { signal }) => (url.startsWith("http://a.") ? never(signal) : late.promise);
  const hanging = attempted("a");
  const serving = attempted("b");
  await vi.advanceTimersByTimeAsync(15_000);
  late.resolve(new Response("late"));
  expect((await serving).outcome).toMatchObject({ kind: "response", status: 200 });
  await vi.advanceTimersByTimeAsync(50_000);
  expect((await hanging).outcome).toMatchObject({ kind: "failed", failure: { kind: "timeout" } });
});

describe("what is learnt of it", () => {
  test("a failure of the origin goes to the object, and to the log line", async () => {
    const { attempted, site, tx } = await begin();
    site.origin = () => Promise.reject(new Error("Network connection lost."));
    const { outcome } = await attempted("a");
    expect(isReset(outcome)).toBe(true);
    expect(tx.event.failure).toBe("reset");
    await attempted("b");
    expect(site.messages.flatMap((message) => message.outcomes ?? [])).toMatchObject([
      { origin: "a", ok: false },
    ]);
  });

  test("a status from 500 is noted for the log, and one below is not", async () => {
    const { attempted, site, tx } = await begin();
    site.origin = () => new Response(null, { status: 404 });
    await attempted("a");
    expect(tx.event.failure).toBeUndefined();
    site.origin = () => new Response(null, { status: 507 });
    await attempted("a");
    expect(tx.event.failure).toBe("507");
  });
});

describe("an attempt that cannot be classified by its answer alone", () => {
  const terms = {
    sentMs: 0,
    timeoutMs: 1_000,
    renewal: () => expect.unreachable("nothing is uploaded"),
    upstream: "shop",
  };

  test("a status that HTTP does not have is a failure, and its body is let go", async () => {
    const { site, tx, request } = await begin();
    const cancel = vi.fn<() => void>();
    site.origin = () => {
      const response = new Response(new ReadableStream({ cancel }));
      Object.defineProperty(response, "status", { value: 799 });
      return response;
    };
    const [origin] = tx.upstream.config.pools[0]?.origins ?? [];
    if (origin === undefined) return expect.unreachable();
    const outcome = await attempt(
      request,
      origin,
      { ...terms, alarm: new Alarm(), sentMs: Date.now() },
      tx.env,
    );
    expect(outcome).toMatchObject({ kind: "failed", failure: { kind: "reset", detail: "status 799" } });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test("no headers in time is a timeout, whatever the platform throws then", async () => {
    const { site, tx, request } = await begin();
    site.origin = (_, { signal }) => never(signal);
    const [origin] = tx.upstream.config.pools[0]?.origins ?? [];
    if (origin === undefined) return expect.unreachable();
    const ended = attempt(request, origin, { ...terms, alarm: new Alarm(), sentMs: Date.now() }, tx.env);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await ended).toMatchObject({ kind: "failed", failure: { kind: "timeout" } });
  });
});
