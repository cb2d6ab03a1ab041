/**
 * What holds for every filter, whatever it does in whichever phase: a request gets one answer, its slot comes back, its log line is written
 * once, and what was entered is told of the end once.
 */
import { describe, expect, test, vi } from "vitest";

import {
  refuse,
  type OwnAnswer,
  type RequestEnd,
  type RequestVerdict,
  type RouteFilter,
} from "../../../../../worker/proxy/filters/filter.ts";
import type { OriginResponse } from "../../../../../worker/proxy/attempt/attempt-loop.ts";
import { runOnEnd, runOnRequest } from "../../../../../worker/proxy/filters/run.ts";
import { readRequestUrl } from "../../../../../worker/proxy/request/request-url.ts";
import { PerRequest } from "../../../../../worker/proxy/transaction.ts";
import { allRoot, allRoute, allUpstream, everyFilter } from "./every-filter.ts";
import { inNode, logged, type LogLine, ProxiedSite, shop, toOrigin } from "../proxied-site.ts";

inNode();

type Phase = "onRequest" | "onReady" | "onRefusal" | "onResponse" | "onSend" | "onEnd";
const phases: readonly Phase[] = ["onRequest", "onReady", "onRefusal", "onResponse", "onSend", "onEnd"];

/** What a request meets: an origin's answer, or none, so that a filter's `onRefusal` is reached. */
const meets: Readonly<Record<Phase, "origin" | "refusal">> = {
  onRequest: "origin",
  onReady: "origin",
  onRefusal: "refusal",
  onResponse: "origin",
  onSend: "origin",
  onEnd: "origin",
};

/** Notes each phase that is called, in a list that several filters share. */
function noting(name: string, calls: string[], own: Partial<RouteFilter> = {}): RouteFilter {
  const note = (phase: Phase): void => void calls.push(`${name} ${phase}`);
  return {
    name,
    onThrow: own.onThrow ?? "refuse",
    onRequest: (tx) => {
      note("onRequest");
      return own.onRequest?.(tx);
    },
    onReady: (tx) => {
      note("onReady");
      return own.onReady?.(tx);
    },
    onRefusal: (tx, error) => {
      note("onRefusal");
      return own.onRefusal?.(tx, error);
    },
    onResponse: (tx, response) => {
      note("onResponse");
      return own.onResponse?.(tx, response);
    },
    onSend: (tx, head) => {
      note("onSend");
      own.onSend?.(tx, head);
    },
    onEnd: (tx, end) => {
      note("onEnd");
      own.onEnd?.(tx, end);
    },
  };
}

const page = (): OwnAnswer => ({
  kind: "response",
  response: new Response("from the filter", { status: 299 }),
});

const turnedAway = { kind: "unavailable", why: "down" } as const;

/** One request through two filters, of which the first does this. */
async function through(
  own: Partial<RouteFilter>,
  { without = false, init = {} }: { readonly without?: boolean; readonly init?: RequestInit } = {},
) {
  const calls: string[] = [];
  const site = await ProxiedSite.open(shop(), {
    filters: [noting("first", calls, own), noting("second", calls)],
  });
  if (without) site.picks.push(turnedAway);
  const answer = await site.get("/", init);
  return { site, calls, answer };
}

/** What no filter can change. */
async function expectWhole(site: ProxiedSite, calls: readonly string[]): Promise<void> {
  expect(logged("request")).toHaveLength(1);
  expect(calls.filter((call) => call === "first onEnd")).toHaveLength(1);
  expect(new Set(calls).size).toBe(calls.length);
  expect(await site.openSlots()).toBe(0);
}

test("each phase of each filter is called once, in the order of the filters", async () => {
  const { calls, answer, site } = await through({});
  expect(answer).toMatchObject({ status: 200, body: "from the origin" });
  expect(calls).toEqual(
    ["onRequest", "onReady", "onResponse", "onSend", "onEnd"].flatMap((phase) => [
      `first ${phase}`,
      `second ${phase}`,
    ]),
  );
  await expectWhole(site, calls);
});

test("a request that no origin can take passes onRefusal in place of onResponse", async () => {
  const { calls, answer } = await through({}, { without: true });
  expect(answer.status).toBe(503);
  expect(calls).toEqual(
    ["onRequest", "onReady", "onRefusal", "onSend", "onEnd"].flatMap((phase) => [
      `first ${phase}`,
      `second ${phase}`,
    ]),
  );
});

describe.each(["at once", "later"] as const)("a filter that throws %s", (when) => {
  const throwing = (phase: Phase): Partial<RouteFilter> => ({
    [phase]: () => {
      const error = new Error(`${phase} is broken`);
      if (when === "later" && phase !== "onSend" && phase !== "onEnd") return Promise.reject(error);
      throw error;
    },
  });

  test.each(phases)("in %s is logged, and answers 500 where it must not be skipped", async (phase) => {
    const without = meets[phase] === "refusal";
    const { site, calls, answer } = await through(throwing(phase), { without });
    const stands = phase === "onSend" || phase === "onEnd" ? 200 : 500;
    expect(answer.status).toBe(stands);
    expect(logged("filter-failed")).toMatchObject([
      { filter: "first", phase, route: "*/*", detail: expect.stringContaining(`${phase} is broken`) },
    ]);
    expect(logged("request")[0]).toMatchObject({ status: stands });
    await expectWhole(site, calls);
  });

  test.each(phases)("in %s is passed over where it may be", async (phase) => {
    const without = meets[phase] === "refusal";
    const { site, calls, answer } = await through({ onThrow: "skip", ...throwing(phase) }, { without });
    expect(answer.status).toBe(without ? 503 : 200);
    expect(calls).toContain(`second ${phase}`);
    expect(logged("filter-failed")).toHaveLength(1);
    await expectWhole(site, calls);
  });
});

describe.each(["at once", "later"] as const)("a filter that answers %s", (when) => {
  const saying = <Said>(said: Said): Said | Promise<Said> =>
    when === "later" ? Promise.resolve(said) : said;
  const verdict = (): RequestVerdict => ({ kind: "answer", answer: page() });
  const answering: readonly (readonly [Phase, Partial<RouteFilter>])[] = [
    ["onRequest", { onRequest: () => saying(verdict()) }],
    ["onRefusal", { onRefusal: () => saying(page()) }],
    ["onResponse", { onResponse: () => saying(page()) }],
  ];

  test.each(answering)(
    "in %s has the last word of the phase, and is named in the log",
    async (phase, own) => {
      const { site, calls, answer } = await through(own, { without: meets[phase] === "refusal" });
      expect(answer).toMatchObject({ status: 299, body: "from the filter" });
      expect(answer.headers.get("X-Request-Id")).toBe(logged("request")[0]?.["requestId"]);
      expect(calls).not.toContain(`second ${phase}`);
      expect(calls).toContain("second onSend");
      expect(logged("request")[0]).toMatchObject({ status: 299, filter: "first", route: "*/*" });
      await expectWhole(site, calls);
    },
  );

  test("with an error is that error's answer, with the page of its own for clients that prefer one", async () => {
    const own = { onRequest: () => saying(refuse({ kind: "body-too-large" }, "a page: {status}")) };
    const accept = (type: string) => ({ init: { headers: { Accept: type } } });
    const { site, calls, answer } = await through(own, accept("text/html"));
    expect(answer).toMatchObject({ status: 413, body: "a page: 413" });
    expect(site.sent).toEqual([]);
    await expectWhole(site, calls);
    const json = await through(own, accept("application/json"));
    expect(JSON.parse(json.answer.body)).toHaveProperty("error.status", 413);
  });

  test("before the second filter was entered, that one hears of no end", async () => {
    const { site, calls } = await through({ onRequest: () => saying(verdict()) });
    expect(calls).not.toContain("second onEnd");
    expect(site.sent).toEqual([]);
  });

  test("with a response in place of the origin's has the others go on with it", async () => {
    const marked = (response: OriginResponse): OriginResponse => ({
      ...response,
      response: new Response("another", { headers: { "X-Marked": "yes" } }),
    });
    const { site, calls, answer } = await through({ onResponse: (_, response) => saying(marked(response)) });
    expect(answer).toMatchObject({ status: 200, body: "another" });
    expect(answer.headers.get("X-Marked")).toBe("yes");
    expect(calls).toContain("second onResponse");
    await expectWhole(site, calls);
  });
});

describe("a client that leaves", () => {
  const leaving: readonly Phase[] = ["onRequest", "onReady", "onRefusal", "onResponse", "onSend", "onEnd"];
  test.each(leaving)("in %s costs no slot, and the filters hear of the end", async (phase) => {
    const client = new AbortController();
    const own: Partial<RouteFilter> = {
      [phase]: () => {
        client.abort();
        return phase === "onSend" || phase === "onEnd" ? undefined : Promise.resolve(undefined);
      },
    };
    const calls: string[] = [];
    const site = await ProxiedSite.open(shop(), {
      filters: [noting("first", calls, own), noting("second", calls)],
    });
    if (meets[phase] === "refusal") site.picks.push(turnedAway);
    await site.fetch("/", { signal: client.signal }).catch(() => undefined);
    await site.settle();
    await expectWhole(site, calls);
  });

  test("during a long answer ends the request as it is", async () => {
    const ends: RequestEnd[] = [];
    const calls: string[] = [];
    const filter = noting("first", calls, { onEnd: (_, end) => void ends.push(end) });
    const site = await ProxiedSite.open(shop(), { filters: [filter] });
    const client = new AbortController();
    site.origin = () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
    await site.fetch("/", { signal: client.signal });
    expect(ends).toEqual([]);
    client.abort();
    await site.settle();
    expect(ends).toEqual([{ kind: "answered", status: 200, body: "client-gone" }]);
    await expectWhole(site, calls);
  });
});

describe("a filter that sends a request on to another URL", () => {
  const rerouting = (to: (path: string) => string | undefined): Partial<RouteFilter> => ({
    onRequest: ({ url }) => {
      const target = to(url.path);
      const found = target && readRequestUrl(new Request(`http://shop.test${target}`));
      return found ? { kind: "reroute", url: found } : undefined;
    },
  });

  test("has it enter that route's filters from the start, and those of the old route hear that it left", async () => {
    const ends: RequestEnd[] = [];
    const { site, answer, calls } = await through({
      ...rerouting((path) => (path === "/" ? "/new?x=1" : undefined)),
      onEnd: (_, end) => void ends.push(end),
    });
    expect(answer.status).toBe(200);
    expect(site.sent.map(({ url }) => url)).toEqual(["http://a.test/new?x=1"]);
    expect(ends).toEqual([{ kind: "rerouted" }, { kind: "answered", status: 200, body: "complete" }]);
    expect(calls.filter((call) => call === "first onRequest")).toHaveLength(2);
    expect(logged("request")[0]).toMatchObject({ path: "/", status: 200 });
  });

  test("ten times at most", async () => {
    let times = 0;
    const { site, answer, calls } = await through(rerouting(() => `/${times++}`));
    expect(answer.status).toBe(500);
    expect(calls.filter((call) => call === "first onEnd")).toHaveLength(11);
    expect(times).toBe(11);
    expect(site.sent).toEqual([]);
    expect(logged("request")[0]).toMatchObject({ status: 500, failure: "reroute-cycle" });
  });

  test("stays where it is if there is no such route, and ends there once", async () => {
    const calls: string[] = [];
    const own = rerouting((path) => (path === "/" ? "/nowhere" : undefined));
    const config = shop({}, { exact: "/" });
    const site = await ProxiedSite.open(config, { filters: [noting("first", calls, own)] });
    expect((await site.get("/")).status).toBe(404);
    expect(calls).toEqual(["first onRequest", "first onRefusal", "first onSend", "first onEnd"]);
  });

  test("loses what a filter of the old route kept of it", async () => {
    const kept = new PerRequest<string>();
    const seen: (string | undefined)[] = [];
    const { answer } = await through({
      onRequest: (tx) => {
        seen.push(kept.of(tx));
        kept.keep(tx, tx.url.path);
        const url = readRequestUrl(new Request("http://shop.test/new")) ?? expect.unreachable();
        return tx.url.path === "/" ? { kind: "reroute", url } : undefined;
      },
      onSend: (tx) => void seen.push(kept.of(tx)),
    });
    expect(answer.status).toBe(200);
    expect(seen).toEqual([undefined, undefined, "/new"]);
  });

  test("forgets what the filters of the old route asked for", async () => {
    const own: Partial<RouteFilter> = {
      onRequest: (tx) => {
        if (tx.url.path !== "/") return undefined;
        tx.maxBodyBytes = 1;
        tx.editOriginHeaders((headers) => headers.set("X-Old", "yes"));
        tx.bind({ session: "s", origin: "b", epoch: 1, begunMs: 0 });
        const url = readRequestUrl(new Request("http://shop.test/new")) ?? expect.unreachable();
        return { kind: "reroute", url };
      },
    };
    const { site, answer } = await through(own, { init: { method: "PUT", body: "twelve bytes" } });
    expect(answer.status).toBe(200);
    expect(new Headers(site.sent[0]?.init.headers).has("X-Old")).toBe(false);
    expect(site.messages[0]?.want?.pin).toBeUndefined();
  });
});

describe("what a filter may want of a request", () => {
  test("other headers for the origin: also ones that Weir drops or writes, after Weir has done so", async () => {
    const edit = vi.fn((headers: Headers) => headers.set("X-Forwarded-For", "198.51.100.7"));
    const { site } = await through({
      onRequest: (tx) => {
        tx.editOriginHeaders((headers) => edit(headers));
        return undefined;
      },
    });
    expect(new Headers(site.sent[0]?.init.headers).get("X-Forwarded-For")).toBe("198.51.100.7");
    expect(edit).toHaveBeenCalledTimes(1);
  });

  test("another upstream, until a session of the first was opened", async () => {
    const config = shop();
    const two = {
      ...config,
      upstreams: { ...config.upstreams, other: shop().upstreams["shop"] ?? expect.unreachable() },
    };
    const errors: unknown[] = [];
    const filters: RouteFilter[] = [
      {
        name: "split",
        onThrow: "refuse",
        onRequest: (tx) => {
          tx.upstream = site.upstream("other");
          tx.bind({ session: "s", origin: "a", epoch: 1, begunMs: 0 });
          try {
            tx.upstream = site.upstream("shop");
          } catch (error) {
            errors.push(error);
          }
          return undefined;
        },
      },
    ];
    const site = await ProxiedSite.open(two, { filters });
    site.picks.push(toOrigin("b"));
    await site.get("/");
    expect(site.sent[0]?.url).toBe("http://b.test/");
    expect(logged("request")[0]).toMatchObject({ upstream: "other" });
    expect(errors).toHaveLength(1);
  });
});

test("however often a request ends, a filter that was entered is told once", async () => {
  const onEnd = vi.fn<NonNullable<RouteFilter["onEnd"]>>();
  const site = await ProxiedSite.open(shop(), { filters: [{ name: "first", onThrow: "skip", onEnd }] });
  const tx = site.enter();
  const end: RequestEnd = { kind: "answered", status: 200, body: "complete" };
  runOnEnd(tx, end);
  expect(onEnd).not.toHaveBeenCalled();
  expect(runOnRequest(tx)).toBeUndefined();
  runOnEnd(tx, end);
  runOnEnd(tx, end);
  expect(onEnd.mock.calls).toEqual([[tx, end]]);
});

/** The log has a line for each request that a filter sends itself, too. */
const clientLines = (): LogLine[] => logged("request").filter((line) => line["for"] === undefined);

describe.each(everyFilter)("the filter %s", (name) => {
  // Its route is served: closed ones answer before the filters behind them are reached.
  const open = { ...allRoute, maintenance: { allow: ["192.0.2.0/24"] } };
  // Those that would answer the request.
  const wantsMore = new Set(["https", "basicAuth", "jwt", "cloudflareAccess"]);
  const env = { WEIR_SECRET: "nothing secret, for tests of cookies only" };

  test("may throw in any of its phases: the request ends as onThrow says, and whole", async () => {
    const { filters } = await ProxiedSite.open(shop(allUpstream, open, allRoot), { env });
    const own = filters.find((filter) => filter.name === name) ?? expect.unreachable();
    const itsPhases = phases.filter((phase) => own[phase] !== undefined);
    expect(itsPhases.length).toBeGreaterThan(0);
    for (const phase of itsPhases) {
      const calls: string[] = [];
      const broken = { ...own, [phase]: () => expect.unreachable("broken on purpose") };
      const others = filters.filter((filter) => filter !== own && !wantsMore.has(filter.name));
      const site = await ProxiedSite.open(shop(allUpstream, open, allRoot), {
        env,
        filters: [noting("first", calls), ...others, broken],
      });
      if (meets[phase] === "refusal") site.picks.push(turnedAway);
      const before = clientLines().length;
      const { status } = await site.get("/");
      const isRefused = own.onThrow === "refuse" && phase !== "onSend" && phase !== "onEnd";
      const served = meets[phase] === "refusal" ? 503 : 200;
      expect([phase, status]).toEqual([phase, isRefused ? 500 : served]);
      expect(logged("filter-failed").at(-1)).toMatchObject({ filter: name, phase });
      expect(clientLines()).toHaveLength(before + 1);
      expect(calls.filter((call) => call === "first onEnd")).toHaveLength(1);
      expect(await site.openSlots()).toBe(0);
    }
  });
});
