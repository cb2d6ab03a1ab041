/**
 * What a balancing rule is. A policy chooses among candidates that are already known to be usable
 * (`eligible.ts` filters): it never asks about health, drains or limits, so that shares stay right when an
 * origin is missing. One that goes by load asks a signal for it (`core/load/signal.ts`) and does not know where
 * the number comes from. The cut is that of tower's `load`/`balance` and Pingora's `select_with`.
 */
import type { Random } from "../model/random.ts";
import type { Millis, OriginName, PolicyName } from "../model/upstream.ts";

export interface Candidate {
  readonly name: OriginName;
  /** Relative share, greater than 0. */
  readonly weight: number;
  /** Open requests on it, fleet-wide. */
  readonly inFlight: number;
  /** How long these have been open on average, as far as is certain; absent: not known. */
  readonly ageMs?: Millis | undefined;
  /** So many more requests are expected there soon, of sessions that were bound to it; absent: none. */
  readonly coming?: number;
  /** It starts slowly: its weight is a part of its own, and it is not to get more than that. */
  readonly starting?: true;
}

/** What a policy may know about the request, and when it is picked for. */
export interface PolicyInput {
  /** For policies that map keys to origins: equal keys go to the same origin. Absent: any origin will do. */
  readonly key?: string | undefined;
  readonly random: Random;
  readonly now: Millis;
}

export interface SelectionPolicy {
  readonly name: PolicyName;
  /** One of `candidates`; `undefined` only if there are none. */
  select(candidates: readonly Candidate[], input: PolicyInput): Candidate | undefined;
}
