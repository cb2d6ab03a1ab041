/** What an answer weighs, where its pool is paid by that (`cost.perGb`): it goes on the pool's bill while it passes. */
import type { ActiveUpstream } from "../../active-config.ts";
import type { UpstreamClient } from "../../objects/upstream-client.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";

type ServedPick = Pick<OriginResponse, "pick">;

export function isPaidByWeight(
  { pick }: ServedPick,
  { upstream }: { readonly upstream: ActiveUpstream },
): boolean {
  const pool = upstream.config.pools.find(({ name }) => name === pick.pool);
  return pool?.cost !== undefined && pool.cost.perGb > 0;
}

/** Puts on the pool's bill what the body has weighed since it was asked last. */
export function scales(
  { pick }: ServedPick,
  { client }: { readonly client: UpstreamClient },
  bytes: () => number,
): () => void {
  let billed = 0;
  return () => {
    const more = bytes() - billed;
    if (more > 0) client.holder.count("bytes", { pool: pick.pool }, more);
    billed += more;
  };
}
