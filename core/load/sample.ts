/**
 * A sample of times: how many, their mean, and how far that mean may be off by chance. Welford's running sums (1962),
 * which lose no digits however large the times are.
 */
import type { Millis } from "../model/upstream.ts";

export class Sample {
  #count = 0;
  #mean = 0;
  #squares = 0;

  get count(): number {
    return this.#count;
  }

  /** 0 while there are none. */
  get meanMs(): Millis {
    return this.#mean;
  }

  /** The standard error of the mean; `Infinity` while there are fewer than two. */
  get errorMs(): Millis {
    if (this.#count < 2) return Infinity;
    return Math.sqrt(this.#squares / (this.#count - 1) / this.#count);
  }

  add(ms: Millis): void {
    this.#count++;
    const off = ms - this.#mean;
    this.#mean += off / this.#count;
    this.#squares += off * (ms - this.#mean);
  }

  clear(): void {
    this.#count = 0;
    this.#mean = 0;
    this.#squares = 0;
  }
}
