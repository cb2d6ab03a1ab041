/** What `parseConfig` refuses, and what it says: where, what was found, what was expected. */
import { describe, expect, test } from "vitest";
import type { ConfigIssue } from "../../../worker/config/issue.ts";
import { parseConfig, parseUpstream } from "../../../worker/config/parse.ts";
import {
  emptyEnv,
  leastConfig,
  leastUpstream,
  withOrigin,
  withOrigins,
  withRoutes,
  withUpstream,
} from "./example-config.ts";

const shop = "upstreams.shop";
const home = `${shop}.pools[0]`;
const first = `${home}.origins[0]`;

const name = 'a name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit';
const originUrl = "an http: or https: URL without credentials, query or fragment";
const path = 'a path from "/", percent-encoded, without "//" at its start, "..", "?" or "#"';
const routeHost = 'a host without a port, such as "shop.example.com" or "*.example.com"';
const headerName = "a header's name, and not Host or one of the connection's own (Connection, Upgrade …)";
const headerValue = "a header's value: no CR, LF or other control characters, no space at its ends";
const status = 'a status or a range of them within 100-599, such as 204, "204" or "200-399"';
const via = '"fetch", or { "binding": "NAME" }';
const binding = "the name of a binding: 1 to 64 letters, digits or _, the first a letter";
const duration = (bounds: string) => `a duration such as "10s" (units: ms, s, m, h), ${bounds}`;
const edgeAddress =
  "a DNS name: at the edge a public fetch to an IP address or localhost fails (error 1003). Give the origin a name, " +
  'or reach it through a Workers VPC or tunnel binding: via: { binding: "NAME" }';

function issuesOf(raw: unknown): readonly ConfigIssue[] {
  const parsed = parseConfig(raw, emptyEnv);
  return parsed.ok ? [] : parsed.issues;
}

type Row = readonly [raw: unknown, path: string, found: string, expected: string];

/** Each row is refused with exactly one issue. */
function refuses(what: string, rows: readonly Row[]): void {
  test.each(rows.map((row) => [row[1], row[2], row] as const))(
    `${what}: %s, found %s`,
    (_path, _found, row) => {
      const [raw, path, found, expected] = row;
      expect(issuesOf(raw)).toEqual([{ path, found, expected }]);
    },
  );
}

describe("the whole", () => {
  refuses("what is no config", [
    [null, "(config)", "null", "an object with upstreams and routes"],
    [undefined, "(config)", "undefined", "plain data, as in JSON"],
    [[], "(config)", "[]", "an object with upstreams and routes"],
    ["edge", "(config)", '"edge"', "an object with upstreams and routes"],
  ]);
  refuses("what is missing or too little", [
    [{ upstreams: leastConfig().upstreams }, "routes", "nothing", "a list of 1 to 1000 routes"],
    [{ ...leastConfig(), routes: [] }, "routes", "[]", "a list of 1 to 1000 routes"],
    [withUpstream({ pools: [] }), `${shop}.pools`, "[]", "a list of 1 to 16 pools"],
    [withOrigins([]), `${home}.origins`, "[]", "a list of 1 to 1000 origins"],
    [withOrigins([{ name: "a" }]), `${first}.url`, "nothing", originUrl],
  ]);
  refuses("a word that is none of the known ones", [
    [{ ...leastConfig(), target: "Edge" }, "target", '"Edge"', 'one of "edge", "workerd"'],
    [
      withUpstream({ policy: "random" }),
      `${shop}.policy`,
      '"random"',
      'one of "round_robin", "least_conn", "ip_hash"',
    ],
    [
      withUpstream({ location: "eu" }),
      `${shop}.location`,
      '"eu"',
      'one of "wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me"',
    ],
    [
      withUpstream({ retries: { on: ["500"] } }),
      `${shop}.retries.on[0]`,
      '"500"',
      'one of "connect", "timeout", "502", "503", "504"',
    ],
    [
      withUpstream({ health: { method: "POST" } }),
      `${shop}.health.method`,
      '"POST"',
      'one of "GET", "HEAD", "OPTIONS"',
    ],
  ]);
  refuses("a port or pattern among the hosts of the admin API", [
    [
      { ...leastConfig(), admin: { hosts: ["localhost", "localhost:8080"] } },
      "admin.hosts[1]",
      '"localhost:8080"',
      'a host name or address without a port, such as "weir.example.com"',
    ],
  ]);

  test("a config without upstreams is refused, and so are its routes", () => {
    expect(issuesOf({ upstreams: {}, routes: [{ upstream: "shop" }] })).toEqual([
      { path: "upstreams", found: "{}", expected: "an object of 1 to 100 upstreams" },
      { path: "routes[0].upstream", found: '"shop"', expected: "the name of an upstream of this config" },
    ]);
  });
});

describe("unknown keys, with the nearest known one", () => {
  refuses("at every level", [
    [
      { ...leastConfig(), route: 1 },
      "route",
      'unknown key "route"',
      '"routes"? Known here: target, admin, upstreams, routes',
    ],
    [
      withUpstream({ polcy: 1 }),
      `${shop}.polcy`,
      'unknown key "polcy"',
      '"policy"? Known here: policy, location, pools, health, passive, sticky, timeouts, retries',
    ],
    [
      withOrigins([{ name: "a", url: "https://a.example.com", maxconns: 8 }]),
      `${first}.maxconns`,
      'unknown key "maxconns"',
      '"maxConns"? Known here: name, url, weight, maxConns, backup, via',
    ],
    [
      withUpstream({ health: { intervall: "1s" } }),
      `${shop}.health.intervall`,
      'unknown key "intervall"',
      '"interval"? Known here: method, path, headers, expect, interval, timeout, jitter, rise, fall',
    ],
    [
      withUpstream({ timeouts: { "max hold": "1s" } }),
      `${shop}.timeouts["max hold"]`,
      'unknown key "max hold"',
      '"maxHold"? Known here: headers, total, maxHold',
    ],
    [
      JSON.parse(`{ "__proto__": { "target": "workerd" }, ${JSON.stringify(leastConfig()).slice(1)}`),
      "__proto__",
      'unknown key "__proto__"',
      "no such key, anywhere",
    ],
    [
      withUpstream({ health: { headers: JSON.parse('{ "__proto__": "x" }') as object } }),
      `${shop}.health.headers.__proto__`,
      'unknown key "__proto__"',
      "no such key, anywhere",
    ],
  ]);
});

describe("names", () => {
  refuses("names that are none", [
    [withOrigin({ name: "" }), `${first}.name`, '""', name],
    [withOrigin({ name: "-a" }), `${first}.name`, '"-a"', name],
    [withOrigin({ name: "a b" }), `${first}.name`, '"a b"', name],
    [withOrigin({ name: 7 }), `${first}.name`, "7", name],
    [
      { ...leastConfig(), upstreams: { shop: leastUpstream(), "a/b": leastUpstream() } },
      'upstreams["a/b"]',
      'key "a/b"',
      name,
    ],
  ]);
  refuses("names that are taken", [
    [
      withUpstream({
        pools: [...leastUpstream().pools, { name: "cloud", origins: leastUpstream().pools[0]?.origins }],
      }),
      `${shop}.pools[1].origins[0].name`,
      '"a"',
      `a name of its own; ${first} has this one`,
    ],
    [
      withUpstream({
        pools: [
          ...leastUpstream().pools,
          { name: "home", origins: [{ name: "b", url: "https://b.example.com" }] },
        ],
      }),
      `${shop}.pools[1].name`,
      '"home"',
      `a name of its own; ${home} has this one`,
    ],
  ]);
});

describe("origins", () => {
  refuses("URLs that are not an origin's", [
    [withOrigin({ url: "a.example.com" }), `${first}.url`, '"a.example.com"', originUrl],
    [withOrigin({ url: "ftp://a.example.com" }), `${first}.url`, '"ftp://a.example.com"', originUrl],
    [withOrigin({ url: "http:///a.example.com" }), `${first}.url`, '"http:///a.example.com"', originUrl],
    [
      withOrigin({ url: "https://a.example.com/#x" }),
      `${first}.url`,
      '"https://a.example.com/#x"',
      originUrl,
    ],
    [
      withOrigin({ url: "https://a.example.com/\r\nx" }),
      `${first}.url`,
      '"https://a.example.com/\\r\\nx"',
      originUrl,
    ],
  ]);
  refuses("URLs with secrets in them, which are not shown", [
    [
      withOrigin({ url: "https://me:hunter2@a.example.com" }),
      `${first}.url`,
      '"https://***@a.example.com"',
      originUrl,
    ],
    [
      withOrigin({ url: "https://a.example.com/?key=hunter2" }),
      `${first}.url`,
      '"https://a.example.com/?***"',
      originUrl,
    ],
  ]);
  refuses("numbers out of bounds", [
    [withOrigin({ weight: -1 }), `${first}.weight`, "-1", "a whole number from 0 to 1000"],
    [withOrigin({ weight: 1001 }), `${first}.weight`, "1001", "a whole number from 0 to 1000"],
    [withOrigin({ weight: 0.5 }), `${first}.weight`, "0.5", "a whole number from 0 to 1000"],
    [withOrigin({ weight: "1" }), `${first}.weight`, '"1"', "a whole number from 0 to 1000"],
    [withOrigin({ maxConns: 0 }), `${first}.maxConns`, "0", "a whole number from 1 to 1000000"],
    [withOrigin({ backup: "no" }), `${first}.backup`, '"no"', "true or false"],
  ]);
  refuses("a pool that could never be picked from", [
    [
      withOrigin({ weight: 0 }),
      `${home}.origins`,
      "weight 0 for each origin",
      "at least one origin of a weight above 0",
    ],
  ]);
  refuses("ways that are none", [
    [withOrigin({ via: "vpc" }), `${first}.via`, '"vpc"', via],
    [withOrigin({ via: {} }), `${first}.via.binding`, "nothing", binding],
    [withOrigin({ via: { binding: "__proto__" } }), `${first}.via.binding`, '"__proto__"', binding],
    [
      withOrigin({ via: { binding: "A", port: 1 } }),
      `${first}.via.port`,
      'unknown key "port"',
      '"binding"? Known here: binding',
    ],
  ]);
  refuses("addresses that the edge would not fetch", [
    [withOrigin({ url: "http://10.0.0.5:8080" }), `${first}.url`, '"http://10.0.0.5:8080"', edgeAddress],
    [withOrigin({ url: "http://0x7f.1" }), `${first}.url`, '"http://0x7f.1"', edgeAddress],
    [withOrigin({ url: "http://[::1]:8080" }), `${first}.url`, '"http://[::1]:8080"', edgeAddress],
    [
      withOrigin({ url: "http://localhost", via: "fetch" }),
      `${first}.url`,
      '"http://localhost"',
      edgeAddress,
    ],
    [
      withOrigin({ url: "http://x.localhost" }, { target: "edge" }),
      `${first}.url`,
      '"http://x.localhost"',
      edgeAddress,
    ],
  ]);
});

describe("health", () => {
  refuses("what a probe cannot be", [
    [
      withUpstream({ health: "on" }),
      `${shop}.health`,
      '"on"',
      "an object (keys: method, path, headers, expect, interval, timeout, jitter, rise, fall), true, or false",
    ],
    [
      withUpstream({ health: { path: "healthz" } }),
      `${shop}.health.path`,
      '"healthz"',
      'a path from "/", percent-encoded, without "//" at its start, ".." or "#"',
    ],
    [
      withUpstream({ health: { path: "//evil.example" } }),
      `${shop}.health.path`,
      '"//evil.example"',
      'a path from "/", percent-encoded, without "//" at its start, ".." or "#"',
    ],
    [
      withUpstream({ health: { path: "/a\r\nb" } }),
      `${shop}.health.path`,
      '"/a\\r\\nb"',
      'a path from "/", percent-encoded, without "//" at its start, ".." or "#"',
    ],
    [withUpstream({ health: { expect: [] } }), `${shop}.health.expect`, "[]", "a list of 1 to 32 statuses"],
    [withUpstream({ health: { expect: ["2xx"] } }), `${shop}.health.expect[0]`, '"2xx"', status],
    [withUpstream({ health: { expect: ["399-200"] } }), `${shop}.health.expect[0]`, '"399-200"', status],
    [withUpstream({ health: { expect: [600] } }), `${shop}.health.expect[0]`, "600", status],
    [withUpstream({ health: { expect: [true] } }), `${shop}.health.expect[0]`, "true", status],
    [withUpstream({ health: { jitter: 0.6 } }), `${shop}.health.jitter`, "0.6", "a number from 0 to 0.5"],
    [withUpstream({ health: { rise: 0 } }), `${shop}.health.rise`, "0", "a whole number from 1 to 100"],
  ]);
  refuses("headers that are none, without their values", [
    [
      withUpstream({ health: { headers: { "a b": "x" } } }),
      `${shop}.health.headers["a b"]`,
      'key "a b"',
      headerName,
    ],
    [
      withUpstream({ health: { headers: { HOST: "x" } } }),
      `${shop}.health.headers.HOST`,
      'key "HOST"',
      headerName,
    ],
    [
      withUpstream({ health: { headers: { "transfer-encoding": "x" } } }),
      `${shop}.health.headers.transfer-encoding`,
      'key "transfer-encoding"',
      headerName,
    ],
    [
      withUpstream({ health: { headers: { "X-A\r\nX-B": "x" } } }),
      `${shop}.health.headers["X-A\\r\\nX-B"]`,
      'key "X-A\\r\\nX-B"',
      headerName,
    ],
    [
      withUpstream({ health: { headers: { "x-a": "1\r\nx-b: 2" } } }),
      `${shop}.health.headers.x-a`,
      '"***"',
      headerValue,
    ],
    [
      withUpstream({ health: { headers: { authorization: "Bearer hunter2\0" } } }),
      `${shop}.health.headers.authorization`,
      '"***"',
      headerValue,
    ],
    [
      withUpstream({ health: { headers: { "x-a": "1", "X-A": "2" } } }),
      `${shop}.health.headers.X-A`,
      "the same header again",
      "each header once",
    ],
    [
      withUpstream({ health: ["x", { headers: { authorization: "hunter2" } }] }),
      `${shop}.health`,
      '["x",{"headers":{"authorization":"***"}}]',
      "an object (keys: method, path, headers, expect, interval, timeout, jitter, rise, fall), true, or false",
    ],
  ]);
});

describe("durations", () => {
  const timeouts = (timeouts: object) => withUpstream({ timeouts });
  refuses("numbers, other units, and values out of bounds", [
    [timeouts({ total: 30 }), `${shop}.timeouts.total`, "30", duration("from 10ms to 24h")],
    [timeouts({ total: "30" }), `${shop}.timeouts.total`, '"30"', duration("from 10ms to 24h")],
    [timeouts({ total: "1d" }), `${shop}.timeouts.total`, '"1d"', duration("from 10ms to 24h")],
    [timeouts({ headers: "9ms" }), `${shop}.timeouts.headers`, '"9ms"', duration("from 10ms to 1h")],
    [timeouts({ maxHold: "0s" }), `${shop}.timeouts.maxHold`, '"0s"', duration("from 1s to 24h")],
    [
      withUpstream({ health: { interval: "500ms" } }),
      `${shop}.health.interval`,
      '"500ms"',
      duration("from 1s to 300s"),
    ],
    [
      withUpstream({ health: { interval: "301s" } }),
      `${shop}.health.interval`,
      '"301s"',
      duration("from 1s to 300s"),
    ],
  ]);
  refuses("pairs that contradict each other", [
    [
      withUpstream({ health: { interval: "1s", timeout: "2s" } }),
      `${shop}.health.timeout`,
      '"2s"',
      "at most health.interval",
    ],
    [
      withUpstream({ passive: { eject: "2m", maxEject: "60s" } }),
      `${shop}.passive.eject`,
      '"2m"',
      "at most passive.maxEject",
    ],
    [
      withUpstream({ sticky: { idle: "2h", ttl: "1h" } }),
      `${shop}.sticky.idle`,
      '"2h"',
      "at most sticky.ttl",
    ],
    [
      timeouts({ headers: "10s", total: "9s" }),
      `${shop}.timeouts.headers`,
      '"10s"',
      "at most timeouts.total",
    ],
  ]);
});

describe("passive health, sticky sessions, retries", () => {
  refuses("one failure that ejects", [
    [
      withUpstream({ passive: { failures: 1 } }),
      `${shop}.passive.failures`,
      "1",
      "a whole number from 2 to 1000",
    ],
  ]);
  refuses("cookies that would not be one", [
    [
      withUpstream({ sticky: { cookie: "a;b" } }),
      `${shop}.sticky.cookie`,
      '"a;b"',
      "a cookie's name: letters, digits and !#$%&'*+-.^_`|~",
    ],
    [
      withUpstream({ sticky: { path: "/; Domain=x" } }),
      `${shop}.sticky.path`,
      '"/; Domain=x"',
      'a path from "/", without ";" or control characters',
    ],
    [
      withUpstream({ sticky: { domain: "10.0.0.1" } }),
      `${shop}.sticky.domain`,
      '"10.0.0.1"',
      'a domain name such as ".example.com"',
    ],
  ]);
  refuses("retries out of bounds", [
    [
      withUpstream({ retries: { attempts: 4 } }),
      `${shop}.retries.attempts`,
      "4",
      "a whole number from 0 to 3",
    ],
    [withUpstream({ retries: { budget: 1.1 } }), `${shop}.retries.budget`, "1.1", "a number from 0 to 1"],
  ]);
});

describe("routes", () => {
  refuses("matches that are none", [
    [
      withRoutes({ host: "a.example.com:80", upstream: "shop" }),
      "routes[0].host",
      '"a.example.com:80"',
      routeHost,
    ],
    [withRoutes({ host: "a.*.com", upstream: "shop" }), "routes[0].host", '"a.*.com"', routeHost],
    [
      withRoutes({ host: "a.example.com.", upstream: "shop" }),
      "routes[0].host",
      '"a.example.com."',
      routeHost,
    ],
    [withRoutes({ host: "*.10.0.0.1", upstream: "shop" }), "routes[0].host", '"*.10.0.0.1"', routeHost],
    [withRoutes({ prefix: "api", upstream: "shop" }), "routes[0].prefix", '"api"', path],
    [withRoutes({ prefix: "/a/../b", upstream: "shop" }), "routes[0].prefix", '"/a/../b"', path],
    [withRoutes({ exact: "/a?b", upstream: "shop" }), "routes[0].exact", '"/a?b"', path],
    [withRoutes({ exact: "/café", upstream: "shop" }), "routes[0].exact", '"/café"', path],
    [
      withRoutes({ prefix: "/a", exact: "/b", upstream: "shop" }),
      "routes[0]",
      "both prefix and exact",
      "one of them, or neither (any path)",
    ],
  ]);
  refuses("a route to nowhere", [
    [
      withRoutes({ upstream: "shpo" }),
      "routes[0].upstream",
      '"shpo"',
      'the name of an upstream of this config; the nearest is "shop"',
    ],
  ]);
  const ownMatch = "a host, prefix or exact of its own";
  refuses("a route that another one hides", [
    [
      withRoutes({ upstream: "shop" }, { upstream: "shop" }),
      "routes[1]",
      "the same match as routes[0]",
      ownMatch,
    ],
    [
      withRoutes({ upstream: "shop" }, { prefix: "/", upstream: "shop" }),
      "routes[1]",
      "the same match as routes[0]",
      ownMatch,
    ],
    [
      withRoutes(
        { host: "A.example", prefix: "/x", upstream: "shop" },
        { host: "a.Example", prefix: "/x", upstream: "shop" },
      ),
      "routes[1]",
      "the same match as routes[0]",
      ownMatch,
    ],
  ]);
});

describe("bounds on counts", () => {
  const origins = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, index) => ({
      name: `${prefix}${index}`,
      url: "https://a.example.com",
    }));
  const numbered = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => make(index));

  test.each([
    [
      `${shop}.pools`,
      "1001 origins",
      "at most 1000 origins in all pools together",
      withUpstream({
        pools: [
          { name: "a", origins: origins(500, "a") },
          { name: "b", origins: origins(501, "b") },
        ],
      }),
    ],
    [
      "routes",
      expect.any(String),
      "a list of 1 to 1000 routes",
      withRoutes(...numbered(1001, (index) => ({ exact: `/${index}`, upstream: "shop" }))),
    ],
    [
      `${shop}.pools`,
      expect.any(String),
      "a list of 1 to 16 pools",
      withUpstream({
        pools: numbered(17, (index) => ({ name: `p${index}`, origins: origins(1, `o${index}-`) })),
      }),
    ],
    [
      `${shop}.health.headers`,
      expect.any(String),
      "an object of 0 to 32 headers",
      withUpstream({ health: { headers: Object.fromEntries(numbered(33, (index) => [`x-${index}`, "v"])) } }),
    ],
    [
      "upstreams",
      expect.any(String),
      "an object of 1 to 100 upstreams",
      {
        ...leastConfig(),
        upstreams: {
          shop: leastUpstream(),
          ...Object.fromEntries(numbered(100, (index) => [`u${index}`, leastUpstream()])),
        },
      },
    ],
  ])("%s is bounded: %s, expected %s", (path, found, expected, raw) => {
    expect(issuesOf(raw)).toEqual([{ path, found, expected }]);
  });
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
    `${first}.url`,
    `${home}.origins[1].name`,
    `${shop}.health.timeout`,
    `${shop}.health.rise`,
    "routes[0].upstream",
    "routes[1]",
    "extra",
  ]);
});

test("an upstream parsed alone is refused with the issues, and the paths, that it has in its config", () => {
  const section = {
    pools: [{ name: "home", origins: [{ name: "a", url: "http://10.0.0.1", weight: 0 }] }],
    x: 1,
  };
  const parsed = parseUpstream("shop", section, "edge", emptyEnv);
  expect(parsed).toEqual({ ok: false, issues: issuesOf({ ...leastConfig(), upstreams: { shop: section } }) });
  expect(parsed).toHaveProperty("issues.length", 3);
});

test.each([
  ["shop", undefined, `${shop}`, "an upstream: an object with pools"],
  ["no name", leastUpstream(), 'upstreams["no name"]', name],
  ["__proto__", leastUpstream(), "upstreams.__proto__", "no such key, anywhere"],
])("an upstream parsed alone as %j needs a section and a name", (upstream, section, path, expected) => {
  const parsed = parseUpstream(upstream, section, "edge", emptyEnv);
  expect(parsed.ok ? [] : parsed.issues).toContainEqual(expect.objectContaining({ path, expected }));
});
