/** The Worker that is deployed, with the project's own config: its entries, and the classes that the platform makes objects of. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import weirConfig from "../../../weir.config.ts";
import type { ExchangeResult } from "../../../core/protocol/upstream-object.ts";
import worker, * as exported from "../../../worker/index.ts";
import { playNetwork } from "./far-end.ts";
import { fakeEnv, fakeProber, fakeUpstream } from "./fake-objects.ts";
import { standInForWorkerdStreams } from "./proxy/workerd-streams.ts";

standInForWorkerdStreams();
const network = playNetwork();

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

/** An object that grants every request a slot on the first origin. */
const granting = fakeUpstream({
  exchange: async () => {
    const pick = {
      kind: "granted",
      origin: "on-prem-1",
      pool: "on-prem",
      pinEpoch: 1,
      pin: "none",
    } as const;
    const result: ExchangeResult = {
      kind: "reply",
      reply: { epoch: 1, outcomesSeen: 0, mode: "strict", pick },
    };
    return JSON.stringify(result);
  },
});

function serve(url: string) {
  const later: Promise<unknown>[] = [];
  const context = {
    waitUntil: (work: Promise<unknown>) => void later.push(work),
    passThroughOnException: () => {},
    props: {},
  };
  const request = new Request(url) as Parameters<typeof worker.fetch>[0];
  return {
    answer: Promise.resolve(worker.fetch(request, fakeEnv(granting), context as unknown as ExecutionContext)),
    later,
  };
}

test("Weir's own paths are answered here, however they are spelt", async () => {
  for (const path of ["/_weir/healthz", "//%5Fweir/healthz"]) {
    const { answer } = serve(`http://localhost:8080${path}`);
    expect(await (await answer).text()).toBe("ok\n");
  }
  expect(network.dialled).toEqual([]);
});

test("every other request goes to an origin, and its answer comes back", async () => {
  const dialled = network.next();
  const { answer, later } = serve("http://shop.test/cart?x=1");
  (await dialled).accepts().says("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
  const response = await answer;
  expect([response.status, await response.text()]).toEqual([201, "ok"]);
  expect(network.dialled.map(({ address }) => address)).toEqual([{ hostname: "127.0.0.1", port: 9101 }]);
  expect(network.last?.heard.split("\r\n")[0]).toBe("GET /cart?x=1 HTTP/1.1");
  await Promise.all(later);
});

test("the cron trigger looks after the prober of each upstream", async () => {
  const watched: string[] = [];
  const prober = fakeProber({
    watch: async ({ name }) => {
      watched.push(name);
      return { endedMs: Date.now(), results: [] };
    },
  });
  const controller = { cron: "* * * * *", scheduledTime: Date.now(), noRetry: () => {} };
  await worker.scheduled(controller, fakeEnv(fakeUpstream(), prober));
  expect(watched).toEqual(Object.keys(weirConfig.upstreams));
});

test("the classes have the names under which wrangler.toml declares them, and objects have stored what they know", () => {
  const { default: _, ...classes } = exported;
  expect(Object.keys(classes).sort()).toEqual(["SocketTunnel", "WeirProber", "WeirRole", "WeirUpstream"]);
});
