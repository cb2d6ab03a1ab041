/** How long it is worth waiting for a site's home, looked at ten times a second: by that its requests decide (docs/bursting.md). */
import { setTimeout as sleep } from "node:timers/promises";
import type { AdminClient } from "../local/admin-client.ts";
import type { SiteName } from "./demo-config.ts";

const everyMs = 100;

/** Looks until the signal aborts. The returned function tells, in milliseconds, what was seen last; `undefined`: no request waits yet. */
export function watchWorth(admin: AdminClient, site: SiteName, until: AbortSignal): () => number | undefined {
  let latestMs: number | undefined;
  const look = async (): Promise<void> => {
    while (!until.aborted) {
      const upstreams = await admin.upstreams();
      latestMs = upstreams.find(({ name }) => name === site)?.queue?.worthMs ?? latestMs;
      await sleep(everyMs);
    }
  };
  // If Weir cannot be asked, the scene says so.
  void look().catch(() => undefined);
  return () => latestMs;
}
