/** Objects do not move after they are created: every `get` says where, so that the first one decides rightly. */
import type { UpstreamConfig } from "../../worker/config/config.ts";

export function placement({ location }: UpstreamConfig): DurableObjectNamespaceGetDurableObjectOptions {
  return location === undefined ? {} : { locationHint: location };
}
