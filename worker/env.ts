/** What the platform binds to the Worker. Origins reached through a binding add names of their own to it. */
import type { ObjectNamespace } from "../core/protocol/object-namespace.ts";
import type { ProberObject } from "../core/protocol/prober-object.ts";
import type { RoleObject } from "../core/protocol/role-object.ts";
import type { UpstreamObject } from "../core/protocol/upstream-object.ts";

export interface Env {
  readonly UPSTREAM_STATE: ObjectNamespace<UpstreamObject>;
  readonly PROBER: ObjectNamespace<ProberObject>;
  /** Absent in a deployment whose `wrangler.toml` does not declare it yet: what needs it is refused there. */
  readonly ROLES?: ObjectNamespace<RoleObject>;
  /** Cloudflare's name and time for this deployment; absent on plain workerd. */
  readonly VERSION?: WorkerVersionMetadata;
  /** On plain workerd, what `VERSION.timestamp` is on Cloudflare: milliseconds since 1970, as text. */
  readonly WEIR_DEPLOYED_AT_MS?: string | null;
  /** On plain workerd, names this run of the one process that objects and isolates are in. Absent on Cloudflare. */
  readonly WEIR_LAUNCH?: string | null;
  /** On plain workerd, the tunnel of WebSockets (`transport/websocket/tunnel.ts`). Absent on Cloudflare. */
  readonly WEIR_SOCKETS?: Fetcher;
  /** On plain workerd, a disk for request bodies (`proxy/request/body-spool.ts`). Absent on Cloudflare. */
  readonly WEIR_SPOOL?: Fetcher;
  /** Seals sticky cookies; at least 32 characters. */
  readonly WEIR_SECRET?: string | null;
  /** Opens `/_weir/api/`; without it the API is closed. */
  readonly WEIR_ADMIN_TOKEN?: string | null;
}
