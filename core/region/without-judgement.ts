/** The names of regions as holders at the root. */
import type { Upstream } from "../model/upstream.ts";

/**
 * The part of the config that a region's object goes by: it judges no origin and finds out no capacity. The root does both, because it hears
 * of all requests.
 */
export function withoutJudgement({ pools, ...upstream }: Upstream): Upstream {
  const { passive: _passive, health: _health, slowStartMs: _slowStart, ...unjudged } = upstream;
  const { burst: _burst, autoscale: _autoscale, sticky, ...rest } = unjudged;
  return {
    ...rest,
    ...(sticky && { sticky: { ...sticky, homecoming: false } }),
    pools: pools.map(({ capacity: _capacity, ...pool }) => pool),
  };
}
