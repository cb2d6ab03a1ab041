/**
 * How many requests a holder would have open besides, had those that were turned away found a slot. What is refused is open
 * nowhere, so a holder that came late to a full pool would need next to nothing by what it has open, and those that were
 * there first would keep all slots. By Little's law it is the rate of those refused times how long one is open; that is
 * known from those that found a slot.
 */
import { decay } from "../model/decay.ts";
import type { Millis } from "../model/upstream.ts";

/** Over which requests are counted: what is older counts less and less. */
const windowMs: Millis = 2_000;

/** Who has had hardly any request may take it that one is open for so long. */
const firstGuessMs: Millis = 100;

export class TurnedAway {
  #refused = 0;
  #started = 0;
  #atMs: Millis = -Infinity;

  /** A request has found a slot. */
  started(now: Millis): void {
    this.#decay(now);
    this.#started++;
  }

  /** A request was refused since every pool is full. */
  refused(now: Millis): void {
    this.#decay(now);
    this.#refused++;
  }

  /** So many more would be open, as an average; `open` are, as an average. */
  wouldBeOpen(open: number, now: Millis): number {
    this.#decay(now);
    const eachMs = (open * windowMs + firstGuessMs) / (this.#started + 1);
    return (this.#refused * eachMs) / windowMs;
  }

  #decay(now: Millis): void {
    if (now <= this.#atMs) return;
    const part = decay(now - this.#atMs, windowMs);
    this.#refused *= part;
    this.#started *= part;
    this.#atMs = now;
  }
}
