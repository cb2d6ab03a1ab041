/** A scenario as an upstream of core's: what the object and its holders are configured with. */
import type { Coordination, Millis, Origin, Policy, Upstream } from "../../../../core/model/upstream.ts";
import type { Sizing } from "../../../engine/growing-pools.ts";
import type { Scenario, ServerSpec } from "../../../scenario/scenario.ts";

/** A request without a timeout is over by then, as in Weir's own config. */
const totalMs: Millis = 30_000;

export interface UpstreamOptions {
  readonly policy: Policy;
  readonly coordination: Coordination;
  /** There is an object in each region of the scenario, and not only the one. */
  readonly regional?: boolean;
  /** What says how large pools are that grow; absent: Weir. */
  readonly sizing?: Sizing;
}

export function upstreamOf(
  scenario: Scenario,
  { policy, coordination, regional = false, sizing = "ordered" }: UpstreamOptions,
): Upstream {
  const { requests, network, health, weir } = scenario;
  const timeoutMs = Math.min(totalMs, requests.timeoutMs);
  return {
    name: scenario.name,
    policy,
    coordination,
    regions: regional ? scenario.regions.map(({ name }) => name) : [],
    onCoordinatorLoss: "exceed",
    pools: scenario.pools.map(({ name, capacity, priceMs }, pool) => ({
      name,
      ...(capacity && { capacity }),
      priceMs,
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
    retries: { ...requests.retries, on: ["connect", "timeout", "502", "503", "504"], nonIdempotent: false },
    // As in Weir's own config, there is no queue beside regions.
    ...(weir.queue && !regional && { queue: weir.queue }),
    ...(weir.burst && { burst: weir.burst }),
    ...(sizing === "ordered" && autoscaleOf(scenario)),
  };
}

/** For the first pool that grows. An instance takes as many requests at once as one of the pool's servers. */
function autoscaleOf({ pools, servers }: Scenario): Pick<Upstream, "autoscale"> {
  const growing = pools.find(({ scaling }, pool) => pool > 0 && scaling !== undefined);
  if (growing?.scaling === undefined) return {};
  const { name, coldStartMs, scaling } = growing;
  const instances = servers.filter(({ pool }) => pools[pool] === growing);
  const slots = instances[0]?.maxConns;
  if (slots === undefined) return {};
  const startsInMs = scaling.delayMs + coldStartMs;
  const { min, reserve } = scaling;
  return { autoscale: { pool: name, slots, startsInMs, min, max: instances.length, reserve } };
}

function originOf({ name, weight, maxConns }: ServerSpec): Origin {
  const origin = { name, weight, backup: false };
  return maxConns === undefined ? origin : { ...origin, maxConns };
}
