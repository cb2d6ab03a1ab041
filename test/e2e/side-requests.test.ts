/**
 * Requests that Weir sends beside the client's, on the built bundle: a service that decides, copies for another upstream, pages for errors; and clients
 * that are split between upstreams.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ask, type Ask } from "../support/ask.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const servers: Server[] = [];

/** A server, and what it has been asked. */
async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

type Service = Awaited<ReturnType<typeof serve>>;
let site: Service;
let next: Service;
let auth: Service;
let pages: Service;
let stack: Stack;

beforeAll(async () => {
  site = await serve(({ url }, response) =>
    response.writeHead(url === "/none" ? 404 : 200).end("of the site"),
  );
  next = await serve((_, response) => response.end("of the next"));
  pages = await serve((_, response) => response.end("<h1>{status}, sorry</h1>"));
  auth = await serve(({ headers }, response) => {
    const user = /user=(\w+)/.exec(headers.cookie ?? "")?.[1];
    if (user === "slow") return;
    if (user === "broken") response.writeHead(500).end("stack trace");
    else if (user === undefined) response.writeHead(302, { Location: "https://login.test/" }).end("log in");
    else response.writeHead(200, { "Remote-User": user, "Set-Cookie": "renewed=1" }).end("yes");
  });
  const upstream = (url: string, more: object = {}) => ({
    pools: [{ name: "home", origins: [{ name: "a", url }] }],
    health: false as const,
    ...more,
  });
  const place = { upstream: "pages", path: "/404.html" };
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      forwarding: { trusted: ["127.0.0.1"] },
      upstreams: {
        site: upstream(site.url, { errors: { pages: { "404": place }, intercept: [404] } }),
        next: upstream(next.url),
        auth: upstream(auth.url),
        pages: upstream(pages.url),
      },
      routes: [
        {
          host: "guarded.test",
          upstream: "site",
          forwardAuth: {
            upstream: "auth",
            path: "/verify",
            timeout: "300ms",
            originHeaders: ["Remote-User"],
            clientHeaders: ["Set-Cookie"],
          },
        },
        { host: "copied.test", upstream: "site", mirror: { upstream: "next" } },
        { host: "split.test", upstream: "site", split: { shares: { next: 0.5 } } },
        { host: "pages.test", upstream: "site" },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function get(host: string, path: string, { headers, ...init }: Ask = {}) {
  const answer = await ask(`${stack.url}${path}`, { ...init, headers: { ...headers, Host: host } });
  return { ...answer, body: answer.body.toString() };
}

describe("a service that decides", () => {
  test("says yes: the origin learns of the user, the client gets the service's cookie", async () => {
    const headers = { Cookie: "user=ann", "Remote-User": "root" };
    const answer = await get("guarded.test", "/a?b", { method: "POST", body: "text", headers });
    expect(answer).toMatchObject({ status: 200, body: "of the site" });
    expect(answer.headers["set-cookie"]).toEqual(["renewed=1"]);
    expect(auth.seen.at(-1)).toMatchObject({ method: "GET", url: "/verify", body: "" });
    expect(auth.seen.at(-1)?.headers).toMatchObject({
      "x-forwarded-method": "POST",
      "x-forwarded-uri": "/a?b",
      "x-forwarded-host": "guarded.test",
    });
    expect(site.seen.at(-1)).toMatchObject({ method: "POST", url: "/a?b", body: "text" });
    expect(site.seen.at(-1)?.headers["remote-user"]).toBe("ann");
  });

  test("says no: the client gets the redirect, and no origin is asked", async () => {
    const before = site.seen.length;
    const answer = await get("guarded.test", "/");
    expect([answer.status, answer.headers.location, answer.body]).toEqual([
      302,
      "https://login.test/",
      "log in",
    ]);
    expect(site.seen).toHaveLength(before);
  });

  test.each(["slow", "broken"])(
    "is %s: the route is closed, and nothing of the reason gets out",
    async (user) => {
      const before = site.seen.length;
      const answer = await get("guarded.test", "/", { headers: { Cookie: `user=${user}` } });
      expect([answer.status, answer.body.includes("stack")]).toEqual([503, false]);
      expect(site.seen).toHaveLength(before);
    },
  );
});

test("a copy has the request's method, path, headers and body", async () => {
  const init = { method: "POST", body: "text", headers: { "X-Tenant": "7" } };
  expect(await get("copied.test", "/a?b", init)).toMatchObject({ status: 200, body: "of the site" });
  await eventually("the copy", () => next.seen.length === 1);
  expect(next.seen[0]).toMatchObject({ method: "POST", url: "/a?b", body: "text" });
  expect(next.seen[0]?.headers).toMatchObject({ "x-tenant": "7", "content-length": "4" });
});

test("a client stays with the upstream that it belongs to", async () => {
  const addresses = Array.from({ length: 16 }, (_, n) => `198.51.100.${n}`);
  const round = () =>
    Promise.all(
      addresses.map(async (address) => {
        const { body } = await get("split.test", "/", { headers: { "X-Forwarded-For": address } });
        return body;
      }),
    );
  const [first, second] = [await round(), await round()];
  expect(second).toEqual(first);
  expect(new Set(first)).toEqual(new Set(["of the site", "of the next"]));
});

test("an error has the page of another upstream, with its own status", async () => {
  const answer = await get("pages.test", "/none", { headers: { Accept: "text/html" } });
  expect([answer.status, answer.body]).toEqual([404, "<h1>404, sorry</h1>"]);
  expect(pages.seen).toMatchObject([{ url: "/404.html" }]);
});
