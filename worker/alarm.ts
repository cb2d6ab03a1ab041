/**
 * One timer for all the deadlines of a request, one after the other: the pick, each attempt, the renewals of a
 * stream. Setting and clearing a timer costs about as much as copying the headers, and nearly every deadline is
 * let go long before it comes; so the timer is left running, and looks again when it rings too early.
 */
import type { Millis } from "../core/upstream.ts";

export class Alarm {
  #timer: number | undefined;
  #ringsAtMs: Millis = Infinity;
  #dueMs: Millis = Infinity;
  #due: () => void = nothing;

  /** Calls `due` in so many milliseconds, in place of whatever was to be called before. */
  set(inMs: Millis, due: () => void): void {
    this.#dueMs = Date.now() + inMs;
    this.#due = due;
    if (this.#dueMs < this.#ringsAtMs) this.#start();
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

  #start(): void {
    clearTimeout(this.#timer ?? null);
    this.#ringsAtMs = this.#dueMs;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, this.#dueMs - Date.now()));
  }

  #ring(): void {
    this.#timer = undefined;
    this.#ringsAtMs = Infinity;
    if (this.#dueMs === Infinity) return;
    if (this.#dueMs > Date.now()) return this.#start();
    const due = this.#due;
    this.clear();
    due();
  }
}

function nothing(): void {}
