/** What origins and clients see of Weir between them: headers, bodies, sockets, sessions, errors. */
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

import { ask, json } from "../support/ask.ts";
import { adminToken, eventually, found, inFlight, startStack, type Stack } from "../support/stack.ts";

interface Echo {
  readonly rawHeaders: readonly (readonly [string, string])[];
}

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    origins: { home: ["a", "b"] },
    config: (urlOf) => ({
      target: "workerd",
      admin: { hosts: ["127.0.0.1", "localhost"] },
      upstreams: {
        shop: {
          policy: "round_robin",
          pools: [
            {
              name: "home",
              origins: [
                { name: "a", url: urlOf("a") },
                { name: "b", url: urlOf("b") },
              ],
            },
          ],
          health: false,
          sticky: {},
          timeouts: { headers: "1s", total: "5s" },
        },
        hasty: {
          pools: [{ name: "home", origins: [{ name: "a", url: urlOf("a") }] }],
          health: false,
          timeouts: { headers: "1s", total: "1s" },
        },
        plain: {
          policy: "round_robin",
          passive: false,
          pools: [
            {
              name: "home",
              origins: [
                { name: "a", url: urlOf("a") },
                { name: "b", url: urlOf("b") },
              ],
            },
          ],
          health: false,
          timeouts: { headers: "1s", total: "5s" },
        },
      },
      routes: [
        { host: "hasty.test", upstream: "hasty" },
        { host: "127.0.0.1", upstream: "plain" },
        { host: "sticky.test", upstream: "shop" },
      ],
    }),
  });
});

afterAll(() => stack.stop());

async function echo(headers: Record<string, string>, path = "/echo"): Promise<Map<string, string>> {
  const { rawHeaders } = json(await ask(`${stack.url}${path}`, { headers })) as Echo;
  return new Map(rawHeaders.map(([name, value]) => [name.toLowerCase(), value]));
}

describe("request headers", () => {
  test("a client cannot forge where it comes from", async () => {
    const seen = await echo({
      "x-forwarded-for": "6.6.6.6",
      "x-real-ip": "6.6.6.6",
      forwarded: "for=6.6.6.6",
      "cf-connecting-ip": "6.6.6.6",
      "x-forwarded-proto": "gopher",
      "x-weir-mode": "leased",
    });
    expect(seen.get("x-forwarded-for")).toBe("127.0.0.1");
    expect(seen.get("x-real-ip")).toBe("127.0.0.1");
    expect(seen.get("x-forwarded-proto")).toBe("http");
    expect(seen.get("x-forwarded-host")).toBe(new URL(stack.url).host);
    expect([...seen.values()].join()).not.toContain("6.6.6.6");
    expect(seen.has("x-weir-mode")).toBe(false);
  });

  test("headers named in Connection stay behind, others of the application go through", async () => {
    const seen = await echo({
      connection: "keep-alive, x-secret",
      "x-secret": "1",
      "x-mine": "2",
      te: "trailers",
    });
    expect(seen.has("x-secret")).toBe(false);
    expect(seen.has("te")).toBe(false);
    expect(seen.get("x-mine")).toBe("2");
  });
});

describe("responses", () => {
  test("several Set-Cookie stay apart", async () => {
    const response = await fetch(`${stack.url}/cookies`);
    expect(response.headers.getSetCookie().length).toBeGreaterThan(1);
  });

  test("a redirect reaches the client as it is", async () => {
    const response = await fetch(`${stack.url}/redirect`, { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(response.headers.has("location")).toBe(true);
  });

  test("a compressed body is byte for byte what the origin sent", async () => {
    const direct = await ask(`${found(stack.origins, "a").url}/gzip`);
    const proxied = await ask(`${stack.url}/gzip`);
    expect(proxied.headers["content-encoding"]).toBe("gzip");
    expect(proxied.body.toString("base64")).toBe(direct.body.toString("base64"));
  });

  test.each(["/bytes/5000000", "/chunked/5000000"])("%s arrives complete and unchanged", async (path) => {
    const digest = async (url: string): Promise<string> => {
      return createHash("sha256")
        .update((await ask(url)).body)
        .digest("hex");
    };
    expect(await digest(`${stack.url}${path}`)).toBe(await digest(`${found(stack.origins, "a").url}${path}`));
  });

  test("no origin can serve: a small answer in the form asked for, with a request id and nothing of the inside", async () => {
    for (const origin of stack.origins.values()) origin.setFault({ kind: "refuse" });
    const asJson = await ask(`${stack.url}/`, { headers: { accept: "application/json" } });
    const asHtml = await ask(`${stack.url}/`, { headers: { accept: "text/html" } });
    for (const origin of stack.origins.values()) origin.setFault({ kind: "none" });
    expect([asJson.status, asHtml.status]).toEqual([502, 502]);
    expect(asJson.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(json(asJson)).toHaveProperty("error.requestId", asJson.headers["x-request-id"]);
    expect(asHtml.body.toString()).toContain("<html");
    for (const { body } of [asJson, asHtml])
      expect(body.toString()).not.toMatch(/127\.0\.0\.1|Network connection|home/);
  });
});

describe("retries", () => {
  test("a POST with a body and an Idempotency-Key is tried again elsewhere, with its body", async () => {
    found(stack.origins, "a").setFault({ kind: "status", status: 503 });
    const served = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const response = await fetch(`${stack.url}/echo`, {
          method: "POST",
          body: "the body",
          headers: { "Idempotency-Key": "one" },
        });
        return [
          response.status,
          response.headers.get("x-origin"),
          ((await response.json()) as { body: string }).body,
        ];
      }),
    );
    found(stack.origins, "a").setFault({ kind: "none" });
    for (const [status, origin, body] of served) {
      expect([status, origin]).toEqual([200, "b"]);
      expect(JSON.stringify(body)).toContain("the body");
    }
  });

  test("a POST without one is not sent twice", async () => {
    found(stack.origins, "a").setFault({ kind: "status", status: 503 });
    const arrived = (name: string): number => found(stack.origins, name).stats().arrived;
    const before = { a: arrived("a"), b: arrived("b") };
    const statuses: number[] = [];
    for (let nth = 0; nth < 6; nth++)
      statuses.push((await fetch(`${stack.url}/`, { method: "POST", body: "x" })).status);
    found(stack.origins, "a").setFault({ kind: "none" });
    const refused = statuses.filter((status) => status === 503).length;
    // By turns at both; whose turn comes next is not said while the isolate gets its first lease.
    expect(refused).toBeGreaterThan(0);
    expect([arrived("a") - before.a, arrived("b") - before.b]).toEqual([refused, 6 - refused]);
  });

  test("an origin that hangs costs its timeout once, and another one answers", async () => {
    found(stack.origins, "a").setFault({ kind: "hang" });
    const timed = async (): Promise<number> => {
      const startedMs = performance.now();
      expect((await fetch(`${stack.url}/`)).status).toBe(200);
      return performance.now() - startedMs;
    };
    const durations = [await timed(), await timed()];
    found(stack.origins, "a").setFault({ kind: "none" });
    expect(Math.max(...durations)).toBeGreaterThan(950);
    expect(Math.max(...durations)).toBeLessThan(4_000);
  });
});

test("the time a client takes to send its body is not held against the origin", async () => {
  const body = "x".repeat(1_000);
  const answered = new Promise<number>((resolve, reject) => {
    const sent = httpRequest(
      `${stack.url}/echo`,
      { method: "POST", headers: { host: "hasty.test", "content-length": body.length } },
      (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      },
    ).on("error", reject);
    sent.write(body.slice(1));
    // Longer than the upstream's total timeout; what is waited for is the time itself.
    setTimeout(() => sent.end(body.slice(0, 1)), 1_500);
  });
  expect(await answered).toBe(200);
});

test("a long upload may take its time: headers are waited for from its end, and no origin is blamed", async () => {
  const body = "x".repeat(200_000);
  const answered = new Promise<number>((resolve, reject) => {
    const headers = { host: "hasty.test", "content-length": body.length };
    const sent = httpRequest(`${stack.url}/echo`, { method: "POST", headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    }).on("error", reject);
    sent.write(body.slice(1));
    // Longer than the headers and the total timeout; what is waited for is the time itself.
    setTimeout(() => sent.end(body.slice(0, 1)), 2_500);
  });
  const slots = async (): Promise<number | undefined> => {
    const hasty = (await stack.admin.upstreams()).find(({ name }) => name === "hasty");
    return hasty?.pools[0]?.origins[0]?.inFlight;
  };
  await eventually("its slot is counted", async () => (await slots()) === 1);
  expect(await answered).toBe(200);
  await eventually("its slot is free", async () => (await slots()) === 0);
});

test("a WebSocket passes through and holds its slot until it closes", async () => {
  const socket = new WebSocket(`${stack.url.replace("http", "ws")}/ws`);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const answer = new Promise<string>((resolve) =>
    socket.once("message", (data: Buffer) => resolve(data.toString())),
  );
  socket.send("hello");
  expect(await answer).toContain("hello");
  const open = await inFlight(stack);
  expect(Object.values(open).reduce((sum, count) => sum + count, 0)).toBe(1);
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.close(4001, "enough");
  expect(await closed).toBe(4001);
  await eventually("its slot is free", async () =>
    Object.values(await inFlight(stack)).every((count) => count === 0),
  );
});

describe("sticky sessions", () => {
  const visit = async (cookie?: string) => {
    const headers = { host: "sticky.test", ...(cookie === undefined ? {} : { cookie }) };
    const response = await ask(`${stack.url}/echo`, { headers });
    const { rawHeaders } = json(response) as Echo;
    return {
      origin: response.headers["x-origin"],
      setCookie: String(response.headers["set-cookie"] ?? ""),
      seen: new Map(rawHeaders.map(([name, value]) => [name.toLowerCase(), value])),
    };
  };

  test("a client that brings its cookie stays with its origin, and the application's cookies are untouched", async () => {
    const first = await visit();
    expect(first.setCookie).toMatch(/^weir=[^;]+;.*HttpOnly/i);
    expect(first.setCookie).toMatch(/SameSite=Lax/i);
    expect(first.setCookie).not.toMatch(/Secure/i);
    const pair = first.setCookie.split(";")[0] ?? "";
    for (let request = 0; request < 5; request++) {
      const next = await visit(`app=1; ${pair}; other="2"`);
      expect(next.origin).toBe(first.origin);
      expect(next.seen.get("cookie")).toBe('app=1; other="2"');
      expect(next.setCookie).toBe("");
    }
  });

  test("a form of another site, with which the browser sends no cookie, moves no session", async () => {
    const headers = { host: "sticky.test", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    const form = await ask(`${stack.url}/echo`, { method: "POST", headers, body: "SAMLResponse=x" });
    expect(form.status).toBe(200);
    expect(form.headers["set-cookie"]).toBeUndefined();
    const followed = await ask(`${stack.url}/echo`, { headers });
    expect(String(followed.headers["set-cookie"])).toMatch(/^weir=/);
  });

  test("a forged cookie is ignored, and replaced", async () => {
    const { setCookie } = await visit();
    const value = setCookie.split(";")[0] ?? "";
    const forged = `${value.slice(0, -4)}AAAA`;
    const served = await visit(forged);
    expect(served.origin).toBeDefined();
    expect(served.setCookie).toMatch(/^weir=/);
  });
});

describe("the /_weir/ API", () => {
  test("is closed without the token, and says how to open it", async () => {
    const response = await fetch(`${stack.url}/_weir/api/v1/upstreams`);
    expect(response.status).toBe(403);
    expect(JSON.stringify(await response.json())).toContain("Authorization: Bearer");
  });

  test("an unknown path of it is answered here: an origin never sees the admin token", async () => {
    const headers = { Authorization: `Bearer ${adminToken}` };
    const served = () => [...stack.origins.values()].reduce((sum, origin) => sum + origin.stats().arrived, 0);
    const before = served();
    for (const path of ["/_weir/api/v1/nope", "/_weir/api/v2/upstreams", "/_weir/", "/_weir/echo"]) {
      expect((await ask(`${stack.url}${path}`, { headers })).status).toBe(404);
    }
    expect((await ask(`${stack.url}/_weir/api/v1/upstreams`, { method: "DELETE", headers })).status).toBe(
      404,
    );
    expect(served()).toBe(before);
  });

  test("a host that is not named for it gets the application", async () => {
    const response = await ask(`${stack.url}/_weir/healthz`, { headers: { host: "sticky.test" } });
    expect(response.headers["x-origin"]).toBeDefined();
  });
});
