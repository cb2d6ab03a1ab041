/** What routes and upstreams make of HTTP: their own answers, redirects and cookies, pages, and the Host that origins see. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ask, json } from "../support/ask.ts";
import { startRawOrigin, type RawOrigin } from "../support/raw-origin.ts";
import { bodyOf, sendRequest, statusOf, values } from "../support/raw.ts";
import { eventually, inFlight, startStack, type Stack } from "../support/stack.ts";

let origin: RawOrigin;
let stack: Stack;

beforeAll(async () => {
  origin = await startRawOrigin();
  const upstream = (name: string, url: string, way: object = {}, rest: object = {}) => ({
    pools: [{ name: "home", origins: [{ name, url, ...way }] }],
    health: false,
    passive: false,
    timeouts: { headers: "5s", total: "10s" },
    ...rest,
  });
  const service = { binding: "SERVICE", kind: "vpc-service" as const };
  const access = { id: "weir.access", secret: "the-secret-of-the-token" };
  const errors = { pages: { "404": "<h1>{status}: nothing here</h1>" }, intercept: [401, 404] };
  const rewrite = { cookieDomains: { "app.internal": "" }, cookiePaths: { "/app": "/" } };
  stack = await startStack({
    origins: {},
    // What a VPC service is on Cloudflare is an external server of workerd's here: both dial a fixed address.
    servers: { SERVICE: new URL(origin.url).host },
    config: () => ({
      target: "workerd",
      // The tests come from there: they play the trusted proxy.
      forwarding: { trusted: ["127.0.0.1"] },
      upstreams: {
        site: upstream("site", origin.url),
        app: upstream("app", `${origin.url}/app`, {}, { rewrite, errors }),
        kept: upstream("kept", "http://nowhere.internal", { host: "preserve", via: service }),
        named: upstream("named", "http://nowhere.internal:81", {
          host: "www.internal",
          via: service,
          access,
        }),
        dead: upstream("dead", "http://127.0.0.1:9", {}, { errors: { pages: { "502": "<h1>away</h1>" } } }),
      },
      routes: [
        { upstream: "site" },
        { host: "app.test", upstream: "app" },
        { host: "dead.test", upstream: "dead" },
        { host: "kept.test", upstream: "kept" },
        { host: "named.test", upstream: "named" },
        { host: "gated.test", upstream: "site", methods: ["GET", "POST"] },
        { host: "inside.test", upstream: "site", access: { allow: ["10.0.0.0/8"] } },
        { host: "secure.test", upstream: "site", https: { hsts: { includeSubDomains: true } } },
        {
          host: "closed.test",
          upstream: "site",
          maintenance: { retryAfter: "10m", page: "<h1>back soon</h1>", allow: ["10.0.0.0/8"] },
        },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await origin.close();
});

let before = 0;
beforeEach(() => {
  before = origin.requests.length;
});

const send = (head: readonly string[], body = ""): Promise<string> => sendRequest(stack.url, head, body);
const seen = (): string => origin.requests.at(-1)?.text ?? "";
const timesAsked = (): number => origin.requests.length - before;

describe("a route answers by itself", () => {
  test("a method that is not on its list", async () => {
    const answer = await send(["DELETE /x HTTP/1.1", "Host: gated.test"]);
    expect(statusOf(answer)).toBe(405);
    expect(values(answer, "allow")).toEqual(["GET, HEAD, POST"]);
    expect(timesAsked()).toBe(0);
    expect(statusOf(await send(["HEAD /x HTTP/1.1", "Host: gated.test"]))).toBe(200);
  });

  test("http is sent to https on the same host, and only https is told to stay", async () => {
    const http = await send(["POST /a?b=%2F HTTP/1.1", "Host: secure.test:8080", "Content-Length: 1"], "x");
    expect(statusOf(http)).toBe(308);
    expect(values(http, "location")).toEqual(["https://secure.test/a?b=%2F"]);
    expect(values(http, "strict-transport-security")).toEqual([]);
    expect(timesAsked()).toBe(0);
    const https = await send(["GET /a HTTP/1.1", "Host: secure.test", "X-Forwarded-Proto: https"]);
    expect(statusOf(https)).toBe(200);
    expect(values(https, "strict-transport-security")).toEqual(["max-age=31536000; includeSubDomains"]);
  });

  test("in maintenance, but for clients that are let in", async () => {
    const head = ["GET /x HTTP/1.1", "Host: closed.test", "Accept: text/html"];
    const answer = await send(head);
    expect(statusOf(answer)).toBe(503);
    expect(values(answer, "retry-after")).toEqual(["600"]);
    expect(values(answer, "cache-control")).toEqual(["no-store"]);
    expect(bodyOf(answer)).toBe("<h1>back soon</h1>");
    expect(timesAsked()).toBe(0);
    expect(statusOf(await send([...head, "X-Forwarded-For: 10.1.2.3"]))).toBe(200);
    expect(statusOf(await send([...head, "X-Forwarded-For: 10.1.2.3, 203.0.113.7"]))).toBe(503);
  });

  test("closed to networks that are not let in", async () => {
    const head = ["GET /x HTTP/1.1", "Host: inside.test"];
    expect(statusOf(await send(head))).toBe(403);
    expect(statusOf(await send([...head, "X-Forwarded-For: 10.1.2.3, 203.0.113.7"]))).toBe(403);
    expect(timesAsked()).toBe(0);
    expect(statusOf(await send([...head, "X-Forwarded-For: 10.1.2.3"]))).toBe(200);
  });
});

describe("an application below a path", () => {
  const get = (path: string, ...fields: string[]): Promise<string> =>
    send([`GET ${path} HTTP/1.1`, "Host: app.test", ...fields]);

  test("its redirects and cookies lead to where the client sees it", async () => {
    origin.answer(
      "/app/login",
      [
        "HTTP/1.1 302 Found",
        `Location: ${origin.url}/app/welcome?x=1`,
        `Refresh: 3; url=${origin.url}/app/welcome`,
        "Set-Cookie: s=1; Domain=app.internal; Path=/app; HttpOnly",
        "Set-Cookie: t=2",
        "Content-Length: 0",
        "",
        "",
      ].join("\r\n"),
    );
    const answer = await get("/login", "X-Forwarded-Proto: https");
    expect(values(answer, "location")).toEqual(["https://app.test/welcome?x=1"]);
    expect(values(answer, "refresh")).toEqual(["3; url=https://app.test/welcome"]);
    expect(values(answer, "set-cookie")).toEqual(["s=1; Path=/; HttpOnly", "t=2"]);
  });

  test("a redirect to elsewhere is left alone", async () => {
    const elsewhere = "Location: https://pay.test/a%2fb?c";
    origin.answer("/app/pay", `HTTP/1.1 303 See Other\r\n${elsewhere}\r\nContent-Length: 0\r\n\r\n`);
    expect(values(await get("/pay"), "location")).toEqual(["https://pay.test/a%2fb?c"]);
  });

  test("its errors have Weir's pages where the config says so, and keep what they tell programs", async () => {
    const body = "Traceback: secret";
    const error = (line: string, ...fields: string[]): string =>
      [`HTTP/1.1 ${line}`, ...fields, `Content-Length: ${body.length}`, "", body].join("\r\n");
    origin.answer("/app/gone", error("404 Not Found", "Set-Cookie: s=1; Path=/app"));
    origin.answer("/app/private", error("401 Unauthorized", "WWW-Authenticate: Basic realm=x"));
    origin.answer("/app/teapot", error("418 Teapot"));
    const gone = await get("/gone", "Accept: text/html");
    expect([statusOf(gone), bodyOf(gone)]).toEqual([404, "<h1>404: nothing here</h1>"]);
    expect(values(gone, "set-cookie")).toEqual(["s=1; Path=/"]);
    const unauthorised = await get("/private", "Accept: application/json");
    expect(values(unauthorised, "www-authenticate")).toEqual(["Basic realm=x"]);
    expect(JSON.parse(bodyOf(unauthorised))).toHaveProperty("error.status", 401);
    expect(bodyOf(await get("/teapot"))).toBe(body);
    await eventually("no request holds a slot", async () => (await inFlight(stack))["app"] === 0);
  });

  test("its own page stands for an origin that is not there; programs get JSON all the same", async () => {
    const page = await ask(`${stack.url}/`, { headers: { host: "dead.test", accept: "text/html" } });
    expect([page.status, page.body.toString()]).toEqual([502, "<h1>away</h1>"]);
    expect(json(await ask(`${stack.url}/`, { headers: { host: "dead.test" } }))).toHaveProperty(
      "error.code",
      "bad_gateway",
    );
  });
});

describe("the Host that an origin sees", () => {
  test("is that of its URL, unless the config says otherwise", async () => {
    await send(["GET /host HTTP/1.1", "Host: other.test:8080"]);
    expect(values(seen(), "host")).toEqual([new URL(origin.url).host]);
    expect(values(seen(), "x-forwarded-host")).toEqual(["other.test:8080"]);
  });

  test("is the client's, where it is to be preserved", async () => {
    expect(statusOf(await send(["GET /host HTTP/1.1", "Host: kept.test:8080"]))).toBe(200);
    expect(values(seen(), "host")).toEqual(["kept.test:8080"]);
  });

  test("is always the same, where the config names one; and a token goes along", async () => {
    expect(
      statusOf(await send(["GET /host HTTP/1.1", "Host: named.test", "CF-Access-Client-Id: mine"])),
    ).toBe(200);
    expect(values(seen(), "host")).toEqual(["www.internal"]);
    expect(values(seen(), "cf-access-client-id")).toEqual(["weir.access"]);
    expect(values(seen(), "cf-access-client-secret")).toEqual(["the-secret-of-the-token"]);
    expect(JSON.stringify(stack.events)).not.toContain("the-secret-of-the-token");
  });
});
