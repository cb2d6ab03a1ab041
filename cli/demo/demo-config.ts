/**
 * The demo's site: origin-sim's default fleet on free ports, and the config in front of it. It is the config of
 * `npm start` made impatient, so that a minute is enough for the story: it probes each second, gives up on silence
 * after two, and may try twice more, so that even the loss of all home origins at once costs nobody an error.
 */
import { defaultFleet, startFleet, type RunningFleet } from "../../origin-sim/fleet.ts";
import { slotsOf } from "../../origin-sim/model/spec.ts";
import type { WeirConfig } from "../../worker/config/weir-config.ts";

export interface Site {
  readonly fleet: RunningFleet;
  readonly config: WeirConfig;
  readonly facts: SiteFacts;
}

/** What the promises are about. */
export interface SiteFacts {
  readonly homePool: string;
  /** By origin: its pool and the slots that Weir may use of it. */
  readonly origins: ReadonlyMap<string, { readonly pool: string; readonly maxConns: number }>;
  readonly headersTimeoutMs: number;
}

const headersTimeoutMs = 2000;

/** Starts the origins and makes the config for them. */
export async function openSite(): Promise<Site> {
  const wanted = defaultFleet().map((origin) => Object.assign(origin, { port: 0 }));
  const origins = new Map(
    wanted.map(({ name, pool = name, spec }) => [name, { pool, maxConns: slotsOf(spec) }]),
  );
  const fleet = await startFleet({ origins: wanted, controlPort: 0 });
  const pools = [...new Set([...origins.values()].map(({ pool }) => pool))];
  const config: WeirConfig = {
    target: "workerd",
    upstreams: {
      shop: {
        pools: pools.map((pool) => ({
          name: pool,
          origins: fleet.origins
            .filter((origin) => origin.pool === pool)
            .map(({ name, url }) => ({ name, url, maxConns: origins.get(name)?.maxConns ?? 1 })),
        })),
        health: { path: "/healthz", interval: "1s", timeout: "500ms", rise: 2, fall: 2 },
        timeouts: { headers: `${headersTimeoutMs}ms`, total: "30s" },
      },
    },
    routes: [{ upstream: "shop" }],
  };
  return { fleet, config, facts: { homePool: pools[0] ?? "", origins, headersTimeoutMs } };
}
