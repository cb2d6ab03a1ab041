/** The way to an upstream's object. */
import type { UpstreamState } from "../../durable-objects/upstream-state.ts";
import type { ActiveUpstream } from "../config/active.ts";
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
