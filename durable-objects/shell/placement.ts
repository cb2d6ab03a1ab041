/** Objects do not move after they are created: every `get` says where, so that the first one decides rightly. */
import type { ObjectOptions } from "../../core/protocol/object-namespace.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";

export function placement({ location }: UpstreamConfig): ObjectOptions {
  return location === undefined ? {} : { locationHint: location };
}
