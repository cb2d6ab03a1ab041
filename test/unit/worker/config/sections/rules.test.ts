/** `rules` of a route: what they come to, and that what can never work is refused where it stands. */
import { describe, expect, test } from "vitest";

import { loadPatterns } from "../../../../../worker/config/kinds/pattern.ts";
import { redirect, respond } from "../../../../../worker/config/kinds/answer.ts";
import { redirectTarget, rewriteTarget, template } from "../../../../../worker/config/kinds/template.ts";
import { answersAll, rule } from "../../../../../worker/config/sections/rules.ts";
import { when } from "../../../../../worker/config/sections/when.ts";
import { leastConfig, withRoutes } from "../example-config.ts";
import { accepted, accepts, allows, inRoute, issuesOf, refuses, unknownKey, type Scope } from "../tables.ts";

await loadPatterns();

const rules = inRoute("rules");
const one: Scope = { ...rules, make: (part) => rules.make([part]), base: `${rules.base}[0]` };
const first: Scope = {
  ...one,
  compiled: (config) => config.routes[0]?.rules?.[0],
};
const path = { is: "any" };
const url = (...path: unknown[]): object => ({ path, fragment: "" });

accepts(rules, [[[], undefined]]);
accepts(first, [
  [
    { exact: "/a%2fb", redirect: "/new" },
    { path: { is: "exact", path: "/a%2Fb" }, action: { kind: "redirect", to: url("/new"), status: 302 } },
  ],
  [
    { prefix: "/api", rewrite: "/v2${rest}?x=${arg.y}", after: "last" },
    {
      path: { is: "prefix", path: "/api" },
      action: {
        kind: "rewrite",
        after: "last",
        to: { ...url("/v2", { is: "rest" }), query: ["x=", { is: "arg", name: "y" }] },
      },
    },
  ],
  [
    { redirect: { to: "https://www.${host}${path}#a", status: 308 } },
    {
      path,
      action: {
        kind: "redirect",
        status: 308,
        to: { base: ["https://www.", { is: "host" }], path: [{ is: "path" }], fragment: "#a" },
      },
    },
  ],
  [
    { respond: 403 },
    {
      path,
      action: { kind: "respond", answer: { status: 403, type: "text/plain; charset=utf-8", headers: {} } },
    },
  ],
  [
    { respond: { status: 200, body: "hi ${client}", type: "text/html", headers: { "X-A": "${header.B}" } } },
    {
      path,
      action: {
        kind: "respond",
        answer: {
          status: 200,
          body: ["hi ", { is: "client" }],
          type: "text/html",
          headers: { "X-A": [{ is: "header", name: "b" }] },
        },
      },
    },
  ],
  [
    {
      respond: 204,
      when: {
        methods: ["PUT"],
        headers: { "X-A": true, "X-B": false, "X-C": "c", "X-D": ["d", "e"] },
        query: { Page: "1" },
        cookies: { Lang: "de" },
        scheme: "https",
        not: { methods: ["GET"] },
      },
    },
    {
      path,
      action: { kind: "respond", answer: { status: 204, type: "text/plain; charset=utf-8", headers: {} } },
      when: {
        methods: ["PUT"],
        headers: [
          { name: "x-a", test: { is: "present" } },
          { name: "x-b", test: { is: "absent" } },
          { name: "x-c", test: { is: "one-of", texts: ["c"] } },
          { name: "x-d", test: { is: "one-of", texts: ["d", "e"] } },
        ],
        query: [{ name: "Page", test: { is: "one-of", texts: ["1"] } }],
        cookies: [{ name: "Lang", test: { is: "one-of", texts: ["de"] } }],
        scheme: "https",
        not: { methods: ["GET"] },
      },
    },
  ],
]);
allows(one, [
  { pattern: "^/(?<a>x)(y)$", rewrite: "/${a}/${2}" },
  { pattern: "^/(x)$", respond: { status: 200, body: "${1}" } },
  { exact: "/a", redirect: "/a", when: { methods: ["POST"] } },
  { exact: "/a", redirect: "https://other.test/a" },
]);

const rewriteExpected = 'a path from "/", such as "/new${rest}?page=${arg.page}"';
refuses(one, [
  [{ prefix: "/a" }, "", "one of rewrite, redirect, respond", "no action"],
  [{ rewrite: "/a", respond: 403 }, "", "one of rewrite, redirect, respond", "rewrite and respond"],
  [
    { exact: "/a", pattern: "b", respond: 403 },
    "",
    "at most one of exact, prefix, pattern",
    "exact and pattern",
  ],
  [{ after: "last", respond: 403 }, ".after", "a rewrite beside it"],
  [{ rewrite: "a" }, ".rewrite", rewriteExpected],
  [{ rewrite: "//a" }, ".rewrite", rewriteExpected],
  [{ rewrite: "https://a.test/" }, ".rewrite", rewriteExpected],
  [{ rewrite: "/a b" }, ".rewrite", rewriteExpected],
  [{ rewrite: "/a#b" }, ".rewrite", rewriteExpected],
  [{ rewrite: "/${var.x}" }, ".rewrite", /^one of \$\{path\} .*no pattern/],
  [{ rewrite: "/${1}" }, ".rewrite", /^one of .*no pattern/, '"${1}"'],
  [{ pattern: "^/(a)$", rewrite: "/?x=${2}" }, ".rewrite", /\$\{1\}$/, '"${2}"'],
  [{ pattern: "^/(a)$", redirect: "/${b}" }, ".redirect", /\$\{1\}$/, '"${b}"'],
  [{ pattern: "^/(a)$", respond: { status: 200, body: "${b}" } }, ".respond", /\$\{1\}$/, '"${b}"'],
  [{ pattern: "(", respond: 403 }, ".pattern", /missing closing \)/],
  [{ exact: "/a", redirect: "/a" }, ".redirect", "another path", "the path that the rule is for"],
  [{ redirect: "https://${header.x}/" }, ".redirect", /in whose host no variable but \$\{host\} stands/],
  [{ redirect: "https://a.test${arg.x}" }, ".redirect", /in whose host/],
  [{ redirect: { to: "/a", status: 304 } }, ".redirect.status", "one of 301, 302, 303, 307, 308"],
  [{ respond: 199 }, ".respond", "a whole number from 200 to 599"],
  [
    { respond: { status: 200, headers: { "content-length": "3" } } },
    ".respond.headers.content-length",
    /^a header's name that is none of/,
    'key "content-length"',
  ],
  [
    { respond: { status: 200, headers: { A: "b\r\nc" } } },
    ".respond.headers.A",
    "a header's value in visible ASCII",
  ],
  [
    { respond: 200, when: { method: ["GET"] } },
    ".when.method",
    unknownKey("methods"),
    'unknown key "method"',
  ],
  [{ respond: 200, when: { not: { not: {} } } }, ".when.not.not", unknownKey(), 'unknown key "not"'],
  [
    { respond: 200, when: { headers: { A: { pattern: "(?=a)" } } } },
    ".when.headers.A.pattern",
    /look-around/,
  ],
]);

describe("a route without an upstream", () => {
  const issues = (rules: unknown) => issuesOf({ ...leastConfig(), routes: [{ host: "old.test", rules }] });
  test("is fine where its last rule answers all that is left", () => {
    expect(issues([{ redirect: "https://new.test${path}" }])).toEqual([]);
    expect(issues([{ prefix: "/a", rewrite: "/b", after: "last" }, { respond: 410 }])).toEqual([]);
  });
  test.each([
    ["has no rules", []],
    ["has a last rule for some paths", [{ prefix: "/a", respond: 403 }]],
    ["has a last rule with a condition", [{ respond: 403, when: { methods: ["GET"] } }]],
    ["has a last rule that rewrites", [{ rewrite: "/a" }]],
    ["has a rule that skips the last", [{ rewrite: "/a", after: "break" }, { respond: 403 }]],
  ])("is refused if it %s", (_, rules) => {
    const expected = "upstream, or a last rule for all requests that answers or redirects them";
    expect(issues(rules)).toEqual([{ path: "routes[0].upstream", found: "nothing", expected }]);
  });
});

test("every kind of a rule has examples that it accepts: editors and random configs show them", () => {
  for (const kind of [rewriteTarget, redirectTarget, template("a text", "x")]) {
    const examples = kind.meta()?.["examples"];
    expect(examples).toHaveLength(1);
    for (const example of examples as string[]) expect(kind.safeParse(example).success).toBe(true);
  }
  expect(redirect.parse("/a")).toMatchObject({ status: 302 });
  expect(respond.parse(404)).toMatchObject({ status: 404 });
  expect(rule.about.is).toBe("section");
  expect(when.about.is).toBe("section");
  expect(answersAll([])).toBe(false);
});

describe("captures of the route's pattern", () => {
  const inPattern: Scope = {
    ...rules,
    make: (parts) => withRoutes({ upstream: "shop", pattern: "^/(?<id>a)/(b)", rules: parts }),
  };
  allows(inPattern, [
    [
      { rewrite: "/${id}/${2}" },
      { prefix: "/a", redirect: "/${1}" },
      { respond: { status: 200, body: "${id}" } },
    ],
  ]);
  const known = /^one of .*\$\{1\} \$\{2\} \$\{id\}$/;
  refuses(inPattern, [
    [[{ rewrite: "/${3}" }], "[0].rewrite", known, '"${3}"'],
    // A pattern of its own hides them.
    [[{ pattern: "c(d)", redirect: "/${id}" }], "[0].redirect", /^one of .*\$\{1\}$/, '"${id}"'],
  ]);
});

test("a client's network holds for its addresses only", () => {
  const config = accepted(rules.make([{ respond: 403, when: { clients: ["10.0.0.0/8"] } }]));
  const clients = config.routes[0]?.rules?.[0]?.when?.clients;
  expect([clients?.("10.1.2.3"), clients?.("11.1.2.3")]).toEqual([true, false]);
});
