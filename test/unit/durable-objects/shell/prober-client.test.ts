/** What an upstream's object tells its prober, and how often. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { ConfigSection } from "../../../../core/protocol/config-section.ts";
import type { Roster } from "../../../../core/protocol/members.ts";
import { ProberClient } from "../../../../durable-objects/shell/prober-client.ts";
import { FakeNamespace, fakeProber } from "../../worker/fake-objects.ts";

const section: ConfigSection = {
  version: { order: 1, hash: "a" },
  name: "shop",
  target: "workerd",
  raw: { pools: [] },
};

const roster: Roster = { version: 1, members: [], gone: [] };

const startMs = 1_000_000;

function start(isReachable = true) {
  const watch = vi.fn(async () => {
    if (!isReachable) throw new Error("Network connection lost.");
    return undefined;
  });
  const hurry = vi.fn(async () => {});
  const probers = new FakeNamespace(fakeProber({ watch, hurry }));
  const later: Promise<unknown>[] = [];
  const client = new ProberClient(probers, (work) => void later.push(work));
  return { client, watch, hurry, probers, settled: () => Promise.all(later) };
}

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

test("without a config there is nothing to probe by", () => {
  const { client, probers } = start();
  client.watch(startMs);
  client.hurry({ origins: ["a"], everyMs: 250 });
  expect(probers.stubs).toEqual([]);
});

test("the prober is told to go on once a minute, however often requests come", () => {
  const { client, watch, probers } = start();
  client.place({ locationHint: "weur" });
  client.use(section);
  for (let second = 0; second < 120; second++) client.watch(startMs + 1_000 * second);
  expect(watch.mock.calls).toEqual([
    [section, undefined],
    [section, undefined],
  ]);
  expect(probers.stubs[0]).toEqual({ name: "shop", options: { locationHint: "weur" } });
});

test("another config, or another roster, is told at once", () => {
  const { client, watch } = start();
  client.use(section);
  client.watch(startMs);
  const newer = { ...section, version: { order: 2, hash: "b" } };
  client.use(newer);
  client.watch(startMs + 1);
  client.enroll(roster, startMs + 2);
  expect(watch.mock.calls).toEqual([
    [section, undefined],
    [newer, undefined],
    [newer, roster],
  ]);
});

test("origins that lose connections are probed soon, where there are any", () => {
  const { client, hurry } = start();
  client.use(section);
  client.hurry(undefined);
  client.hurry({ origins: ["a"], everyMs: 250 });
  expect(hurry.mock.calls).toEqual([[{ origins: ["a"], everyMs: 250 }]]);
});

test("a prober that cannot be reached is a line in the log, and nothing else", async () => {
  const { client, settled } = start(false);
  client.use(section);
  client.watch(startMs);
  await settled();
  expect(vi.mocked(console.log).mock.calls.map(([line]): unknown => JSON.parse(String(line)).event)).toEqual([
    "prober-lost",
  ]);
});
