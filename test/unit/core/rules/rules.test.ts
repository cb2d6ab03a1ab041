/** What a route's rules make of a request, and that nothing in a request makes them do anything else. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import {
  applyRules,
  type RouteRule,
  type RulePath,
  type RulesOutcome,
} from "../../../../core/rules/rules.ts";
import { longestMatched } from "../../../../core/rules/pattern.ts";
import { parseUrlTemplate, type UrlTemplate } from "../../../../core/rules/url-template.ts";
import { routingPath } from "../../../../core/routing/path.ts";
import type { RequestFacts, RequestPlace } from "../../../../core/rules/request-facts.ts";
import type { Conditions } from "../../../../core/rules/conditions.ts";
import { patternOf } from "./pattern-of.ts";

const facts: RequestFacts = {
  method: "GET",
  scheme: "http",
  host: "shop.test",
  requestId: "request-1",
  client: "192.0.2.1",
  header: (name) => ({ "x-tenant": "acme", "x-evil": "//evil.test/?a#b\r\nX: y" })[name],
  cookie: (name) => (name === "lang" ? "de" : undefined),
};

function placeOf(target: string): RequestPlace {
  const [path = "", query = ""] = target.split(/\?(.*)/s);
  return { path, routingPath: routingPath(path), query };
}

function url(text: string, isRedirect = false): UrlTemplate {
  const parsed = parseUrlTemplate(text, isRedirect);
  return "expected" in parsed ? expect.unreachable(JSON.stringify(parsed)) : parsed;
}

type Rule = RouteRule<string>;
const any: RulePath = { is: "any" };
const prefix = (path: string): RulePath => ({ is: "prefix", path });
const like = (expression: RegExp): RulePath => ({ is: "like", pattern: patternOf(expression) });

const rewrite = (
  path: RulePath,
  to: string,
  after: "next" | "break" | "last" = "next",
  when?: Conditions,
): Rule => ({
  path,
  action: { kind: "rewrite", to: url(to), after },
  ...(when && { when }),
});
const redirect = (path: RulePath, to: string, status = 302): Rule => ({
  path,
  action: { kind: "redirect", to: url(to, true), status },
});
const respond = (path: RulePath, answer: string, when?: Conditions): Rule => ({
  path,
  action: { kind: "respond", answer },
  ...(when && { when }),
});

const apply = (rules: readonly Rule[], target: string): RulesOutcome<string> =>
  applyRules(rules, facts, placeOf(target));

const targetAfter = (rules: readonly Rule[], target: string): string => {
  const outcome = apply(rules, target);
  return outcome.kind === "pass" ? (outcome.target ?? target) : expect.unreachable(JSON.stringify(outcome));
};

describe("the media rules of nginx's documentation, as seed of what people have", () => {
  const media = [
    rewrite(like(/^(\/download\/.*)\/media\/(\w+)\.?.*$/), "${1}/mp3/${2}.mp3", "last"),
    rewrite(like(/^(\/download\/.*)\/audio\/(\w+)\.?.*$/), "${1}/mp3/${2}.ra", "last"),
    respond(prefix("/download"), "403"),
  ];
  test.each([
    ["/download/cdn-west/media/file1", "/download/cdn-west/mp3/file1.mp3"],
    ["/download/cdn-west/media/file1.flv?x=1", "/download/cdn-west/mp3/file1.mp3?x=1"],
    ["/download/a/b/audio/song.wav", "/download/a/b/mp3/song.ra"],
  ])("send %s on as %s", (asked, target) => {
    expect(apply(media, asked)).toMatchObject({ kind: "reroute", target });
  });
  it("refuse what none of them rewrites", () => {
    expect(apply(media, "/download/cdn-west/other/file1")).toMatchObject({
      kind: "respond",
      answer: "403",
      rule: 2,
    });
  });
});

describe("a rewrite", () => {
  test.each([
    ["a prefix is replaced", prefix("/api"), "/v2${rest}", "/api/x/y?z=1", "/v2/x/y?z=1"],
    ["… of the whole path", prefix("/api"), "/v2${rest}", "/api", "/v2"],
    ["… by nothing", prefix("/api"), "${rest}", "/api/x", "/x"],
    ["… by nothing, where nothing is left", prefix("/api"), "${rest}", "/api", "/"],
    ["a prefix ends at a segment", prefix("/api"), "/v2${rest}", "/apix", "/apix"],
    ["encodings of the path stay", prefix("/a"), "/b${rest}", "/a/x%2Fy%20z", "/b/x%2Fy%20z"],
    [
      "patterns see the path decoded, and what they capture is encoded again",
      like(/^\/(café) (.*)$/),
      "/k/${1}/${2}",
      "/caf%C3%A9%20a%3Fb",
      "/k/caf%C3%A9/a%3Fb",
    ],
    [
      "… but not a slash, nor a percent sign",
      like(/^\/a\/([^/]*)$/),
      "/b/${1}",
      "/a/x%2Fy%25",
      "/b/x%2Fy%25",
    ],
    [
      "a query in the target takes the place of the request's",
      prefix("/a"),
      "/b?page=${arg.p}",
      "/a?p=1%202&q=3",
      "/b?page=1%202",
    ],
    ["… which can be kept beside it", prefix("/a"), "/b?x=1&${query}", "/a?q=3", "/b?x=1&q=3"],
    ["… and leaves no & where there is none", prefix("/a"), "/b?x=1&${query}", "/a", "/b?x=1"],
    ["an empty query drops it", prefix("/a"), "/b?", "/a?q=3", "/b"],
    ["a header is text", prefix("/a"), "/${header.x-tenant}${path}", "/a/b", "/acme/a/b"],
    ["what is not there is empty", prefix("/a"), "/t/${cookie.no}/${header.no}${rest}", "/a/b", "/t///b"],
  ])("%s", (_, path, to, asked, expected) => {
    expect(targetAfter([rewrite(path, to)], asked)).toBe(expected);
  });

  it("is seen by the rules that follow, unless it breaks off or leaves the route", () => {
    const rules = (after: "next" | "break" | "last"): Rule[] => [
      rewrite(prefix("/a"), "/b${rest}", after),
      rewrite(prefix("/b"), "/c${rest}"),
    ];
    expect(apply(rules("next"), "/a/x")).toEqual({ kind: "pass", target: "/c/x" });
    expect(apply(rules("break"), "/a/x")).toEqual({ kind: "pass", target: "/b/x" });
    expect(apply(rules("last"), "/a/x")).toEqual({ kind: "reroute", target: "/b/x", rule: 0 });
    expect(apply(rules("next"), "/z")).toEqual({ kind: "pass" });
  });

  test.each([
    ["dots from an argument", "/files/${arg.f}", "/a?f=.."],
    ["… encoded", "/files/${arg.f}", "/a?f=%2e%2e"],
    ["… behind a slash", "/files/${arg.f}", "/a?f=..%2f..%2fadmin"],
    ["… from a backslash", "/files/${arg.f}", "/a?f=..%5cadmin"],
  ])("to a path that leads out of it is refused: %s", (_, to, asked) => {
    expect(apply([rewrite(prefix("/a"), to)], asked)).toEqual({ kind: "ambiguous-path", rule: 0 });
  });

  it("always begins with one slash", () => {
    expect(targetAfter([rewrite(prefix("/a"), "/${header.x-no}/${rest}")], "/a/evil.test")).toBe(
      "/evil.test",
    );
    expect(targetAfter([rewrite(like(/^\/a(.*)$/), "${1}")], "/a")).toBe("/");
  });
});

describe("a redirect", () => {
  test.each([
    ["another host", any, "https://www.${host}${path}", "/x%20y?q=1", "https://www.shop.test/x%20y?q=1"],
    ["the same host by https", any, "https://${host}${path}", "/", "https://shop.test/"],
    ["the same scheme", any, "${scheme}://www.shop.test${path}", "/a", "http://www.shop.test/a"],
    ["the method", any, "/by/${method}?", "/a", "/by/GET"],
    ["a host alone", any, "https://other.test", "/a?b", "https://other.test/?b"],
    ["a path", { is: "exact", path: "/old" }, "/new", "/old?x=1", "/new?x=1"],
    ["a path with a fragment", { is: "exact", path: "/old" }, "/new?#top", "/old?x=1", "/new#top"],
    [
      "a login that comes back",
      prefix("/me"),
      "/login?next=${path}?${query}",
      "/me/a?b=1&c=%20",
      "/login?next=/me/a?b%3D1%26c%3D%20",
    ],
  ] as const)("leads to %s", (_, path, to, asked, location) => {
    const outcome = apply([redirect(path, to, 301)], asked);
    expect(outcome).toEqual({ kind: "redirect", status: 301, location, rule: 0 });
  });

  it("to what was asked for is a loop, and no answer", () => {
    expect(apply([redirect(any, "http://shop.test${path}")], "/a?b")).toEqual({
      kind: "redirect-loop",
      rule: 0,
    });
    expect(apply([redirect(any, "/here?")], "/here")).toEqual({ kind: "redirect-loop", rule: 0 });
    expect(apply([redirect(any, "/here?")], "/here?x").kind).toBe("redirect");
  });

  it("leads to no host but the one that the rule names, whatever a client sends", () => {
    const rules = [
      redirect(like(/^\/r(?<rest>.*)$/), "https://www.example.com/${rest}${arg.u}?u=${header.x-evil}"),
    ];
    fc.assert(
      fc.property(fc.webPath(), fc.string({ unit: "binary" }), (path, argument) => {
        const outcome = apply(
          rules,
          `/r${routingPath(path)}?u=${encodeURIComponent(argument.toWellFormed())}`,
        );
        if (outcome.kind !== "redirect") return;
        const { location } = outcome;
        expect(new URL(location).host).toBe("www.example.com");
        expect(location).toMatch(/^[\x21-\x7e]*$/);
        expect(new URL(location).searchParams.get("u")).toBe("//evil.test/?a#b\r\nX: y");
      }),
    );
  });
});

describe("a rule that keeps requests from the origins", () => {
  const closed = [respond(prefix("/private"), "403"), redirect(like(/^\/admin(\/|$)/), "/login")];
  test.each([
    "/private%2Fx",
    "/private%5Cx",
    "/private;a/x",
    "/private;a",
    "/private%3Fx",
    "/%2570rivate/x",
    "/private%252Fx",
    "/admin%2Fx",
    "/admin;a=1",
  ])("lets no path by that a server could read as one of that rule's: %s", (path) => {
    expect(apply(closed, path)).toMatchObject({ kind: "ambiguous-path" });
    expect(applyRules(closed, facts, placeOf(path), true).kind).toBe("pass");
  });
  test.each(["/projects/group%2Fname", "/view;jsessionid=1", "/x%2Fprivate", "/privately%2Fx"])(
    "is not asked about other paths: %s",
    (path) => {
      expect(apply(closed, path)).toEqual({ kind: "pass" });
    },
  );
  it("sees also what a rewrite has made, and its conditions count", () => {
    const through = [rewrite(prefix("/pub"), "${rest}"), ...closed];
    expect(apply(through, "/pub/private%2Fx")).toEqual({ kind: "ambiguous-path", rule: 1 });
    const posts = [respond(prefix("/private"), "403", { methods: ["POST"] })];
    expect(apply(posts, "/private%2Fx")).toEqual({ kind: "pass" });
  });
});

describe("conditions", () => {
  const meets = (when: Conditions, target = "/?page=1&tag=a%20b&empty"): boolean =>
    apply([respond(any, "yes", when)], target).kind === "respond";
  test.each<[boolean, Conditions]>([
    [true, {}],
    [true, { methods: ["GET", "HEAD"] }],
    [false, { methods: ["POST"] }],
    [true, { scheme: "http" }],
    [false, { scheme: "https" }],
    [true, { headers: [{ name: "x-tenant", test: { is: "present" } }] }],
    [false, { headers: [{ name: "x-tenant", test: { is: "absent" } }] }],
    [true, { headers: [{ name: "x-no", test: { is: "absent" } }] }],
    [true, { headers: [{ name: "x-tenant", test: { is: "one-of", texts: ["a", "acme"] } }] }],
    [false, { headers: [{ name: "x-tenant", test: { is: "one-of", texts: ["acm"] } }] }],
    [true, { query: [{ name: "tag", test: { is: "one-of", texts: ["a b"] } }] }],
    [true, { query: [{ name: "empty", test: { is: "one-of", texts: [""] } }] }],
    [false, { query: [{ name: "no", test: { is: "one-of", texts: [""] } }] }],
    [true, { query: [{ name: "page", test: { is: "like", pattern: patternOf(/^\d$/) } }] }],
    [true, { cookies: [{ name: "lang", test: { is: "one-of", texts: ["de"] } }] }],
    [false, { cookies: [{ name: "lang", test: { is: "one-of", texts: ["fr"] } }], methods: ["GET"] }],
    [true, { clients: (address) => address === "192.0.2.1" }],
    [false, { clients: () => false }],
    [false, { not: { methods: ["GET"] } }],
    [true, { not: { methods: ["GET"], scheme: "https" } }],
    [true, { methods: ["GET"], not: { clients: () => false } }],
  ])("are %s of a GET by http for %j", (expected, when) => {
    expect(meets(when)).toBe(expected);
  });

  it("of a client's network do not hold where no address is known, nor does their opposite hide that", () => {
    const unknown = { ...facts, client: undefined };
    const rule = respond(any, "yes", { clients: () => true });
    expect(applyRules([rule], unknown, placeOf("/")).kind).toBe("pass");
  });
});

test("a path that is too long for patterns is refused where a pattern is to see it, and nowhere else", () => {
  const long = `/${"a".repeat(longestMatched)}`;
  expect(apply([respond(like(/^\/x/), "x")], long)).toEqual({ kind: "too-long", of: "target", rule: 0 });
  expect(apply([respond(prefix("/x"), "x")], long)).toEqual({ kind: "pass" });
});

describe("a value that is too long for the pattern of a condition", () => {
  const long = { ...facts, header: () => "a".repeat(longestMatched + 1), cookie: () => undefined };
  const bots: Conditions = {
    headers: [{ name: "user-agent", test: { is: "like", pattern: patternOf(/bot/) } }],
  };
  const outcome = (when: Conditions): string => {
    const applied = applyRules([respond(any, "no", when)], long, placeOf("/"));
    return applied.kind === "too-long" ? applied.of : applied.kind;
  };
  it("is refused, since nothing says whether the condition holds, nor whether its opposite does", () => {
    expect(outcome(bots)).toBe("headers");
    expect(outcome({ not: bots })).toBe("headers");
  });
  it("makes no difference where another condition does not hold", () => {
    expect(outcome({ ...bots, methods: ["POST"] })).toBe("pass");
    expect(outcome({ ...bots, cookies: [{ name: "x", test: { is: "present" } }] })).toBe("pass");
  });
});

test.each(["http://SHOP.test${path}", "http://shop.test:80${path}"])(
  "a redirect to %s is seen to lead to itself",
  (to) => {
    expect(apply([redirect(any, to)], "/a").kind).toBe("redirect-loop");
  },
);

test("rules that change nothing leave the target as it came, whatever it is", () => {
  fc.assert(
    fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
      const rules = [rewrite({ is: "exact", path: "/never/asked" }, "/x"), respond(prefix("/never"), "x")];
      expect(apply(rules, `/p${path}?${query}`)).toEqual({ kind: "pass" });
    }),
  );
});
