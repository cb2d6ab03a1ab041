/** The cron trigger: what it mends, and what it does itself when mending is not enough. */
import {
  createExecutionContext,
  createScheduledController,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

import { WeirProber } from "../../durable-objects/weir-prober.ts";
import worker from "../../worker/index.ts";
import { patienceMs } from "../support/patience.ts";

async function cron(): Promise<void> {
  const ctx = createExecutionContext();
  await worker.scheduled(createScheduledController({ cron: "* * * * *" }), env);
  await waitOnExecutionContext(ctx);
}

test("where the last round is stale, the watchdog arms the prober and probes itself", async () => {
  const prober = env.PROBER.getByName("watched");
  await cron();
  // The prober stands still: its alarm is gone, and its last round long ago.
  await runInDurableObject(prober, async (_, state) => {
    await state.storage.deleteAlarm();
    state.storage.kv.put("lastRound", { endedMs: Date.now() - 600_000, results: [] });
  });
  await cron();
  // While the alarm runs, none is set.
  await vi.waitFor(
    () =>
      runInDurableObject(prober, async (_, state) => {
        expect(await state.storage.getAlarm()).not.toBeNull();
      }),
    patienceMs,
  );
  const api = await worker.fetch(
    new Request("http://watched.test/_weir/api/v1/upstreams", {
      headers: { Authorization: "Bearer admin-token-of-the-tests" },
    }),
    env,
    createExecutionContext(),
  );
  const { upstreams } = await api.json<{
    upstreams: { name: string; pools: { origins: { health: string }[] }[] }[];
  }>();
  const watched = upstreams.find(({ name }) => name === "watched");
  expect(watched?.pools[0]?.origins.map(({ health }) => health)).toEqual(["healthy", "healthy"]);
});

test("a prober parses its section once, however often its alarm rings", async () => {
  await cron();
  const prober = env.PROBER.getByName("watched");
  await runInDurableObject(prober, async (_, state) => {
    // To parse a section is to list the bindings, for their variables and secrets.
    let parses = 0;
    const ownKeys = (bindings: object): (string | symbol)[] => {
      parses += 1;
      return Reflect.ownKeys(bindings);
    };
    const again = new WeirProber(state, new Proxy<typeof env>(env, { ownKeys }));
    for (let round = 0; round < 3; round++) await again.alarm();
    expect(await state.storage.getAlarm()).not.toBeNull();
    expect(parses).toBe(1);
  });
});

test("a prober that no deployment asks for any more stops", async () => {
  const prober = env.PROBER.getByName("watched");
  await cron();
  await runInDurableObject(prober, (_, state) => {
    state.storage.kv.put("watchedMs", Date.now() - 3_600_000);
  });
  // Whether its alarm has rung by itself meanwhile or is rung here: it is not armed again.
  await runDurableObjectAlarm(prober);
  await vi.waitFor(
    () =>
      runInDurableObject(prober, async (_, state) => {
        expect(await state.storage.getAlarm()).toBeNull();
      }),
    patienceMs,
  );
  expect(await runDurableObjectAlarm(prober)).toBe(false);
});
