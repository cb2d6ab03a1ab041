/** `forwardAuth`: what the service is asked, what becomes of its answer, and that the route stays closed without one. */
import { describe, expect, test, vi } from "vitest";

import { asideUpstream, inNode, logged, type LogLine, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

interface Service {
  readonly answer?: (init: RequestInit) => Response | Promise<Response>;
  readonly options?: object;
  readonly upstream?: object;
  readonly route?: object;
}

/** A route whose service answers so, and whose origin says what it got. */
async function guarded({ answer, options, upstream, route }: Service = {}): Promise<ProxiedSite> {
  const forwardAuth = { upstream: "aside", path: "/verify?x=1", ...options };
  const root = { upstreams: { aside: asideUpstream } };
  const site = await ProxiedSite.open(shop(upstream, { forwardAuth, ...route }, root));
  site.origin = (url, init) =>
    new URL(url).hostname === "aside.test"
      ? (answer?.(init) ?? new Response(null, { status: 204 }))
      : new Response("from the origin");
  return site;
}

/** Answers only that the request was broken off. */
const hang = ({ signal }: RequestInit): Promise<Response> =>
  new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(new Error("aborted")));
  });

const lineOf = (by: string | undefined): LogLine | undefined =>
  logged("request").find((line) => line["for"] === by);

const headersOf = (site: ProxiedSite, at: number): Headers => new Headers(site.sent[at]?.init.headers);

test("asks the service what the client wants, without a body, before any origin", async () => {
  const site = await guarded();
  const headers = {
    Cookie: "a=b",
    Authorization: "Bearer t",
    Range: "bytes=0-1",
    "If-None-Match": '"x"',
    "X-Forwarded-Uri": "/forged",
    "Accept-Encoding": "br",
  };
  expect(await site.get("/a?b=c", { method: "POST", body: "text", headers })).toMatchObject({ status: 200 });
  expect(site.sent.map(({ url, init }) => `${init.method} ${url}`)).toEqual([
    "GET http://aside.test/verify?x=1",
    "POST http://a.test/a?b=c",
  ]);
  expect(site.sent[0]?.init.body ?? null).toBeNull();
  expect(Object.fromEntries(headersOf(site, 0))).toMatchObject({
    cookie: "a=b",
    authorization: "Bearer t",
    "x-forwarded-method": "POST",
    "x-forwarded-uri": "/a?b=c",
    "x-forwarded-host": "shop.test",
    "x-forwarded-proto": "http",
    "x-forwarded-for": "192.0.2.7",
  });
  const sent = headersOf(site, 0);
  for (const name of ["range", "if-none-match", "accept-encoding", "content-type", "content-length"])
    expect([name, sent.has(name)]).toEqual([name, false]);
});

test("gives the service no other headers than those that are named", async () => {
  const site = await guarded({ options: { requestHeaders: ["Cookie"] } });
  await site.get("/", { headers: { Cookie: "a=b", Authorization: "Bearer t" } });
  expect([headersOf(site, 0).get("Cookie"), headersOf(site, 0).has("Authorization")]).toEqual(["a=b", false]);
});

test("tells the origin what the service says, and never what the client says under the same name", async () => {
  const options = { originHeaders: ["Remote-User", "Remote-Groups"] };
  const answer = (): Response => new Response(null, { headers: { "Remote-User": "ann" } });
  const site = await guarded({ answer, options });
  await site.get("/", { headers: { "Remote-User": "root", "Remote-Groups": "admin" } });
  expect([headersOf(site, 1).get("Remote-User"), headersOf(site, 1).has("Remote-Groups")]).toEqual([
    "ann",
    false,
  ]);
});

test("gives the client the named headers of a yes, each cookie of several", async () => {
  const headers = new Headers([
    ["Set-Cookie", "a=1"],
    ["Set-Cookie", "b=2"],
    ["X-Other", "no"],
  ]);
  const site = await guarded({
    answer: () => new Response(null, { headers }),
    options: { clientHeaders: ["Set-Cookie"] },
  });
  const { headers: got } = await site.get("/");
  expect([got.getSetCookie(), got.has("X-Other")]).toEqual([["a=1", "b=2"], false]);
});

test.each([302, 401, 403, 429])("relays a %i of the service, and asks no origin", async (status) => {
  const headers = { Location: "https://login.test/?rd=x", "WWW-Authenticate": "Basic", "Set-Cookie": "c=1" };
  const site = await guarded({ answer: () => new Response("log in", { status, headers }) });
  const answer = await site.get("/");
  expect(answer).toMatchObject({ status, body: "log in" });
  expect(answer.headers.get("Location")).toBe("https://login.test/?rd=x");
  expect(site.sent).toHaveLength(1);
  expect(lineOf("forwardAuth")).toMatchObject({ upstream: "aside", status, path: "/verify" });
  expect(lineOf(undefined)).toMatchObject({ filter: "forwardAuth", status, path: "/" });
  expect(await site.openSlots()).toBe(0);
});

describe("closes the route, and says why only in the log", () => {
  test.each<[string, () => Response | Promise<Response>]>([
    ["a 500", () => new Response("stack trace", { status: 500 })],
    ["a 304", () => new Response(null, { status: 304 })],
    ["no connection", () => Promise.reject(new Error("connection refused"))],
  ])("after %s", async (_, answer) => {
    const site = await guarded({ answer });
    const { status, body } = await site.get("/");
    expect([status, body.includes("stack")]).toEqual([503, false]);
    expect(site.sent.every(({ url }) => url.includes("aside"))).toBe(true);
    expect(lineOf(undefined)).toMatchObject({ filter: "forwardAuth", failure: "auth-failed" });
    expect(await site.openSlots()).toBe(0);
  });

  test("when the service hangs for longer than the timeout", async () => {
    const site = await guarded({ answer: hang, options: { timeout: "100ms" } });
    const answering = site.fetch("/");
    await vi.advanceTimersByTimeAsync(150);
    expect((await answering).status).toBe(503);
    await site.settle();
    expect(site.sent).toHaveLength(1);
    expect(await site.openSlots()).toBe(0);
  });
});

test("counts the client's answer once", async () => {
  const site = await guarded();
  await site.get("/");
  expect(logged("request").map(({ for: by }) => by)).toEqual(["forwardAuth", undefined]);
  const ids = logged("request").map(({ requestId }) => requestId);
  expect(new Set(ids).size).toBe(1);
});

test("a request that a rule sends on to another route is asked for again by that route", async () => {
  const site = await guarded({ route: { rules: [{ exact: "/old", rewrite: "/new", after: "last" }] } });
  await site.get("/old");
  expect(site.sent.map(({ url }) => new URL(url).pathname)).toEqual(["/verify", "/verify", "/new"]);
});
