/**
 * Secrets are planted wherever Weir gets to see one, and everything is done that makes it say something: then none of them is in
 * anything that it has said, to the log or to a client.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { sendRequest, statusOf } from "../support/raw.ts";
import { signRegistration } from "../support/sign-message.ts";
import { adminToken, eventually, startStack, weirSecret, type Stack } from "../support/stack.ts";

/** A secret that can be told from everything else. */
const mark = (name: string): string => `mark-of-${name}-0123456789-0123456789`;

const secrets = {
  REGISTER_SECRET: mark("register"),
  REPORT_SECRET: mark("report"),
  HOOK_SECRET: mark("hook"),
  HOOK_QUERY: mark("hook-query"),
  PROBE_TOKEN: mark("probe"),
  PROBE_QUERY: mark("probe-query"),
  ACCESS_SECRET: mark("access"),
};
const credentials = [
  `Authorization: Bearer ${mark("authorization")}`,
  `Proxy-Authorization: Basic ${mark("proxy-authorization")}`,
  `Cookie: session=${mark("cookie")}; weir=${mark("sticky")}`,
  `X-Api-Key: ${mark("api-key")}`,
  `X-Weir-Load: ${mark("client-load")}`,
];
const query = `token=${mark("query")}`;
const planted = [adminToken, weirSecret, ...Object.values(secrets), "mark-of-"];

/** Answers as its path says, and quotes all that it was told. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "";
  if (path.includes("/reset")) return void request.socket.destroy();
  if (path.includes("/hang")) return;
  const status = Number(/\/status\/(\d+)/.exec(path)?.[1] ?? 200);
  response.writeHead(status, {
    "Set-Cookie": `session=${mark("set-cookie")}`,
    "X-Weir-Load": `util=0.5; t=1; sig=${mark("load")}`,
    "X-Weir-Secret": mark("origin-header"),
  });
  setTimeout(() => response.end(JSON.stringify(request.headers)), path.includes("/slow") ? 50 : 0);
}

const origin: Server = createServer(answer);
let stack: Stack;
/** What Weir itself has answered. */
const said: string[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  const timeouts = { headers: "300ms", total: "1s" };
  const dead = "http://127.0.0.1:9";
  stack = await startStack({
    origins: {},
    secrets,
    config: () => ({
      target: "workerd",
      admin: { hosts: ["127.0.0.1"] },
      limits: { headers: "4KiB", target: "1KiB" },
      upstreams: {
        site: {
          timeouts,
          pools: [{ name: "home", origins: [{ name: "a", url }] }],
          sticky: true,
          loadReports: { secret: "${ENV:REPORT_SECRET}" },
          health: {
            interval: "1s",
            timeout: "500ms",
            path: "/status/500?token=${ENV:PROBE_QUERY}",
            headers: { Authorization: "Bearer ${ENV:PROBE_TOKEN}" },
          },
          errors: { intercept: ["500-599"], pages: { "500": "<p>{message} {requestId}</p>" } },
        },
        dead: {
          timeouts,
          health: false,
          pools: [
            {
              name: "home",
              origins: [{ name: "gone", url: dead, maxConns: 1, via: { binding: "NOWHERE" } }],
            },
            {
              name: "cloud",
              origins: [],
              register: { secret: "${ENV:REGISTER_SECRET}", urls: ["http://127.0.0.1:9300"] },
            },
          ],
        },
        grows: {
          health: false,
          pools: [
            { name: "home", origins: [{ name: "a", url, maxConns: 1 }] },
            { name: "cloud", origins: [{ name: "b", url }] },
          ],
          autoscale: {
            slots: 1,
            startsIn: "1s",
            max: 2,
            webhook: { url: `${dead}/?token=\${ENV:HOOK_QUERY}`, secret: "${ENV:HOOK_SECRET}" },
          },
        },
        unknown: {
          timeouts,
          health: false,
          pools: [
            {
              name: "home",
              origins: [
                {
                  name: "nameless",
                  url: "https://no-such-host.invalid",
                  access: { id: "id", secret: "${ENV:ACCESS_SECRET}" },
                },
              ],
            },
          ],
        },
      },
      routes: [
        { host: "site.test", upstream: "site", maxRequestBody: "10B", methods: ["GET", "POST"] },
        { host: "dead.test", upstream: "dead" },
        { host: "unknown.test", upstream: "unknown" },
        { host: "grows.test", upstream: "grows" },
        { host: "closed.test", upstream: "site", maintenance: true },
        { host: "secure.test", upstream: "site", https: true },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  origin.closeAllConnections();
  origin.close();
});

async function ask(line: string, host: string, fields: readonly string[] = [], body = ""): Promise<number> {
  const head = [`${line} HTTP/1.1`, `Host: ${host}`, ...credentials, ...fields];
  const text = await sendRequest(stack.url, head, body);
  // The client's own are what an origin has said, cookies of one whose error is replaced, and the target in a redirect to https.
  if (/^cache-control: no-store/im.test(text))
    said.push(text.replaceAll(/^(?:location|set-cookie): .*/gim, ""));
  return statusOf(text);
}

const wanted = (path: string): string => `GET ${path}?${query}`;
const register = (body: string, headers: Record<string, string>): Promise<number> => {
  const fields = Object.entries({ ...headers, "Content-Length": String(body.length) });
  return ask(
    `POST /_weir/api/v1/pools/cloud/register?${query}`,
    "127.0.0.1",
    fields.map(([name, value]) => `${name}: ${value}`),
    body,
  );
};

test("what an origin is told and says goes through, but for what concerns Weir alone", async () => {
  const text = await sendRequest(stack.url, [`${wanted("/")} HTTP/1.1`, "Host: site.test", ...credentials]);
  expect(text).toContain(mark("authorization"));
  expect(text).toContain(mark("set-cookie"));
  expect(text).not.toContain(mark("origin-header"));
});

test("the log, error pages and the API's answers have no secret in them", async () => {
  const bodyOf = (name: string, url: string): string => JSON.stringify({ name, url });
  const stray = bodyOf("b", "http://127.0.0.1:1");
  const withPassword = bodyOf("b", `http://user:${mark("userinfo")}@127.0.0.1:9300`);
  const signed = { upstream: "grows", pool: "cloud", secret: secrets.REGISTER_SECRET };
  const admin = `Authorization: Bearer ${adminToken}`;
  const statuses = await Promise.all([
    ask(wanted("/"), "site.test"),
    ask(wanted("/"), "site.test", [admin]),
    ask(wanted("/status/500"), "site.test"),
    ask(wanted("/status/502"), "site.test", ["Accept: text/html"]),
    ask(wanted("/reset"), "site.test"),
    ask(wanted("/hang"), "site.test"),
    ask(wanted("/"), "dead.test"),
    ask(wanted("/"), "unknown.test"),
    ask(wanted("/"), "closed.test", ["Accept: text/html"]),
    ask(wanted("/"), "secure.test"),
    ask(wanted("/"), "none.test"),
    ask(wanted("/"), "bad/host"),
    ask(wanted("/..%2f"), "site.test"),
    ask(`DELETE /?${query}`, "site.test"),
    ask(`POST /?${query}`, "site.test", ["Content-Length: 50"], mark("body").padEnd(50)),
    ask(wanted(`/${"a".repeat(2_000)}`), "site.test"),
    ask(wanted("/"), "site.test", [`X-Long: ${mark("long").repeat(150)}`]),
    ask(wanted("/ws"), "site.test", [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 8",
    ]),
    ask(wanted("/_weir/api/v1/upstreams"), "127.0.0.1"),
    ask(wanted("/_weir/nothing"), "127.0.0.1"),
    register(stray, {}),
    register(stray, signRegistration(stray, { ...signed, secret: mark("wrong-secret") })),
    register(stray, signRegistration(stray, signed)),
    register(withPassword, signRegistration(withPassword, signed)),
    register(stray, signRegistration(stray, { ...signed, atMs: 0 })),
    register(`{${mark("json")}`, signRegistration(`{${mark("json")}`, signed)),
  ]);
  expect(new Set(statuses)).toEqual(
    new Set([200, 308, 400, 403, 404, 405, 413, 414, 426, 431, 500, 502, 503, 504]),
  );
  const operator = [admin, ...credentials.slice(1)];
  for (const line of [
    wanted("/_weir/api/v1/upstreams"),
    wanted("/_weir/api/v1/nothing"),
    `POST /_weir/api/v1/upstreams/site/origins/a/drain?${query}`,
    `POST /_weir/api/v1/upstreams/site/origins/nobody/drain?${query}`,
  ]) {
    said.push(await sendRequest(stack.url, [`${line} HTTP/1.1`, "Host: 127.0.0.1", ...operator]));
  }
  await stack.weir.tick();
  for (const name of ["request", "health", "scale-failed", "operator"]) {
    await eventually(
      `${name} is logged`,
      async () => {
        await Promise.all(Array.from({ length: 8 }, () => ask(wanted("/slow"), "grows.test")));
        return stack.events.some(({ event }) => event === name);
      },
      20_000,
    );
  }

  expect(said.length).toBeGreaterThan(20);
  expect(stack.output.length).toBeGreaterThan(20);
  for (const text of [...said, ...stack.output])
    for (const secret of planted) expect(text).not.toContain(secret);
});
