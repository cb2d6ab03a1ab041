/** The one place that knows all policies. */
import type { PolicyName } from "../upstream.ts";
import { IpHash } from "./ip-hash.ts";
import { LeastConn } from "./least-conn.ts";
import type { SelectionPolicy } from "./policy.ts";
import { SmoothWeighted } from "./smooth-weighted.ts";

/** A policy with fresh state; one is kept per tier of a pool, so that turns are counted among the same peers. */
export function createPolicy(name: PolicyName): SelectionPolicy {
  switch (name) {
    case "round_robin":
      return new SmoothWeighted();
    case "least_conn":
      return new LeastConn();
    case "ip_hash":
      return new IpHash();
  }
}
