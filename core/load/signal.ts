/**
 * What a load signal is: where a policy's number comes from. A policy asks how loaded an origin is and does not
 * know whether requests were counted, timed, or both; a signal is told of starts and completions and does not
 * know what is done with its number. The cut is that of tower's `load` and `balance`.
 *
 * A signal belongs to one pool, since only servers that are alike can be measured against each other. Its state
 * is bounded by the pool's size, never by the traffic.
 */
import type { Millis, Origin, OriginName } from "../model/upstream.ts";

/** How one request on an origin went, now that it is over. */
export interface Completion {
  /** The origin answered as it should. How quickly it fails says nothing of how quickly it serves. */
  readonly ok: boolean;
  /** From sending the request to the response's headers. Absent: there were none, or it is not known. */
  readonly headerMs?: Millis;
  /** From sending the request to the response's last byte. Absent: it came with the headers. */
  readonly lastByteMs?: Millis;
}

export interface LoadSignal {
  /** The origins there are, when the signal is made and whenever they change. What is known of those that stay, stays. */
  reconfigure(origins: readonly Pick<Origin, "name" | "maxConns">[]): void;
  /** A request was sent to the origin. */
  recordStart(origin: OriginName, now: Millis): void;
  /** A request on the origin is over. Not to be called for a request that its client gave up: it says nothing about the origin. */
  recordCompletion(origin: OriginName, completion: Completion, now: Millis): void;
  /**
   * How loaded the origin is, in a unit of the signal's own: at least 0, never NaN, comparable within the pool.
   * Per unit of weight it is the policy's business. `inFlight`: open requests on it, as the caller sees them. `coming`: so many
   * more are expected soon, and count as if they were open; a fraction; absent: none. `ageMs`: how long the open requests have been so,
   * on average; absent: not known. The request that is picked for counts, too: so that the load is in proportion to
   * `inFlight + coming + 1`.
   */
  load(origin: OriginName, inFlight: number, now: Millis, coming?: number, ageMs?: Millis): number;
}
