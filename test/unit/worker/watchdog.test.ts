/** The cron trigger: it arms a prober that has stopped, and probes itself where the last round is stale all the same. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { ConfigSection } from "../../../core/protocol/config-section.ts";
import type { ProbeResult, Round } from "../../../core/protocol/probe-round.ts";
import { defineConfig } from "../../../worker/config/define-config.ts";
import { Isolate } from "../../../worker/isolate.ts";
import { watch } from "../../../worker/watchdog.ts";
import { fakeEnv, fakeProber, fakeUpstream } from "./fake-objects.ts";

const origins = [{ name: "a", url: "http://a.internal", via: { binding: "SHOP", kind: "worker" as const } }];

const isolate = () =>
  new Isolate(
    defineConfig({
      target: "workerd",
      upstreams: {
        probed: { pools: [{ name: "home", origins }], health: { interval: "5s" } },
        unprobed: { pools: [{ name: "home", origins }], health: false },
      },
      routes: [
        { host: "probed.example.com", upstream: "probed" },
        { host: "unprobed.example.com", upstream: "unprobed" },
      ],
    }),
  );

/** Runs the watchdog beside probers that answer so. What the upstreams' objects were told of probes, and the events of the log. */
async function run(lastRound: () => Promise<Round | undefined>) {
  const watched: string[] = [];
  const told: { readonly section: ConfigSection; readonly results: readonly ProbeResult[] }[] = [];
  const env = {
    ...fakeEnv(
      fakeUpstream({
        probed: async (section, results) => {
          told.push({ section, results });
          return undefined;
        },
      }),
      fakeProber({
        watch: (section) => {
          watched.push(section.name);
          return lastRound();
        },
      }),
    ),
    SHOP: { fetch: async () => new Response("ok") },
  };
  await watch(isolate(), env);
  const events = vi.mocked(console.log).mock.calls.map(([line]): unknown => JSON.parse(String(line)).event);
  return { watched: watched.sort(), told, events };
}

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

test("a prober that has just probed is only told to go on", async () => {
  const { watched, told, events } = await run(async () => ({ endedMs: Date.now() - 1_000, results: [] }));
  expect(watched).toEqual(["probed", "unprobed"]);
  expect(told).toEqual([]);
  expect(events).toEqual([]);
});

test("where the last round is stale, this isolate probes, and tells the upstream's object", async () => {
  const { told, events } = await run(async () => ({ endedMs: Date.now() - 60_000, results: [] }));
  expect(told).toMatchObject([{ section: { name: "probed" }, results: [{ origin: "a", good: true }] }]);
  expect(events).toEqual(["probes-stale"]);
});

test("this isolate probes also where the prober cannot be reached at all", async () => {
  const { told, events } = await run(async () => {
    throw new Error("Network connection lost.");
  });
  expect(told.map(({ section }) => section.name)).toEqual(["probed"]);
  expect(events).toEqual(["prober-lost", "prober-lost", "probes-stale"]);
});
