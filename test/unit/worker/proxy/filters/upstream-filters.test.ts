/** What an upstream's options do to requests and answers: sessions, rewriting, load reports, pages for errors. */
import { describe, expect, test, vi } from "vitest";

import { signReport, reportSecret } from "../../../../support/sign-report.ts";
import { inNode, logged, ProxiedSite, shop, toOrigin } from "../proxied-site.ts";

inNode();

const env = { WEIR_SECRET: "nothing secret, for tests of cookies only" };
const siteOf = (upstream: object): Promise<ProxiedSite> => ProxiedSite.open(shop(upstream), { env });

describe("sticky", () => {
  const bound = async (site: ProxiedSite): Promise<string> => {
    const { headers } = await site.get("/");
    return headers.getSetCookie()[0]?.split(";")[0] ?? expect.unreachable("no cookie was set");
  };

  test("binds a client to the origin that served it, and asks for that one from then on", async () => {
    const site = await siteOf({ sticky: true });
    site.picks.push(toOrigin("b"));
    const cookie = await bound(site);
    site.picks.push({ kind: "granted", origin: "b", pool: "home", pinEpoch: 1, pin: "kept" });
    const { headers } = await site.get("/", { headers: { Cookie: cookie } });
    expect(site.messages.findLast(({ want }) => want !== undefined)?.want?.pin).toMatchObject({
      origin: "b",
      epoch: 1,
    });
    expect(headers.getSetCookie()).toEqual([]);
  });

  test("takes its own cookie off the request, and leaves the application's as they are", async () => {
    const site = await siteOf({ sticky: true });
    const cookie = await bound(site);
    await site.get("/", { headers: { Cookie: `a=1; ${cookie}; b="x y"` } });
    expect(new Headers(site.sent.at(-1)?.init.headers).get("Cookie")).toBe('a=1; b="x y"');
    await site.get("/", { headers: { Cookie: cookie } });
    expect(new Headers(site.sent.at(-1)?.init.headers).has("Cookie")).toBe(false);
  });

  test("writes the cookie anew when a quarter of its idle time has passed, in the same session", async () => {
    const site = await siteOf({ sticky: { idle: "4h" } });
    const kept = { kind: "granted", origin: "a", pool: "home", pinEpoch: 1, pin: "kept" } as const;
    const cookie = await bound(site);
    const again = async (): Promise<string[]> => {
      site.picks.push(kept);
      return (await site.get("/", { headers: { Cookie: cookie } })).headers.getSetCookie();
    };
    vi.setSystemTime(Date.now() + 3_500_000);
    expect(await again()).toEqual([]);
    vi.setSystemTime(Date.now() + 200_000);
    expect(await again()).toHaveLength(1);
    const pins = site.messages.flatMap(({ want }) => want?.pin?.session ?? []);
    expect(new Set(pins).size).toBe(1);
  });

  test("goes by no cookie that Weir did not seal, nor by one of another upstream's", async () => {
    const config = shop({ sticky: true });
    const cookie = await bound(await ProxiedSite.open(config, { env }));
    const site = await ProxiedSite.open(
      {
        ...config,
        upstreams: { other: config.upstreams["shop"] ?? expect.unreachable() },
        routes: [{ upstream: "other" }],
      },
      { env },
    );
    await site.get("/", { headers: { Cookie: `${cookie}; weir=1.${"A".repeat(304)}` } });
    expect(site.messages[0]?.want?.pin).toBeUndefined();
  });

  test("finds its cookie behind three of the same name, and not behind four", async () => {
    const site = await siteOf({ sticky: true });
    const cookie = await bound(site);
    const behind = async (strangers: number): Promise<unknown> => {
      await site.get("/", { headers: { Cookie: `${"weir=x; ".repeat(strangers)}${cookie}` } });
      return site.messages.findLast(({ want }) => want !== undefined)?.want?.pin;
    };
    expect(await behind(3)).toBeDefined();
    expect(await behind(4)).toBeUndefined();
  });

  test("sets no cookie for an origin that serves out of turn, nor on an error of Weir's own", async () => {
    const site = await siteOf({ sticky: true });
    site.picks.push({ kind: "granted", origin: "b", pool: "home", pinEpoch: 1, pin: "elsewhere" });
    expect((await site.get("/")).headers.getSetCookie()).toEqual([]);
    site.picks.push({ kind: "unavailable", why: "down" });
    expect((await site.get("/")).headers.getSetCookie()).toEqual([]);
  });

  test("a form of another site moves no session: the browser has the cookie, and only did not send it", async () => {
    const site = await siteOf({ sticky: true });
    const form = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" };
    const asking = { method: "POST", body: "SAMLResponse=x", headers: form };
    expect((await site.get("/", asking)).headers.getSetCookie()).toEqual([]);
    const open = await siteOf({ sticky: { sameSite: "none" } });
    const [cookie] = (await open.get("/", asking)).headers.getSetCookie();
    expect(cookie).toMatch(/; SameSite=None; Secure$/);
  });

  test("sets a cookie for https only if the client came by https", async () => {
    const site = await siteOf({ sticky: true });
    expect((await site.get("/", { scheme: "https" })).headers.get("Set-Cookie")).toContain("; Secure");
    expect((await site.get("/")).headers.get("Set-Cookie")).not.toContain("; Secure");
  });
});

describe("rewrite", () => {
  test("leads redirects of origins back to Weir, and changes the application's cookies but not Weir's", async () => {
    const site = await siteOf({
      sticky: { domain: "inside.test" },
      rewrite: { cookieDomains: { "inside.test": "shop.test" } },
    });
    site.origin = () =>
      new Response(null, {
        status: 302,
        headers: [
          ["Location", "http://b.test/login"],
          ["Set-Cookie", "id=1; Domain=inside.test"],
        ],
      });
    const { headers } = await site.get("/");
    expect(headers.get("Location")).toBe("http://shop.test/login");
    const [application, own] = headers.getSetCookie();
    expect(application).toBe("id=1; Domain=shop.test");
    expect(own).toContain("Domain=inside.test");
  });

  test("leaves redirects alone where it is off", async () => {
    const site = await siteOf({ rewrite: { redirects: false } });
    site.origin = () => new Response(null, { status: 302, headers: { Location: "http://b.test/login" } });
    expect((await site.get("/")).headers.get("Location")).toBe("http://b.test/login");
  });
});

describe("loadReports", () => {
  test("tells the object what a signed report says, and that an unsigned one was refused", async () => {
    const site = await siteOf({ loadReports: { secret: reportSecret } });
    const text = `util=0.83; t=${Math.floor(Date.now() / 1_000)}`;
    const signed = await signReport(text, "a", reportSecret);
    for (const report of [signed, text]) {
      site.origin = () => new Response(null, { headers: { "X-Weir-Load": report } });
      const answer = await site.get("/");
      expect(answer.headers.has("X-Weir-Load")).toBe(false);
    }
    const outcomes = site.messages.flatMap((message) => message.outcomes ?? []);
    expect(outcomes.find(({ report }) => report !== undefined)?.report).toMatchObject({ utilisation: 0.83 });
    expect(outcomes.some(({ refusedReports }) => refusedReports === 1)).toBe(true);
  });
});

describe("errors", () => {
  const html = { Accept: "text/html" };
  const errors = { pages: { "503": "closed", "500-599": "oops {status}" }, intercept: [404, "500-599"] };

  test("the most specific page stands for Weir's own error, for clients that want a page", async () => {
    const site = await siteOf({ errors });
    site.picks.push({ kind: "unavailable", why: "down" });
    expect(await site.get("/", { headers: html })).toMatchObject({ status: 503, body: "closed" });
    site.picks.push({ kind: "unavailable", why: "down" });
    const forPrograms = await site.get("/");
    expect(JSON.parse(forPrograms.body)).toHaveProperty("error.code", "unavailable");
  });

  test("an origin's error that is intercepted loses its page, and keeps what programs go by", async () => {
    const site = await siteOf({ errors });
    site.origin = () =>
      new Response("stack trace", {
        status: 500,
        headers: [
          ["Retry-After", "7"],
          ["Set-Cookie", "id=1"],
          ["X-Powered-By", "secrets"],
        ],
      });
    const answer = await site.get("/", { headers: html });
    expect(answer).toMatchObject({ status: 500, body: "oops 500" });
    expect([answer.headers.get("Retry-After"), answer.headers.getSetCookie()]).toEqual(["7", ["id=1"]]);
    expect(answer.headers.has("X-Powered-By")).toBe(false);
    expect(logged("request")[0]).toMatchObject({ status: 500, filter: "errors", origin: "a" });
    expect(await site.openSlots()).toBe(0);
  });

  test("an origin's answer with another status passes as it is", async () => {
    const site = await siteOf({ errors });
    site.origin = () => new Response("gone", { status: 410 });
    expect(await site.get("/", { headers: html })).toMatchObject({ status: 410, body: "gone" });
  });

  test("the page of maintenance goes before that of its status", async () => {
    const site = await ProxiedSite.open(shop({ errors }, { maintenance: { page: "back soon" } }));
    expect((await site.get("/", { headers: html })).body).toBe("back soon");
    const other = await ProxiedSite.open(shop({ errors }, { maintenance: true }));
    expect((await other.get("/", { headers: html })).body).toBe("closed");
  });
});
