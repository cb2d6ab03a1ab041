/**
 * Sheds what a queue cannot work off. A queue is there for bursts: it fills and empties again. A queue that stays long only makes
 * every request late, and serves not one request more. So the delay is watched, as in CoDel (Nichols and Jacobson, "Controlling
 * Queue Delay", 2012; RFC 8289): a delay that has not once been below the target for a whole interval is a standing
 * queue. From then on new requests may expect to wait no longer than the target, and the others are turned away at once; that
 * is how Facebook's servers use it ("Fail at Scale", ACM Queue 2015). It ends when the queue has been empty.
 *
 * CoDel itself drops the first in the queue; that is for packets, which cannot be told to come back. Here no waiting request is
 * put out. Nor is the order reversed (Facebook's adaptive LIFO): that is for servers that do not know which clients have
 * given up; here a request whose client gives up leaves the queue.
 */
import type { Millis } from "../model/upstream.ts";

/** The target, as a part of what one may wait at all; the interval is the whole of that. */
const targetPart = 0.5;

export class ControlledDelay {
  readonly #longestMs: Millis;
  /** Since when the delay has been above the target. */
  #aboveSinceMs: Millis | undefined;
  #isStanding = false;

  /** `longestMs`: how long one may wait while the queue is a good one. */
  constructor(longestMs: Millis) {
    this.#longestMs = longestMs;
  }

  /** How long a newcomer may expect to wait. */
  get allowedMs(): Millis {
    return this.#isStanding ? this.#longestMs * targetPart : this.#longestMs;
  }

  /** An ask is served. `waitedMs`: how long the ask has waited that has waited longest. */
  served(waitedMs: Millis, now: Millis): void {
    if (waitedMs < this.#longestMs * targetPart) {
      this.#aboveSinceMs = undefined;
      return;
    }
    this.#aboveSinceMs ??= now;
    if (now - this.#aboveSinceMs >= this.#longestMs) this.#isStanding = true;
  }

  /** No request waits any more. */
  emptied(): void {
    this.#aboveSinceMs = undefined;
    this.#isStanding = false;
  }
}
