/**
 * One timer for all the deadlines of a request, one after the other: the pick, each attempt, the renewals of a
 * stream. Setting and clearing a timer costs about as much as copying the headers, and nearly every deadline is
 * let go long before it comes. So the timer first rings early, is left running from one deadline to the next, and looks
 * again when it has rung too soon: most requests are over with a single one.
 */
import type { Millis } from "../core/model/upstream.ts";

/** The first ring; no deadline of a request's usual course comes before it. */
const firstRingMs: Millis = 50;

export class Alarm {
  #timer: number | undefined;
  #ringsAtMs: Millis = Infinity;
  #dueMs: Millis = Infinity;
  #due: () => void = nothing;

  /** Calls `due` in so many milliseconds, in place of whatever was to be called before. `now`: if it is known. */
  set(inMs: Millis, due: () => void, now: Millis = Date.now()): void {
    this.#dueMs = now + inMs;
    this.#due = due;
    if (this.#dueMs < this.#ringsAtMs) this.#start(Math.min(inMs, firstRingMs), now);
  }

  /** Calls nothing any more; the timer may be used again. */
  clear(): void {
    this.#dueMs = Infinity;
    this.#due = nothing;
  }

  /** The request is over. */
  stop(): void {
    this.clear();
    clearTimeout(this.#timer ?? null);
    this.#timer = undefined;
    this.#ringsAtMs = Infinity;
  }

  #start(inMs: Millis, now: Millis): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#ringsAtMs = now + inMs;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, inMs));
  }

  #ring(): void {
    this.#timer = undefined;
    this.#ringsAtMs = Infinity;
    if (this.#dueMs === Infinity) return;
    const now = Date.now();
    const leftMs = this.#dueMs - now;
    if (leftMs > 0) return this.#start(leftMs, now);
    const due = this.#due;
    this.clear();
    due();
  }
}

function nothing(): void {}
