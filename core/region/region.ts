/** The names of regions as holders at the root. */
import type { HolderId } from "../protocol/exchange.ts";
import type { Upstream } from "../model/upstream.ts";

/** What the region's object is called as a holder. A new incarnation takes the place of those before it. */
export function regionHolder(region: string, epoch: number): HolderId {
  return `@${region}/${epoch}`;
}

/** What all incarnations of a region's object have in common; `undefined` for an isolate. */
export function regionOf(holder: HolderId): string | undefined {
  return holder.startsWith("@") ? holder.slice(0, holder.lastIndexOf("/")) : undefined;
}

/**
 * What of the config a region's object goes by: it passes judgement on nobody, and finds nothing out. That is the root's, who hears
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
