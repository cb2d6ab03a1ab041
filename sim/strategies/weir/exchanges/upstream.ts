/** A scenario as an upstream of core's: what the object and its holders are configured with. */
import type { Coordination, Millis, Origin, Policy, Upstream } from "../../../../core/upstream.ts";
import type { Scenario, ServerSpec } from "../../../scenario/scenario.ts";

/** A request without a timeout is over by then, as in Weir's own config. */
const totalMs: Millis = 30_000;

export interface UpstreamOptions {
  readonly policy: Policy;
  readonly coordination: Coordination;
  /** There is an object in each region of the scenario, and not only the one. */
  readonly regional?: boolean;
}

export function upstreamOf(
  scenario: Scenario,
  { policy, coordination, regional = false }: UpstreamOptions,
): Upstream {
  const { requests, network, health } = scenario;
  const timeoutMs = Math.min(totalMs, requests.timeoutMs);
  return {
    name: scenario.name,
    policy,
    coordination,
    regions: regional ? scenario.regions.map(({ name }) => name) : [],
    onCoordinatorLoss: "exceed",
    pools: scenario.pools.map(({ name, capacity }, pool) => ({
      name,
      ...(capacity && { capacity }),
      origins: scenario.servers.filter((server) => server.pool === pool).map(originOf),
    })),
    ...(health.active && {
      health: {
        method: "GET",
        path: "/",
        headers: {},
        expect: [{ from: 200, to: 299 }],
        timeoutMs: health.active.intervalMs,
        jitter: 0,
        ...health.active,
      },
    }),
    ...(health.passive && { passive: health.passive }),
    timeouts: {
      headersMs: Math.min(timeoutMs, requests.attemptTimeoutMs),
      totalMs: timeoutMs,
      maxHoldMs: timeoutMs,
      exchangeMs: network.coordinatorTimeoutMs,
    },
    retries: { ...requests.retries, on: ["connect", "timeout", "502", "503", "504"] },
  };
}

function originOf({ name, weight, maxConns }: ServerSpec): Origin {
  const origin = { name, weight, backup: false };
  return maxConns === undefined ? origin : { ...origin, maxConns };
}
