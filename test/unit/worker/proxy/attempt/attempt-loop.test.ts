/** The loop of attempts: how many are made, where, what the client gets, and why the loop finished. */
import { describe, expect, test, vi } from "vitest";

import type { Pick } from "../../../../../core/protocol/pick.ts";
import { attemptInTurn } from "../../../../../worker/proxy/attempt/attempt-loop.ts";
import { prepareRequest } from "../../../../../worker/proxy/request/prepare-request.ts";
import { inNode, logged, ProxiedSite, shop, toOrigin, type Asking } from "../proxied-site.ts";

inNode();

type Step = number | "lost" | "refused";

const errors = {
  lost: () => new Error("Network connection lost."),
  refused: () => Object.assign(new Error("ProxyError"), { code: "connection_refused" }),
};

/** What the origins do with the attempts, one after the other. */
async function attempts(
  steps: readonly Step[],
  {
    picks = [toOrigin("a"), toOrigin("b"), toOrigin("a")],
    upstream = {},
    asking = {},
  }: { readonly picks?: readonly Pick[]; readonly upstream?: object; readonly asking?: Asking } = {},
) {
  const site = await ProxiedSite.open(shop(upstream));
  site.picks.push(...picks);
  const left = [...steps];
  site.origin = () => {
    const step = left.shift() ?? expect.unreachable("an attempt too many");
    if (typeof step === "string") return Promise.reject(errors[step]());
    return new Response(`answer ${step}`, { status: step });
  };
  const { status, body } = await site.get("/", asking);
  const [line] = logged("request");
  const wants = site.messages.flatMap(({ want }) => want ?? []);
  const hosts = site.sent.map(({ url }) => new URL(url).hostname);
  return { status, body, line, wants, hosts, site };
}

const post: Asking = { method: "POST", body: "x", headers: { "Content-Length": "1" } };

describe("attempts", () => {
  test.each<[what: string, steps: Step[], asking: Asking, status: number, line: object]>([
    ["an answer ends it", [200], {}, 200, { attempts: 1, finished: "answered" }],
    [
      "so does an error that is not retried",
      [500],
      {},
      500,
      { attempts: 1, finished: "answered", failure: "500" },
    ],
    ["a 503 is tried elsewhere", [503, 200], {}, 200, { attempts: 2, finished: "answered", failure: "503" }],
    ["a lost connection, too", ["lost", 200], {}, 200, { attempts: 2, failure: "reset" }],
    ["the last of three stands", [503, 503, 502], {}, 502, { attempts: 3, finished: "no-attempts-left" }],
    ["a POST is not repeated", [503], post, 503, { attempts: 1, finished: "not-repeatable" }],
    ["… nor if it may have arrived", ["lost"], post, 502, { attempts: 1, finished: "not-repeatable" }],
    ["… but if it was never sent", ["refused", 200], post, 200, { attempts: 2, finished: "answered" }],
    [
      "… or its client vouches for it",
      [503, 200],
      { ...post, headers: { "Content-Length": "1", "Idempotency-Key": "k" } },
      200,
      { attempts: 2 },
    ],
  ])("%s", async (_, steps, asking, status, line) => {
    const tried = await attempts(steps, { asking });
    expect(tried.status).toBe(status);
    expect(tried.line).toMatchObject(line);
    expect(await tried.site.openSlots()).toBe(0);
  });

  test("each goes to the origin that the object picks, which is told of those that were tried", async () => {
    const { hosts, wants } = await attempts([503, "lost", 200]);
    expect(hosts).toEqual(["a.test", "b.test", "a.test"]);
    expect(wants.map(({ tried, reset }) => [tried, reset])).toEqual([
      [[], undefined],
      [["a"], undefined],
      [["a", "b"], "b"],
    ]);
  });

  test("a failure that is not in retries.on is the end", async () => {
    const { line, status } = await attempts(["lost"], { upstream: { retries: { on: ["503"] } } });
    expect([status, line?.["finished"]]).toEqual([502, "not-retried"]);
  });
});

describe("where no further origin can take the request", () => {
  test.each<[Pick, string]>([
    [{ kind: "unavailable", why: "down" }, "no-origin"],
    [{ kind: "no-retry-budget", of: "fleet" }, "no-retry-budget"],
    [{ kind: "no-retry-budget", of: "client" }, "client-retry-budget"],
  ])("%j: the answer that was worth retrying stands", async (pick, finished) => {
    const { status, body, line, site } = await attempts([503], { picks: [toOrigin("a"), pick] });
    expect([status, body]).toEqual([503, "answer 503"]);
    expect(line).toMatchObject({ attempts: 1, finished, origin: "a" });
    expect(await site.openSlots()).toBe(0);
  });

  test("because its client has had its part of a pool's budget, the log says that it is the client's", async () => {
    const over: Pick = { kind: "unavailable", why: "budget", pool: "home", againInMs: 5_000, of: "client" };
    const { status, line } = await attempts([], { picks: [over] });
    expect(status).toBe(503);
    expect(line).toMatchObject({ finished: "no-origin", failure: "client-budget" });
  });

  test("and none ever could, Weir answers, and the bill counts those that a budget turned away", async () => {
    const over: Pick = { kind: "unavailable", why: "budget", pool: "home", againInMs: 5_000 };
    const { status, line, site } = await attempts([], { picks: [over] });
    expect(status).toBe(503);
    expect(line).toMatchObject({ attempts: 0, finished: "no-origin", failure: "budget" });
    const tallies = site.messages.flatMap((message) => message.tallies ?? []);
    expect(tallies).toMatchObject([
      { pool: "home", of: "refused", to: 1 },
      { pool: "*/* 5xx", of: "responses", to: 1 },
    ]);
  });
});

test("an origin that this isolate does not know is not tried, and its slot comes back", async () => {
  const { hosts, wants, site } = await attempts([200], { picks: [toOrigin("new"), toOrigin("b")] });
  expect(hosts).toEqual(["b.test"]);
  expect(wants.at(-1)).toMatchObject({ tried: [], unknown: ["new"] });
  expect(await site.openSlots()).toBe(0);
});

test("when the request's time is over no further attempt is made, and the client gets 504", async () => {
  const site = await ProxiedSite.open(shop({ timeouts: { total: "2s", headers: "1s" } }));
  site.origin = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () =>
        reject(Object.assign(new Error("aborted"), { name: "AbortError" })),
      );
    });
  const answer = site.fetch("/");
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await answer).status).toBe(504);
  await site.settle();
  expect(logged("request")[0]).toMatchObject({ attempts: 2, failure: "timeout", finished: "no-time-left" });
  expect(await site.openSlots()).toBe(0);
});

test("a client that leaves in the middle of an attempt is no failure of the origin", async () => {
  const site = await ProxiedSite.open(shop());
  const client = new AbortController();
  site.origin = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () =>
        reject(Object.assign(new Error("aborted"), { name: "AbortError" })),
      );
    });
  const answer = site.fetch("/", { signal: client.signal });
  await vi.advanceTimersByTimeAsync(10);
  client.abort();
  await vi.advanceTimersByTimeAsync(100);
  await answer;
  await site.settle();
  expect(logged("request")[0]).toMatchObject({ status: 499, finished: "given-up", failure: "client-gone" });
  expect(site.messages.flatMap((message) => message.outcomes ?? [])).toEqual([]);
  expect(await site.openSlots()).toBe(0);
});

test("an answer that was worth retrying is let go before the next attempt is made", async () => {
  const site = await ProxiedSite.open(shop());
  const events: string[] = [];
  site.picks.push(toOrigin("a"), toOrigin("b"));
  site.origin = (url) => {
    events.push(url);
    const body = new ReadableStream({ cancel: () => void events.push("let go") });
    return new Response(body, { status: events.length === 1 ? 503 : 200 });
  };
  const tx = site.enter();
  const prepared = await prepareRequest(tx);
  if (!("headers" in prepared)) return expect.unreachable();
  const result = await attemptInTurn(tx, prepared);
  expect(result).toMatchObject({ kind: "served", status: 200, pick: { origin: "b" } });
  expect(events).toEqual(["http://a.test/", "let go", "http://b.test/"]);
});
