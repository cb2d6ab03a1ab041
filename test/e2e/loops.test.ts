/** A config whose origins lead back to Weir: the request is refused when it comes around, and no other request is. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { bodyOf, sendRequest, statusOf } from "../support/raw.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";

/** Passes requests on to Weir with all their headers, for the host behind `/to/`; answers all others itself. */
let weirUrl = "";
const seen: { readonly path: string; readonly loop: string }[] = [];
const neighbour: Server = createServer((request, response) => {
  const path = request.url ?? "";
  const loop = String(request.headers["cdn-loop"]);
  seen.push({ path, loop });
  const host = /^\/to\/([\w.]+)/.exec(path)?.[1];
  if (host === undefined) return void response.end("served");
  const lines = [`GET /from-neighbour HTTP/1.1`, `Host: ${host}`, `CDN-Loop: ${loop}`];
  const passOn = async (): Promise<void> => {
    const answer = await sendRequest(weirUrl, lines);
    response.writeHead(statusOf(answer)).end(bodyOf(answer));
  };
  void passOn();
});

let stack: Stack;

beforeAll(async () => {
  await new Promise<void>((resolve) => neighbour.listen(0, "127.0.0.1", resolve));
  const { port } = neighbour.address() as AddressInfo;
  const upstream = (path: string) => ({
    health: false,
    pools: [{ name: "home", origins: [{ name: "one", url: `http://127.0.0.1:${port}${path}` }] }],
  });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      admin: { hosts: ["127.0.0.1"] },
      upstreams: {
        round: upstream("/to/round.test"),
        onward: upstream("/to/app.test"),
        app: upstream("/app"),
      },
      routes: [
        { host: "round.test", upstream: "round" },
        { host: "onward.test", upstream: "onward" },
        { host: "app.test", upstream: "app" },
      ],
    }),
  });
  weirUrl = stack.url;
});

afterAll(async () => {
  await stack.stop();
  neighbour.closeAllConnections();
  neighbour.close();
});

const ask = (host: string, ...fields: readonly string[]): Promise<string> =>
  sendRequest(stack.url, ["GET /x HTTP/1.1", `Host: ${host}`, ...fields]);

test("a request that comes around is answered 508, once it has, and the log says why", async () => {
  const before = seen.length;
  const answer = await ask("round.test");
  expect(statusOf(answer)).toBe(508);
  expect(bodyOf(answer)).toContain("loop_detected");
  expect(seen.length - before).toBe(1);
  await eventually("it is logged", () => stack.events.some((event) => event["failure"] === "loop"));
});

test("an application may ask another one through the same Weir, with all headers passed on", async () => {
  const answer = await ask("onward.test", "CDN-Loop: other-cdn; v=1");
  expect(statusOf(answer)).toBe(200);
  expect(bodyOf(answer)).toContain("served");
  const [onward, app] = seen.slice(-2);
  expect(onward?.loop).toMatch(/^other-cdn; v=1, weir-[\da-f]{16}$/);
  expect(app?.loop).toMatch(/^other-cdn; v=1, weir-[\da-f]{16}, weir-[\da-f]{16}$/);
});

test("a client that forges CDN-Loop harms only itself", async () => {
  await ask("app.test");
  const forged = `CDN-Loop: ${seen.at(-1)?.loop ?? ""}`;
  const before = seen.length;
  const answers = await Promise.all([ask("app.test", forged), ask("app.test"), ask("app.test", forged)]);
  expect(answers.map(statusOf)).toEqual([508, 200, 508]);
  expect(seen.length - before).toBe(1);
});
