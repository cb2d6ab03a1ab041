/** Builders: an upstream with everything a rule asks of it, changed only where a test cares. */
import type { Origin, Pool, Upstream } from "../../core/upstream.ts";

export function origin(name: string, options: Partial<Omit<Origin, "name">> = {}): Origin {
  return { name, weight: 1, backup: false, ...options };
}

export function pool(name: string, origins: readonly Origin[]): Pool {
  return { name, origins };
}

export function upstream(options: Partial<Upstream> & Pick<Upstream, "pools">): Upstream {
  return {
    name: "shop",
    policy: "least_conn",
    health: {
      method: "GET",
      path: "/",
      headers: {},
      expect: [{ from: 200, to: 399 }],
      intervalMs: 1_000,
      timeoutMs: 500,
      jitter: 0,
      rise: 2,
      fall: 3,
    },
    passive: { failures: 5, ejectMs: 30_000, maxEjectMs: 300_000 },
    timeouts: { headersMs: 5_000, totalMs: 30_000, maxHoldMs: 60_000 },
    retries: { attempts: 1, on: ["connect", "timeout", "502", "503", "504"], budget: 0.2 },
    ...options,
  };
}
