/** The way to an upstream's objects: its own, and those of its regions. */
import {
  placedAt,
  type LocationHint,
  type ObjectOptions,
  type Remote,
} from "../../core/protocol/object-namespace.ts";
import type { UpstreamObject } from "../../core/protocol/upstream-object.ts";
import type { ActiveUpstream } from "../active-config.ts";
import type { Env } from "../env.ts";

/** Which object, and how it is called. */
export interface ObjectAddress {
  readonly name: string;
  readonly options: ObjectOptions;
}

/** Where the upstream's object is, or the one in a region: names of upstreams have no `@`. */
export function objectAddress(
  { name, location }: ActiveUpstream["config"],
  region?: LocationHint,
  options: ObjectOptions = {},
): ObjectAddress {
  return {
    name: region === undefined ? name : `${name}@${region}`,
    options: { ...options, ...placedAt(region ?? location) },
  };
}

/** A stub of its own for each call: none can be used again after it has failed, nor by another request. */
export function stubAt(env: Env, { name, options }: ObjectAddress): Remote<UpstreamObject> {
  return env.UPSTREAM_STATE.getByName(name, options);
}

/** The upstream's own object. */
export function upstreamStub(env: Env, { config }: ActiveUpstream): Remote<UpstreamObject> {
  return stubAt(env, objectAddress(config));
}
