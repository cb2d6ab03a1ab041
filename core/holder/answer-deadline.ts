/**
 * How long an answer is waited for. Only time in which the isolate ran counts: a timer that rings late says something about the
 * isolate, whose event loop stood still, and nothing about the object, whose answer may lie there unread. An isolate that takes
 * its own stall for a lost object goes on alone, beside slots that the object has given away: the limit is exceeded. So the time is
 * counted in slices, each of which a timer ends. A slice counts for no more than its length, however late its timer
 * is; and a late timer never ends the wait: the event loop turns once more, and what is there is read first.
 *
 * From Lifeguard (Dadgar, Phillips, Currey: "Local Health Awareness for More Accurate Failure Detection", 2017): a member that is
 * slow itself is slower to suspect others.
 */
import type { Millis } from "../model/upstream.ts";

/** The time has so many slices, unless they would be shorter than the next constant. */
const slices = 8;
const shortestSliceMs: Millis = 50;

/** A wait whose every timer is late ends all the same when so many were: the event loop has turned as often. */
const mostLateRings = 32;

export class AnswerDeadline {
  readonly #timeMs: Millis;
  readonly #sliceMs: Millis;
  #leftMs: Millis;
  #inMs: Millis;
  #ringsAtMs: Millis;
  #lateRings = 0;
  #stoodStillMs: Millis = 0;

  /** `timeMs`: how long the isolate runs, at least, before the answer counts as lost; positive. Begins at `now`. */
  constructor(timeMs: Millis, now: Millis) {
    this.#timeMs = timeMs;
    this.#sliceMs = Math.min(timeMs, Math.max(shortestSliceMs, timeMs / slices));
    this.#leftMs = timeMs;
    this.#inMs = this.#sliceMs;
    this.#ringsAtMs = now + this.#inMs;
  }

  /** When the timer is to ring next, from the moment at which this was last told the time. */
  get inMs(): Millis {
    return this.#inMs;
  }

  /** What has become of the answer once `isOver`, for the log: with how late timers were, as far as that was more than a slice. */
  get lossText(): string {
    const stoodStill =
      this.#stoodStillMs > 0 ? `, beside ${this.#stoodStillMs} ms in which nothing ran here` : "";
    return `no answer in ${this.#timeMs} ms${stoodStill}`;
  }

  /** The timer has rung. `true`: the answer is lost; `false`: the timer is to ring again, `inMs` from now. */
  isOver(now: Millis): boolean {
    const lateMs = now - this.#ringsAtMs;
    const isLate = lateMs > this.#sliceMs;
    this.#leftMs -= this.#inMs;
    if (isLate) {
      this.#lateRings++;
      this.#stoodStillMs += lateMs;
    }
    if (this.#leftMs <= 0 && (!isLate || this.#lateRings >= mostLateRings)) return true;
    this.#inMs = this.#leftMs > 0 ? Math.min(this.#sliceMs, this.#leftMs) : this.#sliceMs;
    this.#ringsAtMs = now + this.#inMs;
    return false;
  }
}
