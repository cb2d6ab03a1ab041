/**
 * Waits for the probes' first verdicts, so that what `weir start` shows is true. What the objects remember of an earlier
 * run may not be: an origin that was unhealthy then gets as many rounds as it takes to become healthy.
 */
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import type { Config } from "../../worker/config/sections/config.ts";
import { awaitUpstreams, originsOf, type AdminClient } from "./admin-client.ts";

/** The longest that starting waits. */
const deadlineMs = 10_000;

/** Resolves when the probed upstreams' health is known, or the deadline has come. The first call makes the probers start. */
export async function awaitVerdicts(
  admin: AdminClient,
  { upstreams }: Config,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waits = upstreams.flatMap(({ name, health }) =>
    health === undefined ? [] : [{ name, rise: health.rise, rounds: new Set<number>() }],
  );
  const settled = (views: readonly UpstreamView[]): boolean[] =>
    waits.map(({ name, rise, rounds }) => {
      const view = views.find((candidate) => candidate.name === name);
      if (view === undefined || view.probedMs === null) return false;
      rounds.add(view.probedMs);
      const verdicts = new Set(originsOf([view]).map(({ health }) => health));
      return !verdicts.has("unknown") && (!verdicts.has("unhealthy") || rounds.size >= rise);
    });
  await awaitUpstreams(admin, (views) => settled(views).every(Boolean), deadlineMs, signal);
}
