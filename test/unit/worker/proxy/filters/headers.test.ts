/** `headers` of routes and upstreams, through the whole pipeline: what origins and clients get, and what no client can change. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { clientClaims, connectionFields } from "../../../../../core/headers/owned.ts";
import { inNode, logged, ProxiedSite, shop, toOrigin } from "../proxied-site.ts";

inNode();

const env = { WEIR_SECRET: "nothing secret, for tests of cookies only" };
const siteOf = (route: object, upstream: object = {}, root: object = {}): Promise<ProxiedSite> =>
  ProxiedSite.open(shop(upstream, route, root), { env });
const seen = (site: ProxiedSite): Headers => new Headers(site.sent.at(-1)?.init.headers);
const answering = (site: ProxiedSite, headers: Record<string, string>, status = 200): void => {
  site.origin = () => new Response("hello", { status, headers });
};

describe("headers of a request", () => {
  test("are set, completed, added and taken off, with what is known of the request", async () => {
    const site = await siteOf({
      rules: [{ prefix: "/api", rewrite: "/v1${rest}" }],
      headers: {
        request: {
          set: {
            "X-Path": "${path}?${query}",
            "X-Who": "${client} ${scheme} ${host}",
            "X-Id": "${requestId}",
          },
          default: { "X-Lang": "en", Accept: "text/html" },
          add: { "X-Tag": ["a", "${arg.t} ${cookie.c} ${header.x-tag}"] },
          remove: ["Accept-Encoding", "X-Internal-*"],
        },
      },
    });
    const { headers } = await site.get("/api/x?t=%41b", {
      headers: {
        Accept: "text/plain",
        "Accept-Encoding": "br",
        "X-Internal-User": "root",
        "X-Path": "forged",
        "X-Tag": "mine",
        Cookie: "c=1",
      },
    });
    const { "x-id": id, ...rest } = Object.fromEntries(seen(site));
    expect(id).toBe(headers.get("X-Request-Id"));
    expect(rest).toMatchObject({
      "x-path": "/v1/x?t=%41b",
      "x-who": "192.0.2.7 http shop.test",
      "x-lang": "en",
      accept: "text/plain",
      "x-tag": "mine, a, %41b 1 mine",
    });
    expect(rest).not.toHaveProperty("accept-encoding");
    expect(rest).not.toHaveProperty("x-internal-user");
  });

  test("are the same in each attempt, since they are made once for a request", async () => {
    const site = await siteOf({ headers: { request: { add: { "X-Tag": "a" } } } });
    site.picks.push(toOrigin("a"), toOrigin("b"));
    let tries = 0;
    site.origin = () => {
      if (tries++ === 0) throw new TypeError("Network connection lost.");
      return new Response("ok");
    };
    expect((await site.get("/")).status).toBe(200);
    expect(site.sent.map(({ init }) => new Headers(init.headers).get("X-Tag"))).toEqual(["a", "a"]);
  });

  test("pass the route, then the upstream, which is nearer to the origin", async () => {
    const site = await siteOf(
      { headers: { request: { set: { "X-A": "route", "X-B": "route" } } } },
      { headers: { request: { set: { "X-A": "upstream" } } } },
    );
    await site.get("/");
    expect([seen(site).get("X-A"), seen(site).get("X-B")]).toEqual(["upstream", "route"]);
  });

  test("that would be longer than a request's may be, are refused with 431", async () => {
    const site = await siteOf(
      { headers: { request: { set: { "X-A": "${header.x}".repeat(40) } } } },
      {},
      { limits: { headers: "16KiB" } },
    );
    expect((await site.get("/", { headers: { X: "y".repeat(1_000) } })).status).toBe(431);
    expect(site.sent).toEqual([]);
    expect(logged("request")[0]).toMatchObject({ filter: "headers", failure: "headers-too-large" });
    expect((await site.get("/", { headers: { X: "y" } })).status).toBe(200);
  });

  test("never hand the admin token on, whatever is made of Authorization", async () => {
    const config = shop({}, { headers: { request: { set: { "X-Auth": "${header.authorization}" } } } });
    const token = "the-token-that-opens-weir-and-is-long-enough";
    const site = await ProxiedSite.open(config, { env: { WEIR_ADMIN_TOKEN: token } });
    await site.get("/", { headers: { Authorization: `Bearer ${token}` } });
    expect(JSON.stringify([...seen(site)])).not.toContain(token);
    await site.get("/", { headers: { Authorization: "Bearer other" } });
    expect(seen(site).get("X-Auth")).toBe("Bearer other");
  });

  test("give no origin the session's cookie, also where Cookie is written anew", async () => {
    const site = await siteOf(
      { headers: { request: { set: { Cookie: "${header.cookie}; theme=dark" } } } },
      { sticky: true },
    );
    const { headers } = await site.get("/");
    const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? expect.unreachable();
    await site.get("/", { headers: { Cookie: `a=1; ${cookie}` } });
    expect(seen(site).get("Cookie")).toBe("a=1; theme=dark");
  });
});

describe("headers of an answer", () => {
  test("are set, completed, added and taken off, and the session's cookie stays", async () => {
    const response = {
      set: { Server: "", "X-Host": "${host}" },
      default: { "Cache-Control": "no-cache", "X-Kept": "ours" },
      add: { Vary: "Accept", "Set-Cookie": ["a=1", "b=2"] },
      remove: ["Set-Cookie", "X-Debug-*", "X-*"],
    };
    const site = await siteOf({ headers: { response } }, { sticky: true });
    answering(site, { Server: "x", "Set-Cookie": "o=1", "X-Debug-Sql": "1", Vary: "Origin", ETag: '"1"' });
    const { headers } = await site.get("/");
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-host": "shop.test",
      "cache-control": "no-cache",
      "x-kept": "ours",
      vary: "Origin, Accept",
      etag: '"1"',
      "x-request-id": logged("request")[0]?.["requestId"],
    });
    expect(headers.has("Server")).toBe(false);
    expect(headers.has("X-Debug-Sql")).toBe(false);
    expect(headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual(["a", "b", "weir"]);
  });

  test("pass the upstream, then the route, which is nearer to the client", async () => {
    const site = await siteOf(
      { headers: { response: { set: { "X-A": "route" } } } },
      { headers: { response: { set: { "X-A": "upstream", "X-B": "upstream" } } } },
    );
    const { headers } = await site.get("/");
    expect([headers.get("X-A"), headers.get("X-B")]).toEqual(["route", "upstream"]);
  });

  test("of an upstream give way to what cors and https.hsts of the route say", async () => {
    const response = {
      set: { "Access-Control-Allow-Origin": "*", "Access-Control-Max-Age": "9", "X-A": "1" },
      remove: ["Vary", "Strict-Transport-Security", "X-B"],
    };
    const route = { cors: { origins: ["https://app.test"] }, https: { hsts: { maxAge: "1h" } } };
    const site = await siteOf(route, { headers: { response } });
    answering(site, { "X-B": "1" });
    const { headers } = await site.get("/", { scheme: "https", headers: { Origin: "https://other.test" } });
    const { date, "x-request-id": id, "content-type": type, ...rest } = Object.fromEntries(headers);
    expect([date, id, type].every((value) => value !== undefined)).toBe(true);
    expect(rest).toEqual({ "x-a": "1", vary: "Origin", "strict-transport-security": "max-age=3600" });
  });

  test("are on Weir's own answers as the route says, which lose nothing; what caches go by is not on errors", async () => {
    const site = await siteOf(
      {
        methods: ["GET"],
        headers: {
          response: {
            set: {
              "X-A": "1",
              "Cache-Control": "public, max-age=31536000",
              "Content-Type": "text/css",
              "X-Oops": { value: "1", statuses: ["400-599"] },
            },
            remove: ["Allow"],
          },
        },
      },
      { headers: { response: { set: { "X-B": "1" }, remove: ["X-Thing"] } } },
    );
    const refused = await site.get("/", { method: "PUT", body: "x" });
    expect(refused.status).toBe(405);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      "x-a": "1",
      "x-oops": "1",
      allow: "GET, HEAD",
      "cache-control": "no-store",
      "content-type": "application/json; charset=utf-8",
    });
    expect(refused.headers.has("X-B")).toBe(false);
    answering(site, { "X-Thing": "1" }, 404);
    const missing = await site.get("/");
    expect(Object.fromEntries(missing.headers)).toMatchObject({ "x-a": "1", "x-b": "1", "x-oops": "1" });
    expect(missing.headers.has("Cache-Control")).toBe(false);
    expect(missing.headers.has("X-Thing")).toBe(false);
    answering(site, {});
    const served = await site.get("/");
    expect(served.headers.get("Cache-Control")).toBe("public, max-age=31536000");
    expect(served.headers.get("Content-Type")).toBe("text/css");
    expect(served.headers.has("X-Oops")).toBe(false);
  });

  test("that would be too long are left out, and the answer is served", async () => {
    const site = await siteOf(
      { headers: { response: { set: { "X-A": "${header.x}".repeat(40), "X-B": "1" } } } },
      {},
      { limits: { headers: "16KiB" } },
    );
    const { status, headers } = await site.get("/", { headers: { X: "y".repeat(1_000) } });
    expect([status, headers.has("X-A")]).toEqual([200, false]);
  });
});

/** What a client may send in its attempt to pass for Weir: names in several spellings, and values that would end a line. */
const names = [
  ...connectionFields.filter(
    (name) => !["upgrade", "transfer-encoding", "expect", "connection"].includes(name),
  ),
  ...clientClaims,
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-real-ip",
  "x-request-id",
  "forwarded",
  "via",
  "x-weir-origin",
  "x_forwarded_for",
  "X_Real_IP",
  "x-a",
  "x-tag",
];
const text = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 20 })
  .map((codes) => String.fromCharCode(...codes).replaceAll(/[\r\n\0]/g, ""));
const fields = fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 8, noNullPrototype: true });
const place = fc.array(fc.constantFrom("/a", "%0d%0a", "%00", "X-Real-IP:%20evil", "=", "?x=", "%C3%A9"), {
  maxLength: 6,
});

const isVouchedFor = /^(?:x-forwarded-|x-real-ip|forwarded$|via$|cdn-loop|host$|x-weir-)|_/;

test("whatever a client sends, no header that Weir vouches for is changed, and no value ends a line", async () => {
  const everything = "${path} ${query} ${header.x-a} ${header.x-tag} ${cookie.c} ${arg.x} ${client} ${host}";
  const edits = {
    set: { "X-Set": everything },
    default: { "X-Tag": everything },
    add: { "X-Add": everything },
  };
  const { upstreams, ...config } = shop({}, {}, { forwarding: { via: "weir", forwarded: true } });
  const headers = { request: { ...edits, remove: ["X-*"] }, response: edits };
  const routes = [
    { prefix: "/edited", upstream: "shop", ambiguousPaths: "keep" as const, headers },
    { prefix: "/plain", upstream: "shop", ambiguousPaths: "keep" as const },
  ];
  const site = await ProxiedSite.open({ ...config, upstreams, routes });
  const vouched = (): object =>
    Object.fromEntries([...seen(site)].filter(([name]) => isVouchedFor.test(name)));
  let served = 0;
  await fc.assert(
    fc.asyncProperty(fields, place, text, async (said, parts, cookie) => {
      const init = { headers: { ...said, Cookie: `c=${cookie}`.trim() } };
      const plain = await site.get(`/plain/${parts.join("")}`, init);
      const before = vouched();
      const edited = await site.get(`/edited/${parts.join("")}`, init);
      expect(edited.status).toBe(plain.status);
      if (edited.status !== 200) return;
      served++;
      expect(vouched()).toEqual(before);
      expect(seen(site).get("X-Request-Id")).toBe(edited.headers.get("X-Request-Id"));
      for (const [name, value] of [...seen(site), ...edited.headers]) {
        if (/^x-(?:set|add)$/.test(name)) expect(value).toMatch(/^[\t\x20-\x7e]*$/);
        expect(value).not.toMatch(/[\r\n\0]/);
      }
    }),
    { numRuns: 150 },
  );
  expect(served).toBeGreaterThan(100);
});
