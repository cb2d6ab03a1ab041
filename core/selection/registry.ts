/** The one place that knows all policies, and which signal each of them goes by. */
import { InFlight } from "../load/in-flight.ts";
import type { LoadSignal } from "../load/signal.ts";
import type { Origin, Policy } from "../upstream.ts";
import { IpHash } from "./ip-hash.ts";
import { LeastLoad } from "./least-load.ts";
import type { SelectionPolicy } from "./policy.ts";
import { SmoothWeighted } from "./smooth-weighted.ts";

/** What balances one pool: a rule that chooses, and the signal that has to be told of every start and completion. */
export interface Balancer {
  readonly policy: SelectionPolicy;
  readonly signal: LoadSignal;
}

/** A balancer with fresh state, for a pool of these origins. */
export function createBalancer(
  policy: Policy,
  origins: readonly Pick<Origin, "name" | "maxConns">[],
): Balancer {
  const signal: LoadSignal = new InFlight();
  signal.reconfigure(origins);
  switch (policy.name) {
    case "round_robin":
      return { policy: new SmoothWeighted(), signal };
    case "ip_hash":
    case "hash":
      return { policy: new IpHash(), signal };
    default:
      return { policy: new LeastLoad("least_conn", signal), signal };
  }
}
