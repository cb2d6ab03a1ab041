/**
 * A sample of times: how many, their mean, and how far that mean may be off by chance. Welford's running sums (1962),
 * which lose no digits however large the times are. And by how much it says that a server is slowed down by what it has to do at once:
 * the rule of adaptive concurrency limits (Netflix's Gradient2; Envoy's adaptive concurrency filter).
 */
import type { Millis } from "../model/upstream.ts";

/** Standard errors by which a sample's mean may be too high. */
const confidence = 0.5;

/** However slow the answers, one sample says no more than this. */
const steepest = 0.5;

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

  /**
   * The allowed time over that of the sample, ½ to 1; 1: it is not slow. The sample's time is reduced by half of its standard
   * error, so that a heavy-tailed service, of which a few answers show little, is given more room.
   */
  gradient(allowedMs: Millis): number {
    const certainMs = this.meanMs - confidence * this.errorMs;
    return certainMs <= allowedMs ? 1 : Math.max(steepest, allowedMs / certainMs);
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
