/** The way to an upstream's objects: its own, and those of its regions. */
import type { UpstreamState } from "../../durable-objects/upstream-state.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { LocationHint } from "../config/config.ts";
import type { Env } from "../env.ts";

/** The upstream's object. Every `get` says where it lives: objects do not move after they are created. */
export function upstreamStub(
  env: Env,
  { config }: ActiveUpstream,
  options: DurableObjectNamespaceGetDurableObjectOptions = {},
): DurableObjectStub<UpstreamState> {
  const { name, location } = config;
  const place = location === undefined ? {} : { locationHint: location };
  return env.UPSTREAM_STATE.getByName(name, { ...options, ...place });
}

/** The upstream's object in a region. Names of upstreams have no `@`. */
export function regionStub(
  env: Env,
  { config }: ActiveUpstream,
  region: LocationHint,
  options: DurableObjectNamespaceGetDurableObjectOptions = {},
): DurableObjectStub<UpstreamState> {
  return env.UPSTREAM_STATE.getByName(`${config.name}@${region}`, { ...options, locationHint: region });
}
