/**
 * Deadlines that are all equally far away: they end in the order in which they began, so a ring does what a heap
 * would, at no cost for the many that are met. An entry's owner may be long gone; the caller has to check.
 */
import type { Millis } from "../../core/model/upstream.ts";

export class Deadlines {
  readonly #afterMs: Millis;
  #times = new Float64Array(1024);
  #ids = new Int32Array(1024);
  #stamps = new Int32Array(1024);
  #head = 0;
  #size = 0;

  /** The entry taken last. */
  id = 0;
  stamp = 0;

  /** @param afterMs how far away each deadline is; `Infinity`: there are none. */
  constructor(afterMs: Millis) {
    this.#afterMs = afterMs;
  }

  get nextAt(): Millis {
    return this.#size === 0 ? Infinity : this.#times[this.#head]!;
  }

  begin(id: number, stamp: number, now: Millis): void {
    if (this.#afterMs === Infinity) return;
    if (this.#size === this.#times.length) this.#grow();
    const tail = (this.#head + this.#size++) & (this.#times.length - 1);
    this.#times[tail] = now + this.#afterMs;
    this.#ids[tail] = id;
    this.#stamps[tail] = stamp;
  }

  /** Removes the first entry and puts it into `id` and `stamp`. */
  removeFirst(): void {
    this.id = this.#ids[this.#head]!;
    this.stamp = this.#stamps[this.#head]!;
    this.#head = (this.#head + 1) & (this.#times.length - 1);
    this.#size--;
  }

  #grow(): void {
    const { length } = this.#times;
    const times = new Float64Array(2 * length);
    const ids = new Int32Array(2 * length);
    const stamps = new Int32Array(2 * length);
    for (let index = 0; index < this.#size; index++) {
      const from = (this.#head + index) & (length - 1);
      times[index] = this.#times[from]!;
      ids[index] = this.#ids[from]!;
      stamps[index] = this.#stamps[from]!;
    }
    [this.#times, this.#ids, this.#stamps, this.#head] = [times, ids, stamps, 0];
  }
}
