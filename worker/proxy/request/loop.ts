/**
 * Requests that have come around: an origin's URL may lead, over a name, a tunnel or another proxy, back to Weir, and each
 * round would take a slot of each origin on the way until none is left. RFC 8586 has the cure: a proxy that passes a request on puts its
 * own name into CDN-Loop, and no proxy takes one out. At the edge Cloudflare does so, and ends loops by itself (error 1019).
 *
 * The name stands for an upstream and where it leads to. So applications may well ask each other through one Weir and pass all
 * headers on, as long as none is asked again by the request that it made itself. It is no secret, for there is nothing to be
 * had by it: a client that puts it into its request only gets that request refused.
 */
import type { UpstreamConfig } from "../../config/sections/upstream.ts";
import { configHash } from "../../config/version.ts";

/** The name in CDN-Loop (RFC 8586 §2, a pseudonym) of an upstream. Equal for equal names of equal origins. */
export async function loopIdOf({ name, pools }: Pick<UpstreamConfig, "name" | "pools">): Promise<string> {
  const origins = pools.flatMap((pool) => pool.origins.map(({ url, via }) => ({ url, via })));
  return `weir-${await configHash({ name, origins })}`;
}

/** Whether CDN-Loop says that the request has passed here. */
export function hasPassed(cdnLoop: string, loopId: string): boolean {
  if (cdnLoop === "") return false;
  return cdnLoop.split(",").some((info) => info.split(";", 1)[0]?.trim() === loopId);
}
