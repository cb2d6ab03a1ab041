/**
 * State on disk that an earlier version wrote (commit e865157, by `test/support/old-state/write.ts`, which says how): what runs now
 * finds its sessions, drains, budgets and ceilings, though the objects' classes had other names then.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { adminClient, originsOf } from "../../cli/local/admin-client.ts";
import { launchWeir } from "../../cli/workerd/launch.ts";
import { periods } from "../../core/budget/spending.ts";
import type { UpstreamReport } from "../../core/protocol/upstream-view.ts";
import { configSecret, testBundle } from "../support/bundle.ts";
import { oldStateConfig, openInRegion, requestsPerHour, spent } from "../support/old-state/config.ts";
import { copyOldState, savedRows } from "../support/old-state/open.ts";
import { adminToken, weirSecret } from "../support/stack.ts";

let folder: string;
let before: ReadonlyMap<string, unknown>;
let after: ReadonlyMap<string, unknown>;
let views: readonly UpstreamReport[];

const ofUpstream = (name: string) => views.find((view) => view.name === name) ?? expect.fail(`no ${name}`);
const ofOrigin = (name: string) =>
  originsOf(views).find((origin) => origin.name === name) ?? expect.fail(`no ${name}`);

beforeAll(async () => {
  // The budget is one hour's, and is to be looked at within that.
  while (Date.now() % periods.hour > periods.hour - 30_000) await sleep(1_000);
  folder = await mkdtemp(join(tmpdir(), "weir-old-state-"));
  const stateDir = join(folder, "state");
  await copyOldState(stateDir);
  before = await savedRows(stateDir);
  const weir = await launchWeir({
    bundleDir: await testBundle("shipped", folder),
    stateDir,
    secrets: {
      // Nothing is sent to the origins.
      ...configSecret(oldStateConfig(() => "http://127.0.0.1:9")),
      WEIR_ADMIN_TOKEN: adminToken,
      WEIR_SECRET: weirSecret,
    },
  });
  views = await adminClient(weir.urls[0] ?? "", adminToken).upstreams();
  await weir.stop();
  after = await savedRows(stateDir);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("each object has one incarnation more", () => {
  expect(before.get("epoch")).toBe(1);
  expect(after.get("epoch")).toBe(2);
});

test("a session that came back is bound where it was", () => {
  expect(ofOrigin("a")).toMatchObject({ sessions: 1 });
});

test("a drain goes on", () => {
  expect(ofOrigin("b")).toMatchObject({ operator: "draining", available: false });
  expect(ofOrigin("a")).toMatchObject({ operator: "up" });
});

test("what was spent of a budget is spent", () => {
  const cloud = ofUpstream("shop").pools.find(({ name }) => name === "cloud");
  expect(cloud?.budget?.requestsPerHour).toMatchObject({ limit: requestsPerHour, spent });
});

test("a region's object may still have as many slots as its ceiling says", () => {
  expect(before.get("ceiling/@weur/1")).toMatchObject({ slots: { r: expect.any(Number) } });
  expect(after.get("ceiling/@weur/1")).toEqual(before.get("ceiling/@weur/1"));
  expect(ofOrigin("r").inFlight).toBeGreaterThanOrEqual(openInRegion);
});

test("the ceilings of isolates that ended with their process are gone", () => {
  const isolates = (rows: ReadonlyMap<string, unknown>) =>
    [...rows.keys()].filter((key) => key.startsWith("ceiling/") && !key.startsWith("ceiling/@"));
  expect(isolates(before)).not.toEqual([]);
  expect(isolates(after)).toEqual([]);
});
