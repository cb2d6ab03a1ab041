/** Rules, conditions and headers of routes on the built bundle. What they come to beside nginx and Apache is in `compared-rules.test.ts`. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startNotingOrigin, type NotingOrigin } from "../servers/compared/noting-origin.ts";
import { ask, type Ask, type Got } from "../support/ask.ts";
import { startStack, type Stack } from "../support/stack.ts";

let origin: NotingOrigin;
let stack: Stack;

beforeAll(async () => {
  origin = await startNotingOrigin();
  const origins = [{ name: "a", url: `http://${origin.authority}` }];
  const own = (body: string) => ({ status: 200, body, type: "text/html" });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: { site: { pools: [{ name: "home", origins }], health: false } },
      routes: [
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
        { host: "cors.test", upstream: "site", cors: { origins: ["https://app.test"], credentials: true } },
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
  origin.close();
});

const askHost = (host: string, target: string, { headers, ...init }: Ask = {}): Promise<Got> =>
  ask(stack.url + target, { ...init, headers: { ...headers, Host: host } });

describe("of routes of the same host", () => {
  const asked = async (target: string, init: Ask = {}): Promise<number> =>
    (await askHost("when.test", target, init)).status;

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
    const answer = await askHost("when.test", "/index.php");
    expect([answer.status, String(answer.body)]).toEqual([200, "index"]);
    expect(await asked("/admin/index.php")).toBe(200);
    // A path that it is not given is refused.
    expect(await asked(`/${"a".repeat(4_096)}.php`)).toBe(414);
  });
});

test("security headers and preflights are as the config says", async () => {
  const guarded = await askHost("guarded.test", "/");
  expect(guarded.headers).toMatchObject({ "x-frame-options": "DENY", "x-content-type-options": "nosniff" });
  const headers = { Origin: "https://app.test", "Access-Control-Request-Method": "PUT" };
  const preflight = await askHost("cors.test", "/", { method: "OPTIONS", headers });
  expect([
    preflight.status,
    preflight.headers["access-control-allow-origin"],
    String(preflight.body),
  ]).toEqual([204, "https://app.test", ""]);
});

test("a route without an upstream redirects", async () => {
  const { status, headers } = await askHost("old.test", "/a%20b?c=d");
  expect([status, headers.location]).toEqual([302, "https://new.test/a%20b?c=d"]);
});

test("an answer of a rule has what it says, escaped", async () => {
  const answer = await askHost("own.test", "/hello?name=%3Ci%3E");
  expect([answer.status, String(answer.body), answer.headers["content-type"]]).toEqual([
    200,
    "<b>%3Ci%3E</b>",
    "text/html",
  ]);
  expect((await askHost("own.test", "/x")).status).toBe(404);
});

test("rules that lead in circles end", async () => {
  expect((await askHost("loop.test", "/x")).status).toBe(500);
});
