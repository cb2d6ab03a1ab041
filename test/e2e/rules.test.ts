/**
 * Rules and headers on the built bundle, beside Debian's nginx with the same (`test/servers/nginx-rules.ts`, `header-cases.ts`): the same status and
 * `Location`, the same headers, and the origin sees the same path and headers. Without nginx (`npm run servers` installs it) the comparison is skipped.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { isInstalled } from "../servers/debian.ts";
import { headerCases } from "../servers/header-cases.ts";
import { locationCases, ruleCases, startNginxWith } from "../servers/nginx-rules.ts";
import type { WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { ask, json, type Ask, type Got } from "../support/ask.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { startStack, type Stack } from "../support/stack.ts";

let folder: string;
let echo: Server;
let nginx: ServerProcess | undefined;
let stack: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-rules-"));
  echo = createServer(({ url = "", headers }, response) => {
    const [, status = "200"] = /^\/status\/(\d+)/.exec(url) ?? [];
    response.writeHead(Number(status), {
      "Set-Cookie": ["session=1; Path=/", "lang=de; HttpOnly"],
      "X-Powered-By": "PHP/8",
      "X-Debug": "some",
      "Cache-Control": "no-cache",
      "Access-Control-Allow-Origin": "*",
    });
    response.end(JSON.stringify({ saw: url, headers }));
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  const nginxCases = [...ruleCases, ...locationCases, ...headerCases];
  if (isInstalled.nginx) nginx = await startNginxWith(nginxCases, folder, url);
  const own = (body: string) => ({ status: 200, body, type: "text/html" });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        site: siteAt(url),
        ...Object.fromEntries(
          headerCases.map(({ name, upstream }) => [name, { ...siteAt(url), ...upstream }]),
        ),
      },
      routes: [
        ...ruleCases.map(({ name, weir }) => ({ host: `${name}.test`, upstream: "site", rules: weir })),
        ...locationCases.flatMap(({ name, routes }) =>
          [...routes, { upstream: "site" }].map((route) => ({ host: `${name}.test`, ...route })),
        ),
        { host: "when.test", upstream: "site" },
        { host: "when.test", when: { query: { preview: true } }, rules: [{ respond: 402 }] },
        { host: "when.test", prefix: "/admin", upstream: "site", when: { clients: ["127.0.0.0/8"] } },
        { host: "when.test", prefix: "/admin", rules: [{ respond: 403 }] },
        {
          host: "when.test",
          prefix: "/admin",
          when: { headers: { "X-Team": { pattern: "^ops-\\w+$" } }, not: { methods: ["GET"] } },
          rules: [{ respond: 418 }],
        },
        { host: "when.test", pattern: "^/(\\w+)\\.php$", rules: [{ respond: own("${1}") }] },
        ...headerCases.map(({ name, route }) => ({ host: `${name}.test`, upstream: name, ...route })),
        { host: "guarded.test", upstream: "site", security: "strict" },
        { host: "old.test", rules: [{ redirect: "https://new.test${path}" }] },
        {
          host: "own.test",
          rules: [{ prefix: "/hello", respond: own("<b>${arg.name}</b>") }, { respond: 404 }],
        },
        { host: "loop.test", upstream: "site", rules: [{ rewrite: "/again${path}", after: "last" }] },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await nginx?.stop();
  echo.closeAllConnections();
  echo.close();
  await rm(folder, { recursive: true, force: true });
});

function siteAt(url: string): WeirUpstreamConfig {
  return { pools: [{ name: "home", origins: [{ name: "a", url }] }], health: false };
}

interface Seen {
  readonly status: number;
  readonly location: string | undefined;
  readonly forwarded: unknown;
}

/** What tells one answer from another; nginx's own pages and Weir's look different. */
async function seen(base: string, host: string, target: string, { headers, ...init }: Ask): Promise<Seen> {
  const answer = await ask(`${base}${target}`, { ...init, headers: { ...headers, Host: host } });
  const { status, headers: fields } = answer;
  const forwarded = status === 200 && String(answer.body).startsWith("{") ? json(answer) : undefined;
  return { status, location: fields.location, forwarded: Object(forwarded).saw };
}

const targets = [
  "/",
  "/?a=1&b=2",
  "/download/cdn-west/media/file1",
  "/download/cdn-west/media/file1.flv?x=1",
  "/download/a/b/audio/song.wav",
  "/download/other/file",
  "/download/a/media/b-c",
  "/old/a/b?c=d",
  "/old/",
  "/old",
  "/tmp/x?y=z",
  "/user/17",
  "/user/x",
  "/api",
  "/api/",
  "/api/v1/things?id=3",
  "/apix",
  "/api/caf%C3%A9/a%20b",
  "/q/word",
  "/q/word?more=1",
  "/drop/word?more=1",
  "/a/x",
  "/b/x?y",
  "/a/a/a",
  "/?debug=1",
  "/?debug=2",
  "/robots.txt",
  "/nothing",
  "/gone/for/good",
  "/gone",
  "/a/b/../c",
  "/a/./b",
] as const;
const kinds: readonly (readonly [name: string, init: Ask])[] = [
  ["GET", {}],
  ["DELETE", { method: "DELETE" }],
  ["a bot's GET with a cookie", { headers: { "User-Agent": "SomeBot/1", Cookie: "beta=1" } }],
  ["a GET with a cookie", { headers: { Cookie: "a=b; beta=1" } }],
];

describe.skipIf(!isInstalled.nginx)("the same rules in nginx and in Weir make the same of", () => {
  test.each(
    [...ruleCases, ...locationCases].flatMap(({ name }) =>
      kinds.map(([kind, init]) => ({ name, kind, init })),
    ),
  )("$kind under the rules $name, whatever the path", async ({ name, init }) => {
    for (const target of targets) {
      const [theirs, ours] = await Promise.all(
        [nginx?.url ?? "", stack.url].map((base) => seen(base, `${name}.test`, target, init)),
      );
      expect({ target, ...Object(ours) }).toEqual({ target, ...Object(theirs) });
    }
  });
});

describe("of routes of the same host", () => {
  const asked = async (target: string, init: Ask = {}): Promise<number> =>
    (await seen(stack.url, "when.test", target, init)).status;

  test("those with conditions that hold take the request, and the next ones where they do not hold", async () => {
    expect(await asked("/")).toBe(200);
    expect(await asked("/?preview")).toBe(402);
    expect(await asked("/admin/x?preview")).toBe(200);
    const headers = { "X-Team": "ops-night" };
    expect(await asked("/admin/x", { headers })).toBe(200);
    expect(await asked("/admin/x", { method: "POST" })).toBe(200);
  });

  test("the first of the file takes what two of them could take", async () => {
    // The client is on this machine, as the first of the two says.
    expect(await asked("/admin/x", { method: "POST", headers: { "X-Team": "ops-night" } })).toBe(200);
  });

  test("no spelling leads around one with conditions", async () => {
    for (const target of ["/admin%2Fx", "/admin;a/x", "/x%2f..%2fadmin"])
      expect(await asked(target)).toBe(400);
  });

  test("a pattern is tried after prefixes, and its groups are there for the route's rules", async () => {
    const answer = await ask(`${stack.url}/index.php`, { headers: { Host: "when.test" } });
    expect([answer.status, String(answer.body)]).toEqual([200, "index"]);
    expect(await asked("/admin/index.php")).toBe(200);
    // A path that it is not given is refused.
    expect(await asked(`/${"a".repeat(4_096)}.php`)).toBe(414);
  });
});

/** Of headers those that the cases are about, in one order; flags of cookies in one case. */
function comparable(fields: Readonly<Record<string, unknown>>): object {
  const meant = Object.entries(fields).filter(([name]) => isMeant.test(name) && !isWeirs.test(name));
  const listed = meant.map(([name, value]): [string, unknown] => [
    name,
    name === "set-cookie" ? [value].flat().map((cookie) => flagsOf(String(cookie))) : value,
  ]);
  return Object.fromEntries(listed.toSorted(([a], [b]) => a.localeCompare(b)));
}

const isMeant =
  /^(?:x-|access-control-|cookie$|authorization$|accept-encoding$|user-agent$|set-cookie$|cache-control$)/;
const isWeirs = /^x-(?:request-id|real-ip|forwarded-)/;
const flagsOf = (cookie: string): string => cookie.toLowerCase().split(/; */).toSorted().join("; ");

const headerTargets = [
  "/?page=2",
  "/a/b?x=%41&page=1",
  "/a/b?c=d",
  "/status/404?page=",
  "/status/500?a",
  "/status/301?a",
  "/status/206?a",
  "/closed?a",
  "/moved?a",
] as const;
const headerAsks: readonly Record<string, string>[] = [
  { Origin: "https://app.test", Cookie: "session=7; b=2", "User-Agent": "test" },
  {
    Origin: "https://app.test",
    Cookie: "c=3",
    "X-Tenant": "forged",
    "X-Secret": "s",
    "Accept-Encoding": "br",
    "X-None": "1",
  },
];

describe.skipIf(!isInstalled.nginx)("the same headers in nginx and in Weir", () => {
  test.each(headerCases)("under $name reach the origin and the client", async ({ name }) => {
    for (const target of headerTargets) {
      for (const headers of headerAsks) {
        const [theirs, ours] = await Promise.all(
          [nginx?.url ?? "", stack.url].map(async (base) => {
            const answer = await ask(base + target, { headers: { ...headers, Host: `${name}.test` } });
            const body = String(answer.body);
            const saw = body.startsWith('{"saw"') ? comparable(Object(json(answer)).headers) : undefined;
            return {
              target,
              status: answer.status,
              client: comparable(withoutOwn(answer, saw)),
              origin: saw,
            };
          }),
        );
        expect(ours).toEqual(theirs);
      }
    }
  });
});

/** Weir's own errors are never cached, and browsers are not to guess their type. */
function withoutOwn({ headers }: Got, saw: object | undefined): Got["headers"] {
  if (saw !== undefined) return headers;
  const { "cache-control": _, "x-content-type-options": __, ...rest } = headers;
  return rest;
}

test("security headers and preflights are as the config says", async () => {
  const { headers } = await ask(`${stack.url}/`, { headers: { Host: "guarded.test" } });
  expect(headers).toMatchObject({ "x-frame-options": "DENY", "x-content-type-options": "nosniff" });
  const asked = { Host: "cors.test", Origin: "https://app.test", "Access-Control-Request-Method": "PUT" };
  const preflight = await ask(`${stack.url}/`, { method: "OPTIONS", headers: asked });
  expect([
    preflight.status,
    preflight.headers["access-control-allow-origin"],
    String(preflight.body),
  ]).toEqual([204, "https://app.test", ""]);
});

test("a route without an upstream redirects", async () => {
  expect(await seen(stack.url, "old.test", "/a%20b?c=d", {})).toMatchObject({
    status: 302,
    location: "https://new.test/a%20b?c=d",
  });
});

test("an answer of a rule has what it says, escaped", async () => {
  const answer = await ask(`${stack.url}/hello?name=%3Ci%3E`, { headers: { Host: "own.test" } });
  expect([answer.status, String(answer.body), answer.headers["content-type"]]).toEqual([
    200,
    "<b>%3Ci%3E</b>",
    "text/html",
  ]);
  expect((await ask(`${stack.url}/x`, { headers: { Host: "own.test" } })).status).toBe(404);
});

test("rules that lead in circles end", async () => {
  expect((await ask(`${stack.url}/x`, { headers: { Host: "loop.test" } })).status).toBe(500);
});
