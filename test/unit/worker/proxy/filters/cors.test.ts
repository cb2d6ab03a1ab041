/** `cors` and `security` of a route, through the whole pipeline: what browsers get of origins' answers, and of Weir's own. */
import { describe, expect, test } from "vitest";

import { inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

const app = "https://app.test";
const cors = { origins: [app, "https://*.example.com"], credentials: true, exposeHeaders: ["X-Total"] };
const siteOf = (route: object, upstream: object = {}): Promise<ProxiedSite> =>
  ProxiedSite.open(shop(upstream, route));
const from = (origin: string, more: Record<string, string> = {}) => ({
  headers: { Origin: origin, ...more },
});
const preflight = (origin: string, method = "PUT") => ({
  method: "OPTIONS",
  ...from(origin, { "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-a,x-b" }),
});
const allowed = (headers: Headers): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));

describe("a preflight", () => {
  test("is answered by Weir, whatever closes the route: the request that follows shows why", async () => {
    const site = await siteOf({
      cors,
      maintenance: true,
      methods: ["GET", "PUT"],
      rules: [{ respond: 403 }],
    });
    const { status, headers, body } = await site.get("/x", preflight(app));
    expect([status, body, headers.get("Vary")]).toEqual([204, "", "Origin, Access-Control-Request-Headers"]);
    expect(allowed(headers)).toEqual({
      "access-control-allow-origin": app,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, HEAD, PUT",
      "access-control-allow-headers": "x-a,x-b",
      "access-control-max-age": "3600",
    });
    expect(site.sent).toEqual([]);
    expect(logged("request")[0]).toMatchObject({ status: 204, filter: "cors" });
  });

  test("of a site that is not listed gets none of the headers, and no origin is asked", async () => {
    const site = await siteOf({ cors });
    const { status, headers } = await site.get("/x", preflight("https://evil.test"));
    expect([status, allowed(headers)]).toEqual([204, {}]);
    expect(site.sent).toEqual([]);
  });

  test("by http learns nothing where the route wants https", async () => {
    const site = await siteOf({ cors, https: true });
    const { status, headers } = await site.get("/x", preflight(app));
    expect([status, allowed(headers)]).toEqual([308, {}]);
    expect((await site.get("/x", { scheme: "https", ...preflight(app) })).status).toBe(204);
  });

  test("without the method that it asks for is none: any other OPTIONS is the application's", async () => {
    const site = await siteOf({ cors });
    await site.get("/x", { method: "OPTIONS", ...from(app) });
    await site.get("/x", { method: "OPTIONS" });
    expect(site.sent).toHaveLength(2);
  });
});

describe("an answer", () => {
  test("says that a listed site's scripts may read it, in place of what the origin says", async () => {
    const site = await siteOf({ cors });
    site.origin = () =>
      new Response("x", {
        headers: {
          "Access-Control-Allow-Origin": "*",
          "Access-Control-Allow-Methods": "TRACE",
          Vary: "Accept-Encoding",
        },
      });
    const listed = await site.get("/", from("https://a.b.example.com"));
    expect(allowed(listed.headers)).toEqual({
      "access-control-allow-origin": "https://a.b.example.com",
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "X-Total",
    });
    expect(listed.headers.get("Vary")).toBe("Accept-Encoding, Origin");
    const other = await site.get("/", from("https://evil.test"));
    expect([other.status, allowed(other.headers), other.headers.get("Vary")]).toEqual([
      200,
      {},
      "Accept-Encoding, Origin",
    ]);
    const own = await site.get("/");
    expect([allowed(own.headers), own.headers.get("Vary")]).toEqual([{}, "Accept-Encoding, Origin"]);
  });

  test.each([
    [{ maintenance: true }, 503],
    [{ maxRequestBody: "1B" }, 413],
    [{ rules: [{ respond: 429 }] }, 429],
  ])("of Weir's own, under %j, too: a script sees the status", async (route, status) => {
    const site = await siteOf({ cors, ...route });
    const answer = await site.get("/", {
      method: "PUT",
      body: "xy",
      ...from(app, { "Content-Length": "2" }),
    });
    expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([status, app]);
  });

  test("when no origin can be reached, too", async () => {
    const site = await siteOf({ cors });
    site.picks.push({ kind: "unavailable", why: "down" });
    const answer = await site.get("/", from(app));
    expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([503, app]);
  });

  test("is for all where any site may read it, and the same for all", async () => {
    const site = await siteOf({ cors: { origins: ["*"] } });
    const { headers } = await site.get("/", from("https://any.test"));
    expect([allowed(headers), headers.get("Vary")]).toEqual([{ "access-control-allow-origin": "*" }, null]);
  });
});

describe("security", () => {
  test("is on origins' answers, where they do not say it, and the config's own word has the last one", async () => {
    const site = await siteOf({
      security: "strict",
      headers: { response: { set: { "X-Frame-Options": "", "Permissions-Policy": "camera=(self)" } } },
    });
    site.origin = () =>
      new Response("x", { headers: { "Referrer-Policy": "origin", "X-Powered-By": "PHP" } });
    const { headers } = await site.get("/");
    expect(headers.get("Referrer-Policy")).toBe("origin");
    expect(headers.get("Permissions-Policy")).toBe("camera=(self)");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect([headers.has("X-Frame-Options"), headers.has("X-Powered-By")]).toEqual([false, false]);
  });

  test("leaves error pages the styles that they have, Weir's and the operator's, also in an origin's place", async () => {
    const site = await siteOf(
      { security: "strict" },
      { errors: { pages: { "404": "<style>p{}</style>" }, intercept: [404, 500] } },
    );
    const policyAt = async (status: number): Promise<string | null> => {
      site.origin = () => new Response("x", { status });
      const { headers } = await site.get("/", { headers: { Accept: "text/html" } });
      return headers.get("Content-Security-Policy");
    };
    expect(await policyAt(404)).toBe("frame-ancestors 'none'");
    expect(await policyAt(500)).toBe("default-src 'none'; style-src 'unsafe-inline'");
    expect(await policyAt(403)).toMatch(/^default-src 'self'/);
  });
});

test("cookies of origins have the flags that rewrite.cookieFlags says, by how the client came", async () => {
  const cookieFlags = {
    "*": { secure: "auto", httpOnly: true },
    csrf: { httpOnly: false, sameSite: "strict" },
  };
  const site = await siteOf({}, { rewrite: { cookieFlags } });
  site.origin = () => {
    const headers = new Headers([
      ["Set-Cookie", "s=1; Path=/"],
      ["Set-Cookie", "csrf=2; HttpOnly"],
    ]);
    return new Response("x", { headers });
  };
  const cookies = async (scheme: "http" | "https") =>
    (await site.get("/", { scheme })).headers.getSetCookie();
  expect(await cookies("https")).toEqual([
    "s=1; Path=/; Secure; HttpOnly",
    "csrf=2; Secure; SameSite=Strict",
  ]);
  expect(await cookies("http")).toEqual(["s=1; Path=/; HttpOnly", "csrf=2; SameSite=Strict"]);
});
