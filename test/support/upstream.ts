/** Builders: an upstream with everything a rule asks of it, changed only where a test cares. */
import type { OriginStatus } from "../../core/model/origin-status.ts";
import type { Origin, Pool, Upstream } from "../../core/model/upstream.ts";
import type { Candidate } from "../../core/selection/policy.ts";

export function origin(name: string, options: Partial<Omit<Origin, "name">> = {}): Origin {
  return { name, weight: 1, backup: false, ...options };
}

export function pool(
  name: string,
  origins: readonly Origin[],
  bill: Pick<Pool, "cost" | "budget"> = {},
): Pool {
  return { name, origins, ...bill };
}

/** An origin that can take a request. */
export function status(options: Partial<OriginStatus> = {}): OriginStatus {
  return { healthy: true, operator: "up", inFlight: 0, ...options };
}

export function candidate(name: string, weight = 1, inFlight = 0): Candidate {
  return { name, weight, inFlight };
}

/** Idle candidates `a`, `b`, `c` … of these weights. */
export function weighted(...weights: readonly number[]): Candidate[] {
  return weights.map((weight, index) => candidate(String.fromCodePoint(97 + index), weight));
}

export function upstream(options: Partial<Upstream> & Pick<Upstream, "pools">): Upstream {
  return {
    name: "shop",
    policy: { name: "least_conn" },
    coordination: "strict",
    onCoordinatorLoss: "refuse",
    regions: [],
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
    timeouts: { headersMs: 5_000, totalMs: 30_000, maxHoldMs: 60_000, exchangeMs: 5_000 },
    retries: {
      attempts: 1,
      on: ["connect", "timeout", "502", "503", "504"],
      budget: 0.2,
      nonIdempotent: false,
    },
    ...options,
  };
}
