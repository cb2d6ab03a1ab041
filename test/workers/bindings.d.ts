import type { WeirProber } from "../../durable-objects/weir-prober.ts";
import type { WeirRole } from "../../durable-objects/weir-role.ts";
import type { WeirUpstream } from "../../durable-objects/weir-upstream.ts";
import type { Env as WeirEnv } from "../../worker/env.ts";

declare global {
  namespace Cloudflare {
    /** Tests look into the objects, so they know the classes behind the interfaces. */
    interface Env extends Omit<WeirEnv, "UPSTREAM_STATE" | "PROBER" | "ROLES"> {
      readonly UPSTREAM_STATE: DurableObjectNamespace<WeirUpstream>;
      readonly PROBER: DurableObjectNamespace<WeirProber>;
      readonly ROLES: DurableObjectNamespace<WeirRole>;
    }
  }
}
