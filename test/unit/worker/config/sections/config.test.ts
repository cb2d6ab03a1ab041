/** A config as a whole: its shape, its names, an upstream of it alone; and that all issues come at once, in its order. */
import { describe, expect, test } from "vitest";
import weirConfig from "../../../../../weir.config.ts";
import { parseUpstream } from "../../../../../worker/config/parse/parse.ts";
import { emptyEnv, leastConfig, leastUpstream, withOrigin, withUpstream } from "../example-config.ts";
import { accepted, accepts, home, inRoot, issuesOf, nameExpected, origin, originParts } from "../tables.ts";
import { refuses, refusesValues, shop, textsOf, unknownKey, words, type Scope } from "../tables.ts";

/** The config itself, and parts of its root. */
const asItIs: Scope = { make: (raw) => raw, base: "", compiled: (config) => config };
const root: Scope = { ...asItIs, make: (parts) => ({ ...leastConfig(), ...(parts as object) }) };
const object = "an object with upstreams and routes";
const plain = "plain data, as in JSON";

accepts(inRoot("target"), [
  [undefined, "edge"],
  ["workerd", "workerd"],
]);
accepts(inRoot("admin"), [
  [undefined, {}],
  [{}, {}],
  [{ hosts: [] }, { hosts: [] }],
  [{ hosts: ["LOCALHOST", "127.0.0.1", "[::1]"] }, { hosts: ["localhost", "127.0.0.1", "[::1]"] }],
]);
const names: Scope = { ...root, compiled: ({ upstreams }) => upstreams.map(({ name }) => name) };
accepts(names, [
  // An upstream without a route is fine, and a name that an object inherits is one like others.
  [{ upstreams: { shop: leastUpstream(), spare: leastUpstream() } }, ["shop", "spare"]],
  [{ upstreams: { constructor: leastUpstream() }, routes: [{ upstream: "constructor" }] }, ["constructor"]],
  [{ $schema: "./weir.config.schema.json" }, ["shop"]],
]);

describe("the shape", () => {
  const prototype: object = JSON.parse('{ "__proto__": { "target": "workerd" } }');
  const withPrototype: object = JSON.parse(`{ "__proto__": {}, ${JSON.stringify(leastConfig()).slice(1)}`);
  const noKey = ["no such key, anywhere", 'unknown key "__proto__"'] as const;

  refuses(asItIs, [
    [null, "(config)", object, "null"],
    [[], "(config)", object, "[]"],
    ["edge", "(config)", object, '"edge"'],
    [undefined, "(config)", plain, "undefined"],
    [() => leastConfig(), "(config)", plain, "a function"],
    [{ upstreams: leastConfig().upstreams }, "routes", "a list of 1 to 10000 routes"],
    [{ ...leastConfig(), routes: [{}] }, "routes[0].upstream", /^upstream, or a last rule/],
    [withPrototype, "__proto__", ...noKey],
    [withUpstream({ timeouts: prototype }), `${shop}.timeouts.__proto__`, ...noKey],
  ]);
  refuses(root, [
    [{ target: "Edge" }, "target", words("edge", "workerd")],
    // A target that cannot be read does not make the URL of an origin wrong.
    [{ ...withOrigin({ url: "http://10.0.0.1" }), target: null }, "target", words("edge", "workerd"), "null"],
    [{ route: 1 }, "route", unknownKey("routes"), 'unknown key "route"'],
    [{ admin: { host: [] } }, "admin.host", unknownKey("hosts"), 'unknown key "host"'],
    [
      { upstreams: { ...leastConfig().upstreams, "a/b": leastUpstream() } },
      'upstreams["a/b"]',
      nameExpected,
      'key "a/b"',
    ],
  ]);

  const host = 'a host name or address without a port, such as "weir.example.com"';
  refuses(inRoot("admin"), [
    [{ hosts: "localhost" }, ".hosts", "a list of 0 to 100 hosts"],
    [{ hosts: ["localhost", "localhost:8080"] }, ".hosts[1]", host],
    [{ hosts: ["*.example.com"] }, ".hosts[0]", host],
  ]);
  refusesValues(
    originParts,
    ["", "-a", "a b", "a".repeat(65), 7].map((name) => [".name", name, nameExpected] as const),
  );

  test("a config without upstreams is refused, and so are its routes", () => {
    expect(issuesOf({ upstreams: {}, routes: [{ upstream: "shop" }] })).toEqual([
      { path: "upstreams", found: "{}", expected: "an object of 1 to 100 upstreams" },
      { path: "routes[0].upstream", found: '"shop"', expected: "the name of an upstream of this config" },
    ]);
  });
});

test("every issue is reported at once, in the order of the config: of shape, of relations and of routes", () => {
  const origins = [
    { name: "a", url: 1 },
    { name: "a", url: "https://a.example.com" },
  ];
  const health = { interval: "1s", timeout: "2s", rise: 0 };
  const raw = {
    target: "cloud",
    upstreams: { shop: { pools: [{ name: "home", origins }], health } },
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
  test("is what it is in its config", () => {
    const parsed = parseUpstream("shop", weirConfig.upstreams["shop"], "workerd", emptyEnv);
    expect(parsed).toEqual({ ok: true, upstream: accepted(weirConfig).upstreams[0] });
  });

  test("is refused with the issues, and the paths, that it has in its config", () => {
    const origins = [{ name: "a", url: "http://10.0.0.1", weight: 0 }];
    const section = { pools: [{ name: "home", origins }], x: 1 };
    const parsed = parseUpstream("shop", section, "edge", emptyEnv);
    const issues = parsed.ok ? [] : textsOf(parsed.issues);
    expect(issues).toEqual(issuesOf({ ...leastConfig(), upstreams: { shop: section } }));
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

test("the config that npm start runs is valid, and runs here", () => {
  expect(accepted(weirConfig).target).toBe("workerd");
});
