import type { WeirProber } from "../../durable-objects/weir-prober.ts";
import type { WeirUpstream } from "../../durable-objects/weir-upstream.ts";
import type { Env as WeirEnv } from "../../worker/env.ts";

declare global {
  namespace Cloudflare {
    /** Tests look into the objects, so they know the classes behind the interfaces. */
    interface Env extends Omit<WeirEnv, "UPSTREAM_STATE" | "PROBER"> {
      readonly UPSTREAM_STATE: DurableObjectNamespace<WeirUpstream>;
      readonly PROBER: DurableObjectNamespace<WeirProber>;
    }
  }
}
