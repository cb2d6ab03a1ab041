/**
 * The demo's sites: origins on free ports, and the config in front of them (`upstreams.ts`). The shop is origin-sim's default
 * fleet. The others are small, and there for one part of the story each: sessions in a burst, a cloud with a budget, and one that
 * grows.
 */
import { defaultFleet, startFleet, type RunningFleet } from "../../origin-sim/fleet.ts";
import { slotsOf, type OriginSpec } from "../../origin-sim/model/spec.ts";
import type { OriginOptions } from "../../origin-sim/server.ts";
import type { WeirConfig, WeirOrigin } from "../../worker/config/weir-config.ts";
import { instance, instanceNames, type Cloud } from "./cloud.ts";
import { headersTimeoutMs, priceMs, requestsPerHour, upstreamsOf } from "./upstreams.ts";

const siteNames = ["shop", "members", "metered", "growing"] as const;
export type SiteName = (typeof siteNames)[number];

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

/** Starts the origins, and makes the config for them and for the instances of the cloud. */
export async function openSite(cloud: Cloud): Promise<Site> {
  const wanted = wantedOrigins();
  const fleet = await startFleet({ origins: wanted.map(({ options }) => options), controlPort: 0 });
  const origins = new Map<string, OriginFacts>(
    wanted.map(({ site, options: { name, pool = name, spec } }) => [
      name,
      { site, pool, maxConns: slotsOf(spec) },
    ]),
  );
  for (const name of instanceNames)
    origins.set(name, { site: "growing", pool: "cloud", maxConns: instance.slots });
  const poolOf = (site: SiteName, pool: string): { name: string; origins: WeirOrigin[] } => ({
    name: pool,
    origins: fleet.origins.flatMap(({ name, url }) => {
      const facts = origins.get(name);
      return facts?.site === site && facts.pool === pool ? [{ name, url, maxConns: facts.maxConns }] : [];
    }),
  });
  const config: WeirConfig = {
    target: "workerd",
    upstreams: upstreamsOf(poolOf, cloud),
    routes: siteNames.map((site) => ({ host: hostOf(site), upstream: site })),
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

/**
 * What a page of the shop takes. Between two requests a slot is idle for the few milliseconds that the word of the one's end and
 * the other's way to it take, on a machine that serves crowd, origins and Weir alike: of a page of 80 ms that is a fifteenth.
 */
const shopPage = { kind: "lognormal", meanMs: 160, cv: 0.5 } as const;

/** The shop has six; of the others each has one at home, and in the cloud, unless it is to grow there. All are of the same kinds. */
function wantedOrigins(): WantedOrigin[] {
  const shop = defaultFleet().map((options): WantedOrigin => ({
    site: "shop",
    options: { ...options, port: 0, spec: { ...options.spec, serviceTime: shopPage } },
  }));
  const kinds = new Map<string, OriginSpec>(defaultFleet().map(({ pool = "", spec }) => [pool, spec]));
  const small = (site: SiteName): WantedOrigin[] =>
    [...kinds].map(([pool, spec], index) => ({
      site,
      options: { name: `${site}-${pool}`, pool, port: 0, spec, seed: index },
    }));
  return [...shop, ...small("members"), ...small("metered"), ...small("growing").slice(0, 1)];
}
