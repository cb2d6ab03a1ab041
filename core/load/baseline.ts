/**
 * What an unhurried answer of a pool takes: the least, over ten seconds, of the 25th percentile over its origins of
 * their mean times. A percentile and not the best, so that one origin that answers quickly for a reason of its own does
 * not make all others look slow; the least over a while, so that a pool that slows down as a whole is noticed.
 */
import type { Millis } from "../model/upstream.ts";

const windowMs: Millis = 10_000;
const stepMs: Millis = 250;
const steps = windowMs / stepMs;

export class Baseline {
  /** One value per step, in a ring. */
  readonly #values = new Float64Array(steps).fill(Infinity);
  #step = -Infinity;
  #leastMs: Millis = Infinity;

  /** Whether a new value is due. */
  isDue(now: Millis): boolean {
    return Math.floor(now / stepMs) > this.#step;
  }

  /** Takes the origins' mean times, in any order; sorts them. */
  update(meansMs: Millis[], now: Millis): void {
    const step = Math.floor(now / stepMs);
    const passed = Math.min(step - this.#step, steps);
    for (let ago = 0; ago < passed; ago++) this.#values[place(step - ago)] = Infinity;
    this.#step = step;
    meansMs.sort((a, b) => a - b);
    this.#values[place(step)] = meansMs[Math.floor((meansMs.length - 1) / 4)] ?? Infinity;
    this.#leastMs = this.#values.reduce((least, value) => Math.min(least, value));
  }

  /** `Infinity` while nothing is known. */
  get ms(): Millis {
    return this.#leastMs;
  }
}

function place(step: number): number {
  return ((step % steps) + steps) % steps;
}
