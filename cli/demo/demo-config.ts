/**
 * The demo's sites, on free ports, and the config in front of them. The shop is origin-sim's default fleet, with the config
 * of `npm start` made impatient, so that two minutes are enough for the story: it probes each second, gives up on silence
 * after two, and may try twice more, so that even the loss of all home origins at once costs nobody an error. The other two are
 * small, and there for one part of the story each: sessions in a burst, and a cloud with a budget.
 */
import { defaultFleet, startFleet, type RunningFleet } from "../../origin-sim/fleet.ts";
import { slotsOf, type OriginSpec } from "../../origin-sim/model/spec.ts";
import type { OriginOptions, RunningOrigin } from "../../origin-sim/server.ts";
import type { WeirConfig, WeirOrigin, WeirUpstream } from "../../worker/config/weir-config.ts";

export type SiteName = "shop" | "members" | "metered";

export interface Site {
  readonly fleet: RunningFleet;
  readonly config: WeirConfig;
  readonly facts: SiteFacts;
}

/** What the promises are about. */
export interface SiteFacts {
  readonly homePool: string;
  readonly origins: ReadonlyMap<string, OriginFacts>;
  readonly headersTimeoutMs: number;
  /** How much longer than in the cloud a request of the shop may wait at home, at most (the cloud's `price`). */
  readonly priceMs: number;
  /** What the cloud of the metered site may be asked for. */
  readonly requestsPerHour: number;
}

export interface OriginFacts {
  readonly site: SiteName;
  readonly pool: string;
  /** The slots that Weir may use of it. */
  readonly maxConns: number;
}

const headersTimeoutMs = 2000;
const priceMs = 40;
const requestsPerHour = 100;

const health = { path: "/healthz", interval: "1s", timeout: "500ms", rise: 2, fall: 2 } as const;
const timeouts = { headers: `${headersTimeoutMs}ms`, total: "30s" } as const;

/** Starts the origins and makes the config for them. */
export async function openSite(): Promise<Site> {
  const wanted = [...shopOrigins(), ...smallSite("members"), ...smallSite("metered")];
  const fleet = await startFleet({ origins: wanted.map(({ options }) => options), controlPort: 0 });
  const origins = new Map(
    wanted.map(({ site, options: { name, pool = name, spec } }) => [
      name,
      { site, pool, maxConns: slotsOf(spec) },
    ]),
  );
  const originsAt = (site: SiteName, pool: string): WeirOrigin[] =>
    fleet.origins
      .filter(({ name }) => origins.get(name)?.site === site && origins.get(name)?.pool === pool)
      .map(({ name, url }: RunningOrigin) => ({ name, url, maxConns: origins.get(name)?.maxConns ?? 1 }));
  const home = (site: SiteName) => ({ name: "on-prem", origins: originsAt(site, "on-prem") });
  const cloud = (site: SiteName) => ({ name: "cloud", origins: originsAt(site, "cloud") });
  const shop: WeirUpstream = {
    pools: [home("shop"), { ...cloud("shop"), price: `${priceMs}ms` }],
    queue: true,
    health,
    timeouts,
  };
  const members: WeirUpstream = {
    pools: [home("members"), cloud("members")],
    sticky: true,
    burst: {
      enter: { utilisation: 0.9, for: "2s" },
      exit: { utilisation: 0.7, for: "2s" },
      minHold: "3s",
      sessions: { moveWithin: "3s" },
    },
    health,
    timeouts,
  };
  const metered: WeirUpstream = {
    pools: [home("metered"), { ...cloud("metered"), budget: { requestsPerHour, whenUsedUp: "queue" } }],
    queue: { timeout: "10s" },
    health,
    timeouts,
  };
  const config: WeirConfig = {
    target: "workerd",
    upstreams: { shop, members, metered },
    routes: [
      { host: hostOf("members"), upstream: "members" },
      { host: hostOf("metered"), upstream: "metered" },
      { upstream: "shop" },
    ],
  };
  const facts = { homePool: "on-prem", origins, headersTimeoutMs, priceMs, requestsPerHour };
  return { fleet, config, facts };
}

/** The host that a site's clients ask for. */
export const hostOf = (site: SiteName): string => `${site}.test`;

interface WantedOrigin {
  readonly site: SiteName;
  readonly options: OriginOptions;
}

const shopOrigins = (): WantedOrigin[] =>
  defaultFleet().map((options) => ({ site: "shop", options: { ...options, port: 0 } }));

/** One origin at home and one in the cloud, of the same kinds as the shop's. */
function smallSite(site: SiteName): WantedOrigin[] {
  const kinds = new Map<string, OriginSpec>(defaultFleet().map(({ pool = "", spec }) => [pool, spec]));
  return [...kinds].map(([pool, spec], index) => ({
    site,
    options: { name: `${site}-${pool}`, pool, port: 0, spec, seed: index },
  }));
}
