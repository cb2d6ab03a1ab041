/**
 * Whether the object can be reached. After a message that was not answered the isolate leaves the object alone for a
 * while, longer each time: an object in trouble must get less traffic, never retries. Requests do not wait meanwhile;
 * one message in the background finds out when it is back. Jitter keeps isolates from coming back together. An isolate without
 * requests sends no such message: its next request asks first, since what the isolate knows is old.
 */
import type { Random } from "../model/random.ts";
import type { Millis } from "../model/upstream.ts";
import { outOfDateMs } from "../protocol/clocks.ts";

const firstPauseMs: Millis = 250;
const longestPauseMs: Millis = 5_000;

export class Reach {
  #failures = 0;
  /** When the object was last found not to answer. */
  #lostMs: Millis = -Infinity;
  #retryAtMs: Millis = -Infinity;
  /** When the latest message was sent that was answered in time. */
  #heardMs: Millis = -Infinity;

  /** Whether the object answered last. */
  get isGood(): boolean {
    return this.#failures === 0;
  }

  /** Whether requests may ask: also when the message that finds out has been due for long, since no request came that sent it. */
  mayAsk(now: Millis): boolean {
    return this.isGood || this.#retryAtMs + outOfDateMs <= now;
  }

  /** While it is not good: whether the one message that finds out is due. The caller then sends it. */
  isProbeDue(deadlineMs: Millis, now: Millis): boolean {
    if (this.isGood || now < this.#retryAtMs) return false;
    // Not a second one while the first may be answered.
    this.#retryAtMs = now + deadlineMs;
    return true;
  }

  /** A message that was sent at `sentMs` was not answered. */
  recordLoss(sentMs: Millis, now: Millis, random: Random): void {
    // Those that were under way together have failed together.
    if (sentMs < this.#lostMs) return;
    this.#failures++;
    this.#lostMs = now;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
    this.#retryAtMs = now + pauseMs * (0.5 + random.next() / 2);
  }

  /** A message that was sent at `sentMs` was answered in time. */
  recordAnswer(sentMs: Millis): void {
    this.#failures = 0;
    this.#heardMs = Math.max(this.#heardMs, sentMs);
  }

  /** What is known is old, or nothing: one lost message is no reason to go by that. */
  isOutOfDate(now: Millis): boolean {
    return this.#heardMs + outOfDateMs <= now;
  }
}
