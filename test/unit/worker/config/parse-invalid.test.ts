/** What `parseConfig` refuses of a config as a whole, and what it says: where, what was found, what was expected. */
import { describe, expect, test } from "vitest";
import { parseUpstream } from "../../../../worker/config/parse/parse.ts";
import {
  emptyEnv,
  leastConfig,
  leastUpstream,
  withOrigin,
  withOrigins,
  withRoutes,
  withUpstream,
} from "./example-config.ts";
import { home, issuesOf, nameExpected, origin, refuses, shop, textsOf } from "./refusals.ts";

const asItIs = (raw: unknown) => raw;
const withRoot = (parts: object) => ({ ...leastConfig(), ...parts });
const withUpstreams = (upstreams: object) =>
  withRoot({ upstreams: { ...leastConfig().upstreams, ...upstreams } });
const withTwoSticky = ([one, other, hosts = ["shop.example.com", "shop.example.com"]]: readonly [
  one: object | boolean,
  other: object | boolean,
  hosts?: readonly (string | undefined)[] | undefined,
]) => ({
  upstreams: {
    shop: { ...leastUpstream(), sticky: one },
    blog: { ...leastUpstream(), sticky: other },
  },
  routes: [
    { ...(hosts[0] !== undefined && { host: hosts[0] }), upstream: "shop" },
    { ...(hosts[1] !== undefined && { host: hosts[1] }), prefix: "/blog", upstream: "blog" },
  ],
});
const withPool = (pool: object) => withUpstream({ pools: [...leastUpstream().pools, pool] });

describe("the shape", () => {
  refuses("what is no config", asItIs, "(config)", [
    [null, "", "null", "an object with upstreams and routes"],
    [[], "", "[]", "an object with upstreams and routes"],
    ["edge", "", '"edge"', "an object with upstreams and routes"],
    [undefined, "", "undefined", "plain data, as in JSON"],
    [() => leastConfig(), "", "a function", "plain data, as in JSON"],
  ]);

  refuses("what is missing", asItIs, "", [
    [{ upstreams: leastConfig().upstreams }, "routes", "nothing", "a list of 1 to 1000 routes"],
    [withRoutes(), "routes", "[]", "a list of 1 to 1000 routes"],
    [withRoutes({}), "routes[0].upstream", "nothing", nameExpected],
    [withUpstream({ pools: [] }), `${shop}.pools`, "[]", "a list of 1 to 16 pools"],
    [
      withOrigins([]),
      `${home}.origins`,
      "[]",
      "a list of 1 to 1000 origins; none only in a pool with register",
    ],
  ]);

  refuses("a target that is none", withRoot, "", [
    [{ target: "Edge" }, "target", '"Edge"', 'one of "edge", "workerd"'],
  ]);

  const adminHost = 'a host name or address without a port, such as "weir.example.com"';
  refuses("hosts that are none", (hosts: unknown) => withRoot({ admin: { hosts } }), "admin.hosts", [
    ["localhost", "", '"localhost"', "a list of 0 to 100 hosts"],
    [["localhost", "localhost:8080"], "[1]", '"localhost:8080"', adminHost],
    [["*.example.com"], "[0]", '"*.example.com"', adminHost],
  ]);

  test("a config without upstreams is refused, and so are its routes", () => {
    expect(issuesOf({ upstreams: {}, routes: [{ upstream: "shop" }] })).toEqual([
      { path: "upstreams", found: "{}", expected: "an object of 1 to 100 upstreams" },
      { path: "routes[0].upstream", found: '"shop"', expected: "the name of an upstream of this config" },
    ]);
  });
});

describe("unknown keys, with the known one that was probably meant", () => {
  const prototype: object = JSON.parse('{ "__proto__": { "target": "workerd" } }');
  const withPrototype: object = JSON.parse(`{ "__proto__": {}, ${JSON.stringify(leastConfig()).slice(1)}`);

  refuses("at the root", withRoot, "", [
    [
      { route: 1 },
      "route",
      'unknown key "route"',
      '"routes"? Known here: target, admin, forwarding, limits, upstreams, routes, $schema',
    ],
    [{ admin: { host: [] } }, "admin.host", 'unknown key "host"', '"hosts"? Known here: hosts'],
  ]);
  refuses("in a route", withRoutes, "routes[0]", [
    [
      { upstream: "shop", prefx: "/" },
      ".prefx",
      'unknown key "prefx"',
      '"prefix"? Known here: host, prefix, exact, upstream, priority, methods, maxRequestBody, https, maintenance, ambiguousPaths, debug',
    ],
  ]);
  const inRoute =
    "host, prefix, exact, upstream, priority, methods, maxRequestBody, https, maintenance, ambiguousPaths, debug";
  refuses("in a route, by a short name or one that is like none", withRoutes, "routes[0]", [
    [
      { upstream: "shop", maxBody: "1MB" },
      ".maxBody",
      'unknown key "maxBody"',
      `"maxRequestBody"? Known here: ${inRoute}`,
    ],
    [{ upstream: "shop", cors: {} }, ".cors", 'unknown key "cors"', `one that is known here: ${inRoute}`],
    [
      { upstream: "shop", maintenance: { status: 503 } },
      ".maintenance.status",
      'unknown key "status"',
      "one that is known here: retryAfter, page, allow",
    ],
  ]);
  refuses("in an upstream", withUpstream, shop, [
    [
      { polcy: 1 },
      ".polcy",
      'unknown key "polcy"',
      '"policy"? Known here: policy, coordination, onCoordinatorLoss, regions, location, pools, health, passive, slowStart, sticky, autoscale, loadReports, queue, rewrite, errors, timeouts, retries, burst',
    ],
    [
      { health: { intervall: 1 } },
      ".health.intervall",
      'unknown key "intervall"',
      '"interval"? Known here: method, path, headers, expect, interval, timeout, jitter, rise, fall',
    ],
    [
      { timeouts: { "max hold": 1 } },
      '.timeouts["max hold"]',
      'unknown key "max hold"',
      '"maxHold"? Known here: headers, total, maxHold, exchange',
    ],
  ]);
  refuses("in an origin", withOrigin, origin, [
    [
      { maxconns: 8 },
      ".maxconns",
      'unknown key "maxconns"',
      '"maxConns"? Known here: name, url, weight, maxConns, backup, via, connection, host, access',
    ],
    [
      { via: { binding: "A", port: 1 } },
      ".via.port",
      'unknown key "port"',
      "one that is known here: binding, kind",
    ],
  ]);
  refuses("that would change a prototype", asItIs, "", [
    [withPrototype, "__proto__", 'unknown key "__proto__"', "no such key, anywhere"],
    [
      withUpstream({ timeouts: prototype }),
      `${shop}.timeouts.__proto__`,
      'unknown key "__proto__"',
      "no such key, anywhere",
    ],
  ]);
});

describe("names", () => {
  refuses("names that are none", (name: unknown) => withOrigin({ name }), origin, [
    ["", ".name", '""', nameExpected],
    ["-a", ".name", '"-a"', nameExpected],
    ["a b", ".name", '"a b"', nameExpected],
    ["a".repeat(65), ".name", `"${"a".repeat(65)}"`, nameExpected],
    [7, ".name", "7", nameExpected],
  ]);
  refuses("keys that are no names", withUpstreams, "upstreams", [
    [{ "a/b": leastUpstream() }, '["a/b"]', 'key "a/b"', nameExpected],
  ]);
  refuses("names that are taken", withPool, `${shop}.pools[1]`, [
    [
      { ...leastUpstream().pools[0], name: "cloud" },
      ".origins[0].name",
      '"a"',
      `a name of its own; ${origin} has this one`,
    ],
    [
      { name: "home", origins: [{ name: "b", url: "https://b.example.com" }] },
      ".name",
      '"home"',
      `a name of its own; ${home} has this one`,
    ],
  ]);
});

describe("routes", () => {
  const path = 'a path from "/" (not "//"), percent-encoded, without dot segments, "?" or "#"';
  const host = 'a host without a port, such as "shop.example.com" or "*.example.com"';
  const withRoute = (parts: object) => withRoutes({ upstream: "shop", ...parts });
  const withRouteTwice = (first: object, second: object) =>
    withRoutes({ upstream: "shop", ...first }, { upstream: "shop", ...second });

  refuses("matches that are none", withRoute, "routes[0]", [
    [{ host: "a.example.com:80" }, ".host", '"a.example.com:80"', host],
    [{ host: "a.*.com" }, ".host", '"a.*.com"', host],
    [{ host: "a.example.com." }, ".host", '"a.example.com."', host],
    [{ host: "*.10.0.0.1" }, ".host", '"*.10.0.0.1"', host],
    [{ prefix: "api" }, ".prefix", '"api"', path],
    [{ prefix: "/a/../b" }, ".prefix", '"/a/../b"', path],
    [{ prefix: "//b" }, ".prefix", '"//b"', path],
    [{ exact: "/a?b" }, ".exact", '"/a?b"', path],
    [{ exact: "/café" }, ".exact", '"/café"', path],
    [{ prefix: "/a", exact: "/b" }, "", "both prefix and exact", "one of them, or neither (any path)"],
  ]);
  refuses("a route to nowhere", withRoute, "routes[0]", [
    [
      { upstream: "shpo" },
      ".upstream",
      '"shpo"',
      'the name of an upstream of this config; the nearest is "shop"',
    ],
    [
      { upstream: "toString" },
      ".upstream",
      '"toString"',
      'the name of an upstream of this config; the nearest is "shop"',
    ],
  ]);

  const found = "the same match as routes[0]";
  const expected = "a host, prefix or exact of its own";
  refuses("a route that another one hides", asItIs, "routes[1]", [
    [withRouteTwice({}, {}), "", found, expected],
    [withRouteTwice({}, { prefix: "/" }), "", found, expected],
    [withRouteTwice({ prefix: "/api" }, { prefix: "/api/" }), "", found, expected],
    [withRouteTwice({ prefix: "/~user" }, { prefix: "/%7Euser" }), "", found, expected],
    [withRouteTwice({ exact: "/a%2fb" }, { exact: "/a%2Fb" }), "", found, expected],
    [withRouteTwice({ exact: "/a/b" }, { exact: "/a//b" }), "", found, expected],
    [
      withRouteTwice({ host: "A.example", exact: "/x" }, { host: "a.Example", exact: "/x" }),
      "",
      found,
      expected,
    ],
  ]);
});

test("every issue is reported at once, in the order of the config: of shape, of relations and of routes", () => {
  const raw = {
    target: "cloud",
    upstreams: {
      shop: {
        pools: [
          {
            name: "home",
            origins: [
              { name: "a", url: 1 },
              { name: "a", url: "https://a.example.com" },
            ],
          },
        ],
        health: { interval: "1s", timeout: "2s", rise: 0 },
      },
    },
    routes: [{ upstream: "shoop" }, { upstream: "shop" }],
    extra: true,
  };
  expect(issuesOf(raw).map(({ path }) => path)).toEqual([
    "target",
    `${origin}.url`,
    `${home}.origins[1].name`,
    `${shop}.health.timeout`,
    `${shop}.health.rise`,
    "routes[0].upstream",
    "routes[1]",
    "extra",
  ]);
});

describe("an upstream parsed alone", () => {
  test("is refused with the issues, and the paths, that it has in its config", () => {
    const section = {
      pools: [{ name: "home", origins: [{ name: "a", url: "http://10.0.0.1", weight: 0 }] }],
      x: 1,
    };
    const parsed = parseUpstream("shop", section, "edge", emptyEnv);
    const issues = parsed.ok ? [] : textsOf(parsed.issues);
    expect(issues).toEqual(issuesOf(withUpstreams({ shop: section })));
    expect(issues).toHaveLength(3);
  });

  test.each([
    ["shop", undefined, shop, "an object with pools"],
    ["no name", leastUpstream(), 'upstreams["no name"]', nameExpected],
    ["__proto__", leastUpstream(), "upstreams.__proto__", "no such key, anywhere"],
  ])("needs a section and a name: %j, %j", (name, section, path, expected) => {
    const parsed = parseUpstream(name, section, "edge", emptyEnv);
    expect(parsed.ok ? [] : parsed.issues).toContainEqual(expect.objectContaining({ path, expected }));
  });
});

describe("two sticky upstreams on one host", () => {
  const found = (cookie: string) => `a cookie "${cookie}", as upstream "shop" has on the same host`;
  const expected = "a cookie or a path of its own: sticky: { cookie: … }";
  const ofDomain = { domain: "example.com" };

  refuses("a cookie that both would write", withTwoSticky, "upstreams.blog.sticky", [
    [[true, true], "", found("weir"), expected],
    [[true, { cookie: "weir", ttl: "9h" }], "", found("weir"), expected],
    [[{ cookie: "s" }, { cookie: "s", path: "/" }], "", found("s"), expected],
    [[true, true, [undefined, "blog.example.com"]], "", found("weir"), expected],
    [[true, true, ["blog.example.com", "*.example.com"]], "", found("weir"), expected],
    [
      [ofDomain, { domain: ".Example.com" }, ["shop.example.com", "blog.example.com"]],
      "",
      found("weir"),
      expected,
    ],
    [[ofDomain, true, ["shop.example.com", "example.com"]], "", found("weir"), expected],
  ]);

  test.each([
    [[true, { cookie: "blog" }]],
    [[true, { path: "/blog" }]],
    [[true, false]],
    [[true, true, ["shop.example.com", "blog.example.com"]]],
    [[true, true, ["example.com", "*.example.com"]]],
    [[ofDomain, true, ["shop.example.com", "blog.example.com"]]],
  ] as const)("cookies that never meet are accepted: %j", ([one, other, hosts]) => {
    expect(issuesOf(withTwoSticky([one, other, hosts]))).toEqual([]);
  });
});

describe("a cookie that browsers drop", () => {
  const withSticky = (sticky: object, ...hosts: readonly (string | undefined)[]) => ({
    ...withUpstream({ sticky }),
    routes: hosts.map((host) => ({ ...(host !== undefined && { host }), upstream: "shop" })),
  });
  const expected = (hosts: string) =>
    `a domain that a route's host is in: ${hosts}; browsers drop a cookie for any other`;

  refuses("it", asItIs, "upstreams.shop.sticky", [
    [
      withSticky({ domain: "example.org" }, "shop.example.com", "*.example.com"),
      ".domain",
      '"example.org"',
      expected('"shop.example.com", "*.example.com"'),
    ],
    [
      withSticky({ domain: "shop.example.com" }, "example.com"),
      ".domain",
      '"shop.example.com"',
      expected('"example.com"'),
    ],
    [
      withSticky({ cookie: "__Host-weir", domain: "example.com" }, undefined),
      ".domain",
      '"example.com"',
      'none beside a cookie "__Host-…"',
    ],
    [
      withSticky({ cookie: "__host-weir", path: "/shop" }, undefined),
      ".path",
      '"/shop"',
      '"/" beside a cookie "__Host-…"',
    ],
  ]);

  test.each([
    [{ domain: "example.com" }, ["shop.example.com"]],
    [{ domain: "example.com" }, ["example.com"]],
    [{ domain: "shop.example.com" }, ["*.example.com"]],
    [{ domain: "example.com" }, ["localhost", "shop.example.com"]],
    [{ domain: "example.com" }, [undefined]],
    [{ cookie: "__Host-weir", path: "/" }, [undefined]],
  ] as const)("one that they keep is accepted: %j for %j", (sticky, hosts) => {
    expect(issuesOf(withSticky(sticky, ...hosts))).toEqual([]);
  });
});
