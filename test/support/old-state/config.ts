/** The config under which `write.ts` had an earlier version write the state, and under which `test/e2e/old-state.test.ts` opens it. */
import type { WeirConfig } from "../../../worker/config/weir-config.ts";

/** How many requests of the hour's budget were spent, and of how many. */
export const spent = 4;
export const requestsPerHour = 10;

/** How many slots of the origin `r` a region's object had open. */
export const openInRegion = 3;

/** `shop`: sessions, a drain and a budget; `world`: a region, whose object is a holder that outlives a process. */
export function oldStateConfig(urlOf: (origin: string) => string): WeirConfig {
  const origin = (name: string, maxConns: number) => ({ name, url: urlOf(name), maxConns });
  return {
    target: "workerd",
    upstreams: {
      shop: {
        pools: [
          { name: "home", origins: [origin("a", 1), origin("b", 1)] },
          { name: "cloud", origins: [origin("c", 50)], budget: { requestsPerHour } },
        ],
        sticky: { ttl: "24h", idle: "24h" },
        coordination: "strict",
        health: false,
        timeouts: { exchange: "10s" },
      },
      world: {
        pools: [{ name: "home", origins: [origin("r", 8)] }],
        regions: ["weur"],
        coordination: "strict",
        health: false,
        timeouts: { exchange: "10s" },
      },
    },
    routes: ["shop", "world"].map((name) => ({ host: `${name}.test`, upstream: name, debug: true })),
  };
}
