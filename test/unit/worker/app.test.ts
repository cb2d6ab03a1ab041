/** Which requests are Weir's own, however their paths are spelt, and which are the application's. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { createApp } from "../../../worker/app.ts";
import { defineConfig } from "../../../worker/config/define-config.ts";
import { Isolate } from "../../../worker/isolate.ts";
import { fakeEnv, fakeUpstream } from "./fake-objects.ts";
import { sourceOf, standInForWorkerdStreams } from "./proxy/workerd-streams.ts";

standInForWorkerdStreams();

/** Nothing is routed to an origin: what is the application's is answered by the proxy with `no_route`. */
const config = defineConfig({
  target: "workerd",
  admin: { hosts: ["ops.test", "127.0.0.1"] },
  upstreams: { shop: { pools: [{ name: "home", origins: [{ name: "a", url: "http://192.0.2.1" }] }] } },
  routes: [{ host: "shop.test", upstream: "shop" }],
});

interface Sent extends RequestInit {
  readonly raw?: typeof config;
  readonly isolate?: Isolate;
}

/** Sends a request to the Worker, and awaits what it has promised to `waitUntil`. */
async function ask(url: string, { raw = config, isolate = new Isolate(raw), ...init }: Sent = {}) {
  const later: Promise<unknown>[] = [];
  const context = {
    waitUntil: (work: Promise<unknown>) => void later.push(work),
    passThroughOnException: () => {},
    props: {},
  };
  const app = createApp(isolate);
  const response = await app.fetch(new Request(url, init), fakeEnv(fakeUpstream()), context);
  const text = await response.text();
  await Promise.all(later);
  return { status: response.status, headers: response.headers, text };
}

const logged = (): unknown[] =>
  vi.mocked(console.log).mock.calls.map(([line]): unknown => JSON.parse(String(line)));

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

describe("Weir's own paths", () => {
  test.each([
    "http://ops.test/_weir/healthz",
    "http://ops.test//_weir//healthz",
    "http://ops.test/x/../_weir/healthz",
    "http://ops.test/%5Fweir/health%7A",
    "http://127.0.0.1:8080/_weir/healthz",
  ])("are the same however they are spelt: %s", async (url) => {
    const { status, text, headers } = await ask(url);
    expect([status, text, headers.get("Cache-Control")]).toEqual([200, "ok\n", "no-store"]);
  });

  test("that lead nowhere are refused and not forwarded, as they may carry the admin token", async () => {
    for (const path of ["/_weir/", "/_weir/nothing", "/_weir/healthz/x"]) {
      const { status, text } = await ask(`http://ops.test${path}`, { method: "POST" });
      expect([path, status]).toEqual([path, 404]);
      expect(JSON.parse(text)).toMatchObject({ error: { code: "not-found" } });
    }
    expect(logged()).toEqual([]);
  });

  test("are answered to a client that is still sending, and what it sends is read", async () => {
    const body = sourceOf([new Uint8Array(1_000), new Uint8Array(1_000)]);
    const init = { method: "POST", body: body.stream, duplex: "half" };
    expect((await ask("http://ops.test/_weir/nothing", init)).status).toBe(404);
    expect(body.pulled).toBe(2_000);
  });
});

describe("the application's", () => {
  const expectForwarded = (answer: { text: string }): void => {
    expect(answer.text).toContain("no_route");
    expect(logged()).toMatchObject([{ event: "request", status: 404 }]);
  };

  test.each(["http://ops.test/", "http://ops.test/_weird/healthz", "http://ops.test/a/_weir/healthz"])(
    "is every other path: %s",
    async (url) => expectForwarded(await ask(url)),
  );

  test("is Weir's path on a host that is not named for it", async () => {
    expectForwarded(await ask("http://other.test/_weir/healthz"));
  });

  test("but without such names every host is Weir's for these paths", async () => {
    const { admin: _, ...raw } = config;
    expect((await ask("http://other.test/_weir/healthz", { raw })).text).toBe("ok\n");
  });
});

test("an error that is thrown goes to the log with an id, and the client gets the id and nothing else of it", async () => {
  const isolate = new Isolate(config);
  vi.spyOn(isolate, "config").mockRejectedValue(new Error("with a secret in it"));
  const { status, text } = await ask("http://ops.test/_weir/healthz", { isolate });
  const [event] = logged();
  expect(event).toMatchObject({
    event: "internal-error",
    detail: expect.stringContaining("with a secret in it"),
  });
  expect(status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ error: { code: "internal" } });
  expect(text).not.toContain("secret");
  expect(text).toContain((event as { requestId: string }).requestId);
});
