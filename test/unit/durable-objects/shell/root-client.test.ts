/** A region's exchange with the upstream's own object, its root. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ObjectTasks } from "../../../../core/coordinator/object-tasks.ts";
import { SlotLedger } from "../../../../core/ledger/slot-ledger.ts";
import type { ExchangeMessage, ExchangeReply } from "../../../../core/protocol/exchange.ts";
import { RegionLink } from "../../../../core/region/region-link.ts";
import { RootClient } from "../../../../durable-objects/shell/root-client.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";
import { FakeNamespace, fakeUpstream } from "../../worker/fake-objects.ts";

const shop = upstream({ regions: ["weur"], pools: [pool("home", [origin("a", { maxConns: 8 })])] });

const root = {
  section: {
    version: { order: 1, hash: "a" },
    name: "shop",
    target: "workerd" as const,
    raw: { pools: [] },
  },
  place: { locationHint: "enam" as const },
};

const leased = (epoch: number): ExchangeReply => ({
  epoch,
  outcomesSeen: 0,
  mode: "leased",
  everyMs: 400,
  lease: {
    forMs: 10_000,
    origins: [{ origin: "a", share: 1, slots: 8, inFlight: 0, pinEpoch: 1 }],
    closed: [],
  },
});

/** A region beside a root that answers its messages one after the other so, and then not any more. */
function start(...replies: readonly ExchangeReply[]) {
  const left = [...replies];
  const messages: ExchangeMessage[] = [];
  const roots = new FakeNamespace(
    fakeUpstream({
      exchange: async (json) => {
        messages.push(JSON.parse(json));
        const reply = left.shift();
        return reply === undefined ? new Promise(() => {}) : JSON.stringify({ kind: "reply", reply });
      },
    }),
  );
  const regionLink = new RegionLink(shop, "@weur/1", new SlotLedger(1, [], Date.now()));
  const tasks = new ObjectTasks({ regionLink, home: { isScaledUp: false } });
  const client = new RootClient(roots);
  return {
    client,
    regionLink,
    roots,
    messages,
    exchange: () => client.exchange(regionLink, tasks, root, "short"),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a region asks the object that has the upstream's name, where that lives, and takes its lease", async () => {
  const { regionLink, roots, messages, exchange } = start(leased(1));
  await exchange();
  expect(roots.stubs).toEqual([
    { name: "shop", options: { locationHint: "enam", retry: { maxRetries: 0 } } },
  ]);
  expect(messages).toMatchObject([{ holder: "@weur/1", short: true, replaces: true }]);
  expect(regionLink.limitOf({ name: "a" }, Date.now())).toBe(8);
});

test("a root that has lost its memory is told once more, in the same exchange", async () => {
  const { messages, exchange } = start(leased(1), { epoch: 2, outcomesSeen: 0, mode: "strict" }, leased(2));
  await exchange();
  await exchange();
  expect(messages.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
});

test("a root that does not answer is lost after the exchange's time, and the region goes on", async () => {
  const { client, regionLink, exchange } = start();
  const over = exchange();
  expect(client.underWay).toBe(over);
  await vi.advanceTimersByTimeAsync(2 * shop.timeouts.exchangeMs);
  await over;
  expect(regionLink.leftMs(Date.now())).toBeLessThanOrEqual(0);
  expect(vi.mocked(console.log).mock.calls.map(([line]): unknown => JSON.parse(String(line)).event)).toEqual([
    "root-lost",
  ]);
});
