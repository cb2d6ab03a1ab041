/** The cron trigger: what it mends, and what it does itself when mending is not enough. */
import {
  createExecutionContext,
  createScheduledController,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import worker from "../../worker/index.ts";

async function cron(): Promise<void> {
  const ctx = createExecutionContext();
  await worker.scheduled(createScheduledController({ cron: "* * * * *" }), env);
  await waitOnExecutionContext(ctx);
}

test("where the last round is stale, the watchdog arms the prober and probes itself", async () => {
  const prober = env.PROBER.getByName("probed");
  await cron();
  // The prober stands still: its alarm is gone, and its last round long ago.
  await runInDurableObject(prober, async (_, state) => {
    await state.storage.deleteAlarm();
    state.storage.kv.put("lastRound", { endedMs: Date.now() - 600_000, results: [] });
  });
  await cron();
  await runInDurableObject(prober, async (_, state) => {
    expect(await state.storage.getAlarm()).not.toBeNull();
  });
  const api = await worker.fetch(
    new Request("http://probed.test/_weir/api/v1/upstreams", {
      headers: { Authorization: "Bearer admin-token-of-the-tests" },
    }),
    env,
    createExecutionContext(),
  );
  const { upstreams } = await api.json<{
    upstreams: { name: string; pools: { origins: { health: string }[] }[] }[];
  }>();
  const probed = upstreams.find(({ name }) => name === "probed");
  expect(probed?.pools[0]?.origins.map(({ health }) => health)).toEqual(["healthy", "healthy"]);
});
