/** The way to an upstream's objects: its own, and those of its regions. */
import type { UpstreamState } from "../../durable-objects/weir-upstream.ts";
import type { ActiveUpstream } from "../active-config.ts";
import type { LocationHint } from "../config/config.ts";
import type { Env } from "../env.ts";

/** Which object, and how it is called. */
export interface ObjectAddress {
  readonly name: string;
  readonly options: DurableObjectNamespaceGetDurableObjectOptions;
}

/**
 * Where the upstream's object is, or the one in a region: names of upstreams have no `@`. Every `get` says where it lives:
 * objects do not move after they are created.
 */
export function objectAddress(
  { name, location }: ActiveUpstream["config"],
  region?: LocationHint,
  options: DurableObjectNamespaceGetDurableObjectOptions = {},
): ObjectAddress {
  const place = region ?? location;
  return {
    name: region === undefined ? name : `${name}@${region}`,
    options: { ...options, ...(place === undefined ? {} : { locationHint: place }) },
  };
}

/** A stub of its own for each call: none can be used again after it has failed, nor by another request. */
export function stubAt(env: Env, { name, options }: ObjectAddress): DurableObjectStub<UpstreamState> {
  return env.UPSTREAM_STATE.getByName(name, options);
}

/** The upstream's own object. */
export function upstreamStub(env: Env, { config }: ActiveUpstream): DurableObjectStub<UpstreamState> {
  return stubAt(env, objectAddress(config));
}
