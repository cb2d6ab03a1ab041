/** One round of probes: which origins are asked, how, and what is said of each of them. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Target } from "../../../../core/protocol/config-section.ts";
import { defineConfig } from "../../../../worker/config/define-config.ts";
import type { WeirHealth, WeirOrigin } from "../../../../worker/config/weir-config.ts";
import { probeOrigins } from "../../../../worker/transport/probe.ts";
import { playNetwork, settle } from "../far-end.ts";
import { activeUpstream, fakeEnv, fakeUpstream } from "../fake-objects.ts";

const network = playNetwork();

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

interface Site {
  readonly origins: WeirOrigin[];
  readonly health?: WeirHealth;
  readonly target?: Target;
  readonly only?: readonly string[];
  readonly bindings?: object;
}

/** A round for the origins of one pool, which begins when it is called. */
async function roundOf({ origins, health = {}, target = "workerd", only, bindings = {} }: Site) {
  const raw = defineConfig({
    target,
    upstreams: { shop: { pools: [{ name: "home", origins }], health } },
    routes: [{ upstream: "shop" }],
  });
  const { config } = await activeUpstream(raw, "shop", fakeEnv(fakeUpstream()));
  const active = config.health ?? expect.unreachable();
  return () => probeOrigins(config, active, { target, only }, bindings);
}

const probe = async (site: Site) => (await roundOf(site))();

const bound = (name: string): WeirOrigin => ({
  name,
  url: `http://${name}.internal`,
  via: { binding: "SHOP", kind: "worker" },
});

/** What comes of an origin behind a binding. */
async function probeBound(
  answers: (url: string, init: RequestInit) => Promise<Response>,
  health?: WeirHealth,
) {
  const bindings = { SHOP: { fetch: answers } };
  const [result] = await probe({ origins: [bound("a")], bindings, ...(health && { health }) });
  return result ?? expect.unreachable();
}

describe("a round", () => {
  test("asks each origin once, six at a time: the platform lets no more wait for headers", async () => {
    const names = Array.from({ length: 15 }, (_, nth) => `o${nth}`);
    const waiting: ((response: Response) => void)[] = [];
    const asked: string[] = [];
    const fetch = (url: string): Promise<Response> => {
      asked.push(url);
      return new Promise((resolve) => waiting.push(resolve));
    };
    const begin = await roundOf({ origins: names.map(bound), bindings: { SHOP: { fetch } } });
    const round = begin();
    for (let answered = 0; answered < names.length; answered++) {
      await settle();
      expect(asked).toHaveLength(Math.min(names.length, answered + 6));
      waiting[answered]?.(new Response("ok"));
    }
    expect((await round).map(({ origin }) => origin).sort()).toEqual(names.toSorted());
    expect(new Set(asked).size).toBe(names.length);
  });

  test("asks only the origins that it is to ask", async () => {
    const bindings = { SHOP: { fetch: async () => new Response("ok") } };
    const results = await probe({ origins: ["a", "b", "c"].map(bound), only: ["c", "a"], bindings });
    expect(results.map(({ origin }) => origin)).toEqual(["a", "c"]);
  });

  test("that one origin's failure ends for none of the others", async () => {
    const fetch = async (url: string): Promise<Response> => {
      if (url.includes("a.internal")) throw new Error("Network connection lost.");
      return new Response("ok");
    };
    const results = await probe({ origins: ["a", "b"].map(bound), bindings: { SHOP: { fetch } } });
    const good = new Map(results.map((result) => [result.origin, result.good]));
    expect(good).toEqual(new Map([["a", false]]).set("b", true));
  });
});

describe("a probe", () => {
  test("asks what the config says, and leaves no body behind", async () => {
    let asked: unknown;
    const cancelled = vi.fn();
    await probeBound(
      async (url, { method, headers, redirect }) => {
        asked = { url, method, header: new Headers(headers).get("X-Probe"), redirect };
        return new Response(new ReadableStream({ cancel: cancelled }));
      },
      { method: "HEAD", path: "/up?full", headers: { "X-Probe": "yes" } },
    );
    expect(asked).toEqual({
      url: "http://a.internal/up?full",
      method: "HEAD",
      header: "yes",
      redirect: "manual",
    });
    expect(cancelled).toHaveBeenCalledOnce();
  });

  test("is good if its status is expected, and says what was seen, and when", async () => {
    const startedMs = Date.now();
    const result = await probeBound(async () => {
      vi.setSystemTime(startedMs + 12);
      return new Response(null, { status: 204 });
    });
    expect(result).toEqual({ origin: "a", good: true, startedMs, evidence: "204 in 12 ms" });
  });

  test.each([
    [200, ["200-299", 404], true],
    [404, ["200-299", 404], true],
    [302, ["200-299", 404], false],
    [405, ["200-299", 404], false],
    [503, ["500-599"], true],
  ])("of status %i where %j is expected is good: %s", async (status, expect_, good) => {
    const result = await probeBound(async () => new Response(null, { status }), { expect: expect_ });
    expect(result.good).toBe(good);
  });

  test("that is bad says what to look at; a good one does not", async () => {
    const bad = await probeBound(async () => new Response(null, { status: 404 }));
    expect(bad).toMatchObject({ good: false, hint: expect.stringContaining("set health.path") });
    const slash = new Headers({ Location: "/up/" });
    const moved = await probeBound(async () => new Response(null, { status: 301, headers: slash }), {
      path: "/up",
      expect: [200],
    });
    expect(moved.hint).toContain("slash at the end");
    expect(await probeBound(async () => new Response())).not.toHaveProperty("hint");
  });

  test("without an answer in its time is late: the origin may be too busy", async () => {
    const startedMs = Date.now();
    const result = await probeBound(async () => {
      vi.setSystemTime(startedMs + 2_000);
      throw new DOMException("The operation was aborted due to timeout", "TimeoutError");
    });
    expect(result).toMatchObject({ good: false, isLate: true, startedMs });
    expect(result.evidence).toBe("timeout: no answer in time after 2000 ms");
  });

  test("that fails otherwise is not late", async () => {
    const result = await probeBound(() => Promise.reject(new Error("Network connection lost.")));
    expect(result).toMatchObject({
      good: false,
      evidence: "reset: connection refused or lost after 0 ms",
      hint: expect.stringContaining("a.internal"),
    });
    expect(result).not.toHaveProperty("isLate");
  });

  test("is given so long as the config says", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    await probeBound(async () => new Response(), { timeout: "1234ms" });
    expect(timeout).toHaveBeenCalledExactlyOnceWith(1_234);
    timeout.mockRestore();
  });
});

describe("a probe of an origin that is dialled", () => {
  const origin = (parts: Partial<WeirOrigin> = {}): WeirOrigin => ({
    name: "a",
    url: "http://10.0.0.5:8000",
    ...parts,
  });

  test("has a connection of its own, as a request may, and ends it", async () => {
    const round = (await roundOf({ origins: [origin()] }))();
    network.last?.accepts().says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    expect(await round).toMatchObject([{ good: true }]);
    expect(network.last?.heard).toContain("connection: close\r\n");
    expect(network.last?.isClosed).toBe(true);
  });

  test("goes by `fetch` where the config or the platform lets requests share connections", async () => {
    vi.stubGlobal("fetch", async () => new Response("ok"));
    const sites: Site[] = [{ origins: [origin({ connection: "reuse" })] }];
    sites.push({ origins: [origin({ url: "https://a.example.com" })], target: "edge" });
    for (const site of sites) expect(await probe(site)).toMatchObject([{ good: true }]);
    expect(network.dialled).toEqual([]);
  });

  test("tells a closed port from a name that cannot be resolved", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new Error("internal error; reference = abc")));
    for (const [url, evidence] of [
      ["http://10.0.0.5:8000", "refused: no connection after 0 ms"],
      ["http://nowhere.internal:8000", "dns: unknown name after 0 ms"],
    ] as const) {
      const round = (await roundOf({ origins: [origin({ url })] }))();
      network.last?.refuses();
      expect(await round).toMatchObject([{ good: false, evidence }]);
    }
  });

  test("is not good by an answer of the edge in its stead, whatever is expected", async () => {
    vi.stubGlobal("fetch", async () => new Response(null, { status: 522 }));
    const url = "https://a.example.com";
    const health = { expect: ["200-599"] };
    const [result] = await probe({ origins: [origin({ url })], target: "edge", health });
    expect(result).toMatchObject({ good: false, evidence: "522 in 0 ms" });
    expect(result?.hint).toContain("did not answer within health.timeout");
  });
});
