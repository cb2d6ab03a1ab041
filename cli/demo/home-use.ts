/** How full a site's home is, looked at fifty times a second by its origins' own count. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningFleet } from "../../origin-sim/fleet.ts";
import type { SiteFacts, SiteName } from "./demo-config.ts";

export interface HomeUse {
  /** By `performance.now()`. */
  readonly atMs: number;
  /** Open requests over slots, 0–1. */
  readonly share: number;
}

const everyMs = 20;

/** Looks until the signal aborts; what it sees is added to the list that is returned. */
export function watchHome(
  { fleet, site: { origins, homePool } }: { readonly fleet: RunningFleet; readonly site: SiteFacts },
  site: SiteName,
  until: AbortSignal,
): readonly HomeUse[] {
  const seen: HomeUse[] = [];
  const home = fleet.origins.filter(({ name }) => {
    const facts = origins.get(name);
    return facts?.site === site && facts.pool === homePool;
  });
  const slots = home.reduce((sum, { name }) => sum + (origins.get(name)?.maxConns ?? 0), 0);
  const look = async (): Promise<void> => {
    while (!until.aborted) {
      const open = home.reduce((sum, origin) => sum + origin.stats().open, 0);
      seen.push({ atMs: performance.now(), share: open / slots });
      await sleep(everyMs);
    }
  };
  void look();
  return seen;
}
