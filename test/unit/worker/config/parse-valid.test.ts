/** What `parseConfig` accepts, and what it makes of it. */
import { describe, expect, test } from "vitest";
import weirConfig from "../../../../weir.config.ts";
import type { OriginConfig } from "../../../../worker/config/sections/origin.ts";
import { parseUpstream } from "../../../../worker/config/parse/parse.ts";
import {
  emptyEnv,
  leastConfig,
  leastUpstream,
  withOrigin,
  withRoutes,
  withUpstream,
} from "./example-config.ts";
import { accepted, upstreamOf } from "./acceptance.ts";

function originOf(raw: unknown): OriginConfig {
  return upstreamOf(raw).pools[0]?.origins[0] ?? expect.unreachable();
}

describe("defaults", () => {
  test("the least config is completed with every default", () => {
    expect(accepted(leastConfig())).toEqual({
      target: "edge",
      admin: {},
      forwarding: { trusted: [], read: "x-forwarded", forwarded: false },
      limits: { targetBytes: 16_384, headersBytes: 65_536 },
      upstreams: [
        {
          name: "shop",
          policy: { name: "adaptive" },
          coordination: "auto",
          onCoordinatorLoss: "exceed",
          regions: [],
          pools: [
            {
              name: "home",
              origins: [
                {
                  name: "a",
                  url: "https://a.example.com",
                  weight: 1,
                  backup: false,
                  via: "fetch",
                  connection: "auto",
                },
              ],
            },
          ],
          health: {
            method: "GET",
            path: "/",
            headers: {},
            expect: [{ from: 200, to: 399 }],
            intervalMs: 10_000,
            timeoutMs: 5_000,
            jitter: 0.1,
            rise: 2,
            fall: 3,
          },
          passive: { failures: 5, ejectMs: 30_000, maxEjectMs: 300_000 },
          rewrite: { redirects: true, cookieDomains: [], cookiePaths: [] },
          slowStartMs: 30_000,
          queue: { timeoutMs: 5_000, priority: "normal" },
          timeouts: { headersMs: 15_000, totalMs: 60_000, maxHoldMs: 60_000, exchangeMs: 250 },
          retries: { attempts: 2, on: ["connect", "timeout", "502", "503", "504"], budget: 0.2 },
        },
      ],
      routes: [{ upstream: "shop", debug: false }],
    });
  });

  test.each([
    ["health", true],
    ["health", {}],
    ["passive", true],
    ["passive", {}],
  ])("%s: %j is what it is without", (section, written) => {
    expect(accepted(withUpstream({ [section]: written }))).toEqual(accepted(leastConfig()));
  });

  test.each(["health", "passive", "sticky"] as const)("%s: false turns it off", (section) => {
    expect(upstreamOf(withUpstream({ [section]: false }))).not.toHaveProperty(section);
  });

  test("slowStart: nothing of it in 0 s", () => {
    expect(upstreamOf(withUpstream({ slowStart: "0s" }))).not.toHaveProperty("slowStartMs");
    expect(upstreamOf(withUpstream({ slowStart: "2m" }))).toMatchObject({ slowStartMs: 120_000 });
  });

  test.each([true, {}])("sticky: %j turns it on with its defaults", (sticky) => {
    const { sticky: parsed } = upstreamOf(withUpstream({ sticky }));
    expect(parsed).toEqual({
      cookie: "weir",
      ttlMs: 28_800_000,
      idleMs: 1_800_000,
      path: "/",
      homecoming: true,
    });
  });

  test.each([
    ["health", { interval: "1s" }, { intervalMs: 1_000, timeoutMs: 1_000 }],
    ["health", { timeout: "20s" }, { intervalMs: 20_000, timeoutMs: 20_000 }],
    ["passive", { eject: "10m" }, { ejectMs: 600_000, maxEjectMs: 600_000 }],
    ["passive", { maxEject: "5s" }, { ejectMs: 5_000, maxEjectMs: 5_000 }],
    ["sticky", { ttl: "10m" }, { ttlMs: 600_000, idleMs: 600_000 }],
    ["sticky", { idle: "12h" }, { ttlMs: 43_200_000, idleMs: 43_200_000 }],
    ["timeouts", { headers: "2m" }, { headersMs: 120_000, totalMs: 120_000 }],
    ["timeouts", { total: "5s" }, { headersMs: 5_000, totalMs: 5_000 }],
  ] as const)("a default gives way to what is written: %s %j", (section, written, expected) => {
    expect(upstreamOf(withUpstream({ [section]: written }))[section]).toMatchObject(expected);
  });
});

describe("a queue", () => {
  test.each([{ queue: false }, { regions: ["weur"] }, { queue: false, regions: ["weur"] }])(
    "%j: nobody waits",
    (options) => {
      expect(upstreamOf(withUpstream(options))).not.toHaveProperty("queue");
    },
  );

  test.each([
    [undefined, { timeoutMs: 5_000, priority: "normal" }],
    [true, { timeoutMs: 5_000, priority: "normal" }],
    [{}, { timeoutMs: 5_000, priority: "normal" }],
    [{ length: 7 }, { length: 7, timeoutMs: 5_000, priority: "normal" }],
    [{ timeout: "9s" }, { timeoutMs: 9_000, priority: "normal" }],
    [
      { length: 10_000, timeout: "60s", priority: "low" },
      { length: 10_000, timeoutMs: 60_000, priority: "low" },
    ],
  ])("%j is %j", (queue, rules) => {
    expect(upstreamOf(withUpstream(queue === undefined ? {} : { queue })).queue).toEqual(rules);
  });

  test("leaves half of the time for the whole request to the answer", () => {
    expect(upstreamOf(withUpstream({ timeouts: { total: "3s" } })).queue?.timeoutMs).toBe(1_500);
    expect(upstreamOf(withUpstream({ timeouts: { total: "10ms" } })).queue?.timeoutMs).toBe(5);
  });

  test("may stand beside a list of no regions", () => {
    expect(upstreamOf(withUpstream({ queue: true, regions: [] })).queue).toBeDefined();
  });

  test("a pool has a price, and a route the priority of its requests or the header that says it", () => {
    const pools = [{ ...leastUpstream().pools[0], price: "25ms" }];
    expect(upstreamOf(withUpstream({ pools })).pools[0]?.priceMs).toBe(25);
    const { routes } = accepted(
      withRoutes(
        { upstream: "shop", prefix: "/a", priority: "high" },
        { upstream: "shop", prefix: "/b", priority: { header: "X-Priority" } },
      ),
    );
    expect(routes.map(({ priority }) => priority)).toEqual(["high", { header: "x-priority" }]);
  });
});

describe("policies", () => {
  test.each([
    ["adaptive", { name: "adaptive" }],
    ["first", { name: "first" }],
    [{ name: "peak_ewma" }, { name: "peak_ewma" }],
    ["least_time", { name: "least_time", by: "header", inflight: false }],
    [
      { name: "least_time", by: "last_byte", inflight: true },
      { name: "least_time", by: "last_byte", inflight: true },
    ],
    ["random_two", { name: "random_two", by: "least_conn" }],
    [
      { name: "random_two", by: "least_time" },
      { name: "random_two", by: "least_time" },
    ],
    [
      { name: "hash", key: "path" },
      { name: "hash", key: { from: "path" }, bounded: true },
    ],
    [
      { name: "hash", key: "address" },
      { name: "hash", key: { from: "address" }, bounded: true },
    ],
    [
      { name: "hash", key: "header:X-Tenant", bounded: false },
      { name: "hash", key: { from: "header", name: "x-tenant" }, bounded: false },
    ],
    [
      { name: "hash", key: "cookie:Session" },
      { name: "hash", key: { from: "cookie", name: "Session" }, bounded: true },
    ],
    [
      { name: "hash", key: "query:user[id]" },
      { name: "hash", key: { from: "query", name: "user[id]" }, bounded: true },
    ],
  ])("%j is %j", (written, policy) => {
    expect(upstreamOf(withUpstream({ policy: written })).policy).toEqual(policy);
  });
});

describe("values", () => {
  test("everything that can be written is kept, durations in milliseconds", () => {
    const upstream = {
      policy: "ip_hash",
      coordination: "leased",
      onCoordinatorLoss: "refuse",
      location: "weur",
      regions: ["enam", "weur"],
      health: {
        method: "HEAD",
        path: "/healthz?full=1",
        headers: { "X-Probe": "weir 1" },
        expect: ["200-299", "304", 401],
        interval: "2s",
        timeout: "250ms",
        jitter: 0.5,
        rise: 1,
        fall: 100,
      },
      passive: { failures: 2, eject: "1m", maxEject: "1h" },
      sticky: {
        cookie: "s",
        ttl: "1h",
        idle: "1h",
        path: "/shop",
        domain: ".Example.com",
        homecoming: false,
      },
      timeouts: { headers: "1s", total: "1s", maxHold: "24h", exchange: "1s" },
      retries: { attempts: 3, on: ["502", "connect", "502"], budget: 0 },
    };
    expect(upstreamOf(withUpstream(upstream))).toMatchObject({
      policy: { name: "ip_hash" },
      coordination: "leased",
      onCoordinatorLoss: "refuse",
      location: "weur",
      regions: ["enam", "weur"],
      health: {
        method: "HEAD",
        path: "/healthz?full=1",
        headers: { "X-Probe": "weir 1" },
        expect: [
          { from: 200, to: 299 },
          { from: 304, to: 304 },
          { from: 401, to: 401 },
        ],
        intervalMs: 2_000,
        timeoutMs: 250,
        jitter: 0.5,
        rise: 1,
        fall: 100,
      },
      passive: { failures: 2, ejectMs: 60_000, maxEjectMs: 3_600_000 },
      sticky: {
        cookie: "s",
        ttlMs: 3_600_000,
        idleMs: 3_600_000,
        path: "/shop",
        domain: ".example.com",
        homecoming: false,
      },
      timeouts: { headersMs: 1_000, totalMs: 1_000, maxHoldMs: 86_400_000, exchangeMs: 1_000 },
      retries: { attempts: 3, on: ["502", "connect"], budget: 0 },
    });
  });

  test("pools keep their order, and origins what is written of them", () => {
    const origin = {
      name: "b",
      url: "https://b.example.com",
      weight: 0,
      maxConns: 8,
      backup: true,
      via: { binding: "VPC" },
      connection: "reuse",
    };
    const pools = [
      ...leastUpstream().pools,
      { name: "cloud", origins: [origin, { ...origin, name: "c", weight: 1000 }] },
    ];
    const parsed = upstreamOf(withUpstream({ pools })).pools;
    expect(parsed.map(({ name }) => name)).toEqual(["home", "cloud"]);
    expect(parsed[1]?.origins).toEqual([origin, { ...origin, name: "c", weight: 1000 }]);
  });

  test("a later pool has its cost and its budget, with what is not written of them", () => {
    const cloud = { name: "cloud", origins: [{ name: "b", url: "https://b.example.com" }] };
    const billOf = (parts: object) => {
      const pools = [...leastUpstream().pools, { ...cloud, ...parts }];
      const {
        name: _,
        origins: __,
        ...bill
      } = upstreamOf(withUpstream({ pools })).pools[1] ?? expect.unreachable();
      return bill;
    };
    expect(billOf({})).toEqual({});
    expect(billOf({ cost: { perGb: 0.09 }, budget: { moneyPerDay: 5 } })).toEqual({
      cost: { perRequest: 0, perGb: 0.09 },
      budget: { moneyPerDay: 5, whenUsedUp: "fail" },
    });
    const budget = { requestsPerHour: 0, whenUsedUp: "shed-low-priority" };
    expect(billOf({ budget })).toEqual({ budget });
    const waiting = { cloud: { ...cloud, budget: { requestsPerHour: 1, whenUsedUp: "queue" } } };
    const pools = [...leastUpstream().pools, waiting.cloud];
    expect(upstreamOf(withUpstream({ pools, queue: true })).pools[1]).toMatchObject({
      budget: { requestsPerHour: 1, whenUsedUp: "queue" },
    });
  });

  test.each([
    ["https://a.example.com/", "https://a.example.com"],
    ["HTTP://A.Example.com:80/Base//", "http://a.example.com/Base"],
    ["https://a.example.com:8443/x/../y", "https://a.example.com:8443/y"],
    ["https://bücher.example/@me", "https://xn--bcher-kva.example/@me"],
  ])("an origin's URL %j becomes %j", (written, url) => {
    expect(originOf(withOrigin({ url: written })).url).toBe(url);
  });

  test.each([
    ["Shop.Example.COM", "shop.example.com"],
    ["*.Example.com", "*.example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["127.0.0.1", "127.0.0.1"],
    ["[0:0::1]", "[::1]"],
  ])("a route's host %j becomes %j, as a request's URL shows it", (host, expected) => {
    expect(accepted(withRoutes({ host, upstream: "shop" })).routes).toEqual([
      { host: expected, upstream: "shop", debug: false },
    ]);
  });

  test("paths are matched as those of requests are, whatever their spelling", () => {
    const spelt = withRoutes(
      { prefix: "/%7Euser//", upstream: "shop" },
      { exact: "/a%2fb", upstream: "shop" },
    );
    expect(accepted(spelt).routes).toMatchObject([{ prefix: "/~user/" }, { exact: "/a%2Fb" }]);
  });

  test("a probe may ask with a question mark and no query", () => {
    expect(upstreamOf(withUpstream({ health: { path: "/healthz?" } })).health?.path).toBe("/healthz?");
  });

  test("routes keep their order; they differ by any of host, prefix and exact", () => {
    const routes = [
      { host: "*.example.com", prefix: "/api", upstream: "shop" },
      { host: "*.example.com", exact: "/api", upstream: "shop" },
      { prefix: "/api", upstream: "shop" },
      { exact: "/caf%C3%A9", upstream: "shop" },
      { upstream: "shop", debug: true },
    ];
    expect(accepted(withRoutes(...routes)).routes).toEqual(
      routes.map((route) => ({ debug: false, ...route })),
    );
  });

  test("an upstream without a route is fine", () => {
    const config = { ...leastConfig(), upstreams: { shop: leastUpstream(), spare: leastUpstream() } };
    expect(accepted(config).upstreams.map(({ name }) => name)).toEqual(["shop", "spare"]);
  });

  test("names that an object inherits are names like others", () => {
    const config = { upstreams: { constructor: leastUpstream() }, routes: [{ upstream: "constructor" }] };
    expect(accepted(config).upstreams[0]?.name).toBe("constructor");
  });

  test("a key whose value is undefined is as good as absent, as in JSON", () => {
    expect(accepted(withUpstream({ sticky: undefined }))).toEqual(accepted(leastConfig()));
  });
});

describe("admin.hosts", () => {
  test.each([
    [{}, {}],
    [{ hosts: [] }, { hosts: [] }],
    [{ hosts: ["LOCALHOST", "127.0.0.1", "[::1]"] }, { hosts: ["localhost", "127.0.0.1", "[::1]"] }],
  ])("%j becomes %j", (admin, expected) => {
    expect(accepted({ ...leastConfig(), admin }).admin).toEqual(expected);
  });
});

describe("addresses as origins", () => {
  const urls = ["http://127.0.0.1:9101", "http://[::1]:9101", "http://localhost:9101"];

  test.each(urls)("on workerd %s may be fetched", (url) => {
    expect(originOf(withOrigin({ url }, { target: "workerd" })).url).toBe(url);
  });

  test.each(urls)("at the edge %s may be reached through a binding", (url) => {
    expect(originOf(withOrigin({ url, via: { binding: "ONPREM" } })).via).toEqual({ binding: "ONPREM" });
  });
});

test("the config that npm start runs is valid", () => {
  const { target, upstreams } = accepted(weirConfig);
  expect(target).toBe("workerd");
  expect(
    upstreams[0]?.pools.map(({ name, origins }) => [name, origins.map(({ maxConns }) => maxConns)]),
  ).toEqual([
    ["on-prem", [8, 8, 8]],
    ["cloud", [32, 32, 32]],
  ]);
});

test("an upstream parsed alone is what it is in its config", () => {
  const config = accepted(weirConfig);
  const parsed = parseUpstream("shop", weirConfig.upstreams["shop"], "workerd", emptyEnv);
  expect(parsed).toEqual({ ok: true, upstream: config.upstreams[0] });
});
