/**
 * The cron trigger's work, every minute: an alarm that was lost is armed again, and where the last round of
 * probes is stale all the same, this isolate probes and reports itself.
 */
import { isStale } from "../core/probes/schedule.ts";
import { placedAt } from "../core/protocol/object-namespace.ts";
import type { ActiveUpstream } from "./active-config.ts";
import type { Isolate } from "./isolate.ts";
import { upstreamStub } from "./objects/upstream-stub.ts";
import type { Env } from "./env.ts";
import { logEvent } from "./telemetry/log-event.ts";
import { probeOrigins } from "./transport/probe.ts";

export async function watch(isolate: Isolate, env: Env): Promise<void> {
  const active = await isolate.config(env);
  if (!active.ok) return;
  await Promise.all([...active.upstreams.values()].map((upstream) => watchUpstream(upstream, env)));
}

async function watchUpstream(upstream: ActiveUpstream, env: Env): Promise<void> {
  const { name, health } = upstream.config;
  try {
    const lastEndedMs = await lastRoundMs(upstream, env);
    if (health === undefined || !isStale(health, lastEndedMs, Date.now())) return;
    logEvent({ event: "probes-stale", upstream: name, lastEndedMs: lastEndedMs ?? null });
    const results = await probeOrigins(upstream.config, health, upstream.section, env);
    await upstreamStub(env, upstream).probed(upstream.section, results);
  } catch (error) {
    logEvent({ event: "watchdog-failed", upstream: name, detail: String(error) });
  }
}

/** When the prober's last round ended; `undefined` if it never did, or if the prober itself is lost. */
async function lastRoundMs({ config, section }: ActiveUpstream, env: Env): Promise<number | undefined> {
  const { name, location } = config;
  try {
    const prober = env.PROBER.getByName(name, placedAt(location));
    return (await prober.watch(section))?.endedMs;
  } catch (error) {
    logEvent({ event: "prober-lost", upstream: name, detail: String(error) });
    return undefined;
  }
}
