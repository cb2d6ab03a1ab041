/** Routes are chosen by what an origin will make of the path, or not at all. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { chooseRoute, type ChoosableRoute } from "../../../../core/routing/choose.ts";
import { RouteTable } from "../../../../core/routing/route-table.ts";
import { readRequestUrl, type RequestUrl } from "../../../../worker/proxy/request/request-url.ts";
import type { Questions, RouteMatch } from "../../../../core/routing/match.ts";
import { routingPath } from "../../../../core/routing/path.ts";
import { decodedPath } from "../../../../core/rules/pattern.ts";
import { runs } from "../../../support/runs.ts";
import { matchRoute, unasked } from "./plain-table.ts";

const root: ChoosableRoute = {};
const open: ChoosableRoute = { prefix: "/open" };
const closed: ChoosableRoute = { prefix: "/closed" };
const at: ChoosableRoute = { prefix: "/@scope" };
const one: ChoosableRoute = { exact: "/one" };
const accented: ChoosableRoute = { prefix: "/caf%C3%A9" };
const routes = [root, open, closed, at, one, accented];

function urlOf(target: string): RequestUrl {
  const request = new Request("http://placeholder.test/", { headers: { Host: "h" } });
  Object.defineProperty(request, "url", { value: `http://h${target}` });
  return readRequestUrl(request) ?? expect.unreachable();
}

const choose = (target: string, among: readonly ChoosableRoute[] = routes) =>
  chooseRoute(new RouteTable(among), urlOf(target), unasked);

describe("a path that could be another route's is refused", () => {
  test.each([
    ["%2F is decoded", "/open%2f..%2fclosed/x"],
    ["… at the beginning", "/%2fclosed"],
    ["… and splits a segment", "/closed%2Fx"],
    ["%5C is taken for a slash", "/open%5c..%5cclosed"],
    ["… alone", "/closed%5Cx"],
    ["parameters are cut", "/closed;x/y"],
    ["… of a dot segment", "/open/..;/closed"],
    ["… of one dot", "/open/.;x/y"],
    ["… that came encoded", "/closed%3bx/y"],
    ["it is decoded twice", "/%2563losed"],
    ["… to dots", "/open/%252e%252e/closed"],
    ["… to a slash", "/open/..%252fclosed"],
    ["… by halves", "/open/%25%32%65./closed"],
    ["it is decoded three times", "/open/%25252e%25252e/closed"],
    ["overlong UTF-8 is decoded", "/open/%c0%ae%c0%ae/closed"],
    ["… of three bytes", "/open%e0%80%af..%e0%80%afclosed"],
    ["… of four", "/open/%f0%80%80%ae%f0%80%80%ae/closed"],
    ["what is reserved is decoded", "/%40scope/x"],
    ["an exact path has parameters", "/one;x=1"],
    ["%3F begins a query", "/closed%3Fx/y"],
    ["… %23 a fragment", "/closed%23x"],
    ["… that came encoded twice", "/closed%253fx"],
    ["… overlong", "/closed%c0%bfx"],
    ["… behind dots", "/open/..%3fx"],
    ["… behind an exact path", "/one%3F"],
    ["it leaves where it belongs, though not its route", "/a/..%2f..%2fb"],
    ["it ends in dots", "/a%2f.."],
    ["a tab is dropped", "/clo%09sed/x"],
    ["… a line break", "/closed%0a/x"],
    ["… that came encoded twice, between dots", "/open/.%250d./closed"],
    ["… behind a query", "/closed%3fx%0ay"],
    ["a space at the end is dropped", "/one%20"],
  ])("where %s: %s", (_, target) => {
    expect(choose(target).kind).toBe("ambiguous-path");
  });

  test.each(["/%", "/%2", "/a%zz", "/%u002e%u002e/closed", "/100%/x", "/a%00b", "/a%2500b"])(
    "%s is refused in any case: it is no path, or ends where C ends its strings",
    (target) => {
      expect(choose(target).kind).toBe("ambiguous-path");
      expect(choose(target, [root])).toEqual({ kind: "ambiguous-path", route: root });
    },
  );
});

describe("a path that names a host to one of its readers is refused, whatever the routes: a redirect to it would lead there", () => {
  test.each([
    ["encoded", "/%2fevil.test/dir"],
    ["… both", "/%2f%2fevil.test/dir"],
    ["… twice", "/%252fevil.test/dir"],
    ["by a backslash", "/%5cevil.test/dir"],
    ["… twice encoded", "/%255cevil.test/dir"],
    ["overlong", "/%c0%afevil.test/dir"],
    ["behind parameters that are cut", "/;x/evil.test/dir"],
    ["behind a tab that is dropped", "/%09/evil.test/dir"],
    ["behind a line break", "/%0d%0a/evil.test/dir"],
    ["with a user", "/%2fuser@evil.test/dir"],
    ["with a port", "/%2fevil.test:80/closed"],
    ["behind slashes that are not encoded", "//%2fevil.test/closed"],
  ])("%s: %s", (_, target) => {
    expect(choose(target).kind).toBe("ambiguous-path");
    expect(choose(target, [root])).toEqual({ kind: "ambiguous-path", route: root });
  });
});

test("a path that is made to cost time is refused, and a long one is not", () => {
  for (const piece of ["%25253b%25255ca;", "%25c0%25af;%255c", "a;%5c;%255c;%25255c;%c0%af"])
    expect(choose(`/${piece.repeat(16_000 / piece.length)}`, [root]).kind).toBe("ambiguous-path");
  expect(choose(`/${"%E6%97%A5;a".repeat(1_400)}`, [root]).kind).toBe("route");
});

describe("what applications ask for goes through as it is", () => {
  test.each([
    ["npm's registry", "/@types%2fnode"],
    ["GitLab", "/open/api/v4/projects/group%2Fproject/repository/files/src%2Fmain.ts?ref=main"],
    ["RabbitMQ", "/open/api/queues/%2F/orders"],
    ["Jenkins", "/open/job/feature%252Fx/1"],
    ["Java's sessions", "/open/view;jsessionid=1A2B"],
    ["image proxies", "/open/plain/https://example.com/a.png"],
    ["names in other scripts", "/open/%E6%97%A5%E6%9C%AC"],
    ["names in Latin-1", "/open/%c0-propos/caf%e9"],
    ["spaces, percent signs and quotes", "/open/a%20b/100%25/%22c%22"],
    ["questions", "/open/what%3F/really%3F"],
    ["Matrix' rooms", "/open/directory/room/%23room%3Aserver.org"],
    ["URLs in paths", "/open/proxy/https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc%23d"],
    ["… twice encoded", "/open/redirect/https%253A%252F%252Fexample.com%252F%253Fq%253Dx%23y"],
    ["hidden files", "/.well-known/acme-challenge/x"],
    ["three dots", "/open/.../x"],
    ["matrix parameters", "/open/map;lat=1;long=2/x"],
    ["line breaks in names", "/open/a%0d%0ab"],
    ["what the query has", "/open?next=%2f..%2fclosed;x&%"],
  ])("%s: %s", (_, target) => {
    const among = [root, open, closed];
    expect(choose(target, among)).toEqual({
      kind: "route",
      route: target.startsWith("/open") ? open : root,
      target,
    });
  });

  test.each(["/closed;x", "/open%2f..%2fclosed", "/%", "/a%00", "//x/closed", "/%2fx/closed"])(
    "%s too, where its route wants that",
    (target) => {
      const keep: ChoosableRoute = { ambiguousPaths: "keep" };
      expect(choose(target, [keep, closed])).toEqual({ kind: "route", route: keep, target });
    },
  );
});

describe("where the spelling makes a difference, the origin gets the one by which the route was chosen", () => {
  test.each([
    ["//closed/x?y=//z", closed, "/closed/x?y=//z"],
    ["//evil.test/dir", root, "/evil.test/dir"],
    ["//x/closed", root, "/x/closed"],
    ["///x//closed?//", root, "/x//closed?//"],
    ["/\\x/closed", root, "/x/closed"],
    ["/a/..//x:80/closed", root, "/x:80/closed"],
    ["/%63losed//x?", closed, "/closed/x?"],
    ["/caf%c3%a9/x", accented, "/caf%C3%A9/x"],
    ["/a//b/%63", root, "/a//b/%63"],
    ["/closed//x", closed, "/closed//x"],
  ])("%s", (target, route, sent) => {
    expect(choose(target)).toEqual({ kind: "route", route, target: sent });
  });
});

const decoded = (path: string): string =>
  path.replaceAll(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

/** What an origin may do with a path before it looks at it, in any order. */
const habits: Readonly<Record<string, (path: string) => string>> = {
  decode: (path) => decoded(path),
  decodeOverlong: (path) =>
    decoded(
      path.replaceAll(/%c0%([89ab][\da-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16) & 0x3f)),
    ),
  cutQuery: (path) => path.replace(/[?#].*$/s, ""),
  cutParameters: (path) => path.replaceAll(/;[^/]*/g, ""),
  turnBackslashes: (path) => path.replaceAll("\\", "/"),
  mergeSlashes: (path) => path.replaceAll(/\/{2,}/g, "/"),
  dropTabs: (path) => path.replaceAll(/[\t\n\r]/g, "").trimEnd(),
  // RFC 3986 §4.2, and as the URL standard has it: behind however many slashes, of either kind.
  cutAuthority: (path) => path.replace(/^\/\/[^/?#]*/, ""),
  cutAuthorityLikeBrowsers: (path) => path.replace(/^[/\\]{2,}[^/\\?#]*/, ""),
};

const pieces = [
  "/",
  "//",
  "a",
  "b",
  ".",
  "..",
  "%2e",
  "%2E",
  "%252e",
  "%2f",
  "%2F",
  "%3f",
  "%2523",
  "%252f",
  "%5c",
  "\\",
  ";",
  ";a",
  "%3b",
  "%61",
  "%2561",
  "%25%36%31",
  "%62",
  "%00",
  "%c0%ae",
  "%c0%af",
  "%25",
  "%",
  "%zz",
  "%20",
  "%09",
  "%250a",
  "\u00e9",
];
const anyPath = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => `/${parts.join("")}`);
const anyRoutes = fc
  .subarray(["/", "/a", "/a/b", "/b", "/b/a/", "/ab"], { minLength: 1 })
  .chain((prefixes) =>
    fc.option(fc.constantFrom("/a", "/b/b"), { nil: undefined }).map((exact) => ({ prefixes, exact })),
  )
  .map(({ prefixes, exact }): Omit<ChoosableRoute, "when">[] => [
    ...prefixes.map((prefix) => ({ prefix })),
    ...(exact === undefined ? [] : [{ exact }]),
  ]);

type AskingRoute = ChoosableRoute & { readonly when?: { readonly needs: string } };

/** The same, and some with conditions, prefixes by characters, patterns and precedences. */
const anyAskingRoutes = fc
  .tuple(
    anyRoutes,
    fc.array(
      fc.record({
        precedence: fc.constantFrom(-1, 0, 1),
        needs: fc.constantFrom("", "1", "2"),
        path: fc.constantFrom<Omit<RouteMatch, "when">>(
          {},
          { prefix: "/a" },
          { prefix: "/a/b" },
          { startsWith: "/a" },
          { startsWith: "/b/" },
          { exact: "/b" },
          { pattern: { source: "^/[ab]+$" } },
          { pattern: { source: "b" } },
        ),
      }),
      { maxLength: 5 },
    ),
  )
  .map(([plain, asking]): AskingRoute[] => [
    ...plain,
    ...asking.map(({ path, precedence, needs }) => ({
      ...path,
      precedence,
      ...(needs !== "" && { when: { needs } }),
    })),
  ]);
const anyHeld = fc.subarray(["1", "2"]);

function questionsOf(held: readonly string[]): Questions<AskingRoute> {
  return {
    holds: ({ when }) => when === undefined || held.includes(when.needs),
    finds: ({ pattern }, path) => new RegExp(pattern?.source ?? "").test(decodedPath(routingPath(path))),
  };
}

describe("for any path", () => {
  test("whatever an origin makes of what it gets, it is in the route, and has no dot segment", () => {
    const anyHabits = fc.array(fc.constantFrom(...Object.keys(habits)), { maxLength: 5 });
    fc.assert(
      fc.property(anyRoutes, anyPath, anyHabits, (among, path, order) => {
        const choice = choose(path, among);
        fc.pre(choice.kind === "route");
        let read = choice.target;
        for (const name of order) {
          read = habits[name]?.(read) ?? read;
          // `expect` for each would take longer than all the rest.
          const leadsAway = /(?:^|\/)\.{1,2}(?:\/|$)|\0/.test(read);
          if (leadsAway || matchRoute(among, "h", read) !== choice.route) expect.fail(`${name}: ${read}`);
        }
      }),
      { numRuns: runs(2_000, 300_000) },
    );
  });

  test("no reading of it leads around a route's conditions, or to another pattern", () => {
    const anyHabits = fc.array(fc.constantFrom(...Object.keys(habits)), { maxLength: 5 });
    fc.assert(
      fc.property(anyAskingRoutes, anyHeld, anyPath, anyHabits, (among, held, path, order) => {
        const table = new RouteTable(among);
        const questions = questionsOf(held);
        const choice = chooseRoute(table, urlOf(path), questions);
        fc.pre(choice.kind === "route");
        let read = choice.target;
        for (const name of order) {
          read = habits[name]?.(read) ?? read;
          const found = table.find("h", read, questions);
          if (found === undefined || "tooLong" in found || found.route !== choice.route)
            expect.fail(`${name}: ${read}`);
        }
      }),
      { numRuns: runs(1_000, 300_000) },
    );
  });

  test("what is sent is asked for by the same route, and sent as it is", () => {
    fc.assert(
      fc.property(anyRoutes, anyPath, (among, path) => {
        const choice = choose(path, among);
        fc.pre(choice.kind === "route");
        expect(matchRoute(among, "h", choice.target)).toBe(choice.route);
        expect(choose(choice.target, among)).toEqual(choice);
      }),
      { numRuns: runs(1_000, 100_000) },
    );
  });
});
