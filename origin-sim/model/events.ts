/**
 * What goes into the model and what comes out. An event says what happened and, where the caller has a part in it,
 * what to do next and when.
 */
import type { Millis } from "../../core/model/upstream.ts";

export interface Arrival {
  /** Chosen by the caller, never used again. */
  readonly id: number;
  /** The service time it asks for; absent: drawn from the spec's distribution. */
  readonly serviceMs?: Millis;
  /** A health check takes no time and is counted nowhere but in `busy` and `queued`, if it queues at all. */
  readonly health?: boolean;
}

export type RefusalReason = "dead" | "starting" | "fault" | "queue-full";

export type OriginEvent =
  | { readonly kind: "refused"; readonly id: number; readonly reason: RefusalReason }
  | { readonly kind: "queued"; readonly id: number; readonly position: number }
  /** Call `answer(id)` after `serviceMs`. */
  | { readonly kind: "started"; readonly id: number; readonly serviceMs: Millis }
  /** A hang keeps it; `answered` follows when the fault is cleared. */
  | { readonly kind: "held"; readonly id: number }
  /** Send the answer, with `status` if given, broken off if `cut`; then call `release(id)`. */
  | { readonly kind: "answered"; readonly id: number; readonly status?: number; readonly cut: boolean }
  /** Killed with the origin: there will be no answer. */
  | { readonly kind: "dropped"; readonly id: number }
  /** Call `wake` at `until`. */
  | { readonly kind: "recycling" | "starting"; readonly until: Millis };
