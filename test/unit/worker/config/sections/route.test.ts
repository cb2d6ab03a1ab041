/** Routes: what they match, and that none is in vain. */
import {
  accepts,
  allows,
  inRoute,
  nameExpected,
  refuses,
  refusesValues,
  size,
  unknownKey,
  type Scope,
} from "../tables.ts";
import { loadPatterns } from "../../../../../worker/config/kinds/pattern.ts";
import { leastConfig } from "../example-config.ts";

await loadPatterns();

/** Routes, each to the upstream unless it says otherwise. */
const routes: Scope = {
  make: (routes) => ({
    ...leastConfig(),
    routes: (routes as readonly object[]).map((route) => ({ upstream: "shop", ...route })),
  }),
  base: "routes",
  compiled: ({ routes }) => routes.map((each) => ({ ...each, name: "" })),
};
const names: Scope = { ...routes, compiled: ({ routes }) => routes.map(({ name }) => name) };
const route: Scope = { ...routes, base: "routes[0]", make: (parts) => routes.make([parts]) };
const least = { name: "", upstream: "shop", debug: false };

accepts(routes, [
  [[{}], [least]],
  // In their order; they differ by any of host, prefix and exact.
  ...[
    [
      { host: "*.example.com", prefix: "/api" },
      { host: "*.example.com", exact: "/api" },
      { prefix: "/api" },
      { exact: "/caf%C3%A9" },
      { debug: true },
    ],
  ].map((routes) => [routes, routes.map((route) => ({ ...least, ...route }))] as const),
  // In the form of a request's host and path.
  [[{ host: "*.Bücher.example" }], [{ ...least, host: "*.xn--bcher-kva.example" }]],
  [
    [{ prefix: "/%7Euser//" }, { exact: "/a%2fb" }],
    [
      { ...least, prefix: "/~user/" },
      { ...least, exact: "/a%2Fb" },
    ],
  ],
  [[{ startsWith: "/a//b" }], [{ ...least, startsWith: "/a/b" }]],
  [[{ when: { methods: ["POST"] } }], [{ ...least, when: { methods: ["POST"] } }]],
  [[{ precedence: 3 }], [{ ...least, precedence: 3 }]],
  [[{ precedence: 0 }], [least]],
  [[{ ambiguousPaths: "keep" }], [{ ...least, ambiguousPaths: "keep" }]],
  [[{ ambiguousPaths: "reject" }], [least]],
]);
// A route without a name is called by what it matches.
accepts(names, [
  [[{ name: "the-shop.1" }], ["the-shop.1"]],
  [
    [{}, { host: "*.A.test" }, { prefix: "/api/" }, { exact: "/api/" }, { host: "a.test", exact: "/api/*" }],
    ["*/*", "*.a.test/*", "*/api/*", "*=/api/", "a.test=/api/*"],
  ],
  [
    [{ startsWith: "/api" }, { pattern: "^/shop" }],
    ["*/api*", "*~^/shop"],
  ],
  // Several of the same match have numbers.
  [
    [
      { prefix: "/a", when: { scheme: "http" } },
      { prefix: "/a" },
      { prefix: "/a", when: { methods: ["PUT"] } },
      { startsWith: "/a/" },
    ],
    ["*/a/*", "*/a/*#2", "*/a/*#3", "*/a/*#4"],
  ],
]);
accepts(inRoute("priority"), [
  ["high", "high"],
  [{ header: "X-Priority" }, { header: "x-priority" }],
]);
// GET comes with its HEAD.
accepts(inRoute("methods"), [
  [
    ["GET", "POST"],
    ["GET", "HEAD", "POST"],
  ],
]);
accepts({ ...route, compiled: ({ routes }) => routes[0]?.maxRequestBytes }, [
  [{ maxRequestBody: "10MB" }, 10_000_000],
]);

const path = 'a path from "/" (not "//"), percent-encoded, without dot segments, "?" or "#"';
const host = 'a host without a port, such as "shop.example.com" or "*.example.com"';
const priority = 'one of "high", "normal", "low", or { "header": "NAME" }';
const onePath = "at most one of exact, prefix, startsWith, pattern";
const unknown = 'the name of an upstream of this config; the nearest is "shop"';
refusesValues(route, [
  [".host", "a.example.com:80", host],
  [".prefix", "api", path],
  [".exact", "/a?b", path],
  [".startsWith", "a", path],
  [".pattern", "^/(?!api)", /RE2 has no look-around/],
  [".precedence", 1_001, "a whole number from -1000 to 1000"],
  [".precedence", 0.5, "a whole number from -1000 to 1000"],
  [".when.methods", [], "a list of 1 to 32 methods"],
  [".upstream", "shpo", unknown],
  [".upstream", "toString", unknown],
  [".priority", "urgent", priority],
  [".priority", 1, priority],
  [".priority.header", "a b", "a header's name"],
  [".methods", [], "a list of 1 to 32 methods"],
  [".maxRequestBody", "10M", size("0B", "5GB")],
  [".prefx", "/", unknownKey("prefix"), 'unknown key "prefx"'],
  [".maxBody", "1MB", unknownKey("maxRequestBody"), 'unknown key "maxBody"'],
  [".quota", {}, unknownKey(), 'unknown key "quota"'],
]);
refuses(route, [
  [{ methods: ["get"] }, ".methods[0]", 'a method in capitals, such as "GET"'],
  [{ prefix: "/a", exact: "/b" }, ".prefix", onePath, "prefix beside exact"],
  [{ exact: "/b", pattern: "^/a" }, ".pattern", onePath, "pattern beside exact"],
  [{ pattern: "^/a", startsWith: "/b" }, ".pattern", onePath, "pattern beside startsWith"],
]);

refuses(routes, [
  [
    [
      { name: "shop", prefix: "/a" },
      { name: "other", prefix: "/b" },
      { name: "shop", prefix: "/c" },
    ],
    "[2].name",
    "a name of its own",
    "the name of routes[0]",
  ],
]);
refusesValues(route, [[".name", "/shop", nameExpected]]);

const own = "a host, a path or a when of its own";
refuses(routes, [
  [[], "", "a list of 1 to 10000 routes"],
  ...[
    [{}, {}],
    [{}, { prefix: "/" }],
    [{ prefix: "/api" }, { prefix: "/api/" }],
    [{ prefix: "/~user" }, { prefix: "/%7Euser" }],
    [{ exact: "/a%2fb" }, { exact: "/a%2Fb" }],
    [{ exact: "/a/b" }, { exact: "/a//b" }],
    [
      { host: "A.example", exact: "/x" },
      { host: "a.Example", exact: "/x" },
    ],
  ].map((same) => [same, "[1]", own, "the same match as routes[0]"] as const),
]);
allows(routes, [
  [{ exact: "/api" }, { exact: "/api/" }],
  [{ exact: "/" }, { prefix: "/" }],
  [{ prefix: "/a" }, { prefix: "/b" }],
]);
