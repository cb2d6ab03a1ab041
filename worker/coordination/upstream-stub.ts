/** The way to an upstream's objects: its own, and those of its regions. */
import type { UpstreamState } from "../../durable-objects/upstream-state.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { LocationHint } from "../config/config.ts";
import type { Env } from "../env.ts";

/**
 * The upstream's object, or the one in a region: names of upstreams have no `@`. Every `get` says where it lives: objects do
 * not move after they are created.
 */
export function upstreamStub(
  env: Env,
  { config }: ActiveUpstream,
  {
    region,
    ...options
  }: DurableObjectNamespaceGetDurableObjectOptions & {
    readonly region?: LocationHint | undefined;
  } = {},
): DurableObjectStub<UpstreamState> {
  const { name, location } = config;
  const place = region ?? location;
  return env.UPSTREAM_STATE.getByName(region === undefined ? name : `${name}@${region}`, {
    ...options,
    ...(place === undefined ? {} : { locationHint: place }),
  });
}
