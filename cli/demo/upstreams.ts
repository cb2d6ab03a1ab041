/**
 * The upstreams of the demo: the config of `npm start`, with shorter times, so that two minutes are enough for the demo. Origins are
 * probed each second, attempts time out after two, and requests may be retried twice, so that even the loss of all home origins at once
 * costs no client an error.
 */
import type { WeirOrigin, WeirPool, WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { instance, mostInstances, type Cloud } from "./cloud.ts";
import type { SiteName } from "./demo-config.ts";

export const headersTimeoutMs = 2000;
export const priceMs = 40;
export const requestsPerHour = 100;

type PoolOf = (site: SiteName, pool: string) => { name: string; origins: WeirOrigin[] };

const impatient = {
  health: { path: "/healthz", interval: "1s", timeout: "500ms", rise: 2, fall: 2 },
  timeouts: { headers: `${headersTimeoutMs}ms`, total: "30s" },
} as const;

/** One for each site, by its name. `poolOf`: the origins that run. */
export function upstreamsOf(poolOf: PoolOf, cloud: Cloud): Record<SiteName, WeirUpstreamConfig> {
  const pools = (site: SiteName, later: Omit<WeirPool, "name" | "origins"> = {}): WeirPool[] => [
    poolOf(site, "on-prem"),
    { ...poolOf(site, "cloud"), ...later },
  ];
  return {
    shop: { pools: pools("shop", { price: `${priceMs}ms` }), queue: true, ...impatient },
    members: { pools: pools("members"), sticky: true, burst, ...impatient },
    metered: {
      pools: pools("metered", { budget: { requestsPerHour, whenUsedUp: "queue" } }),
      queue: { timeout: "10s" },
      ...impatient,
    },
    growing: {
      pools: pools("growing", {
        register: {
          secret: cloud.registerSecret,
          urls: ["http://127.0.0.1:*"],
          every: "1s",
          maxConns: instance.slots,
        },
      }),
      autoscale: {
        slots: instance.slots,
        startsIn: `${instance.startsInMs}ms`,
        shrinkAfter: "3s",
        max: mostInstances,
        webhook: { url: cloud.url, secret: cloud.orderSecret },
      },
      queue: { timeout: "10s" },
      slowStart: "1s",
      ...impatient,
    },
  };
}

const burst = {
  enter: { utilisation: 0.9, for: "2s" },
  exit: { utilisation: 0.7, for: "2s" },
  minHold: "3s",
  sessions: { moveWithin: "3s" },
} as const;
