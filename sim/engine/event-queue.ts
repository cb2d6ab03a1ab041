/**
 * What is to happen, soonest first: a binary heap over flat arrays, so that scheduling allocates nothing. Events of
 * one moment come out in the order in which they went in, so that a run can be replayed to the byte.
 */
import type { Millis } from "../../core/model/upstream.ts";
import { grown } from "./columns.ts";

export class EventQueue {
  #times = new Float64Array(64);
  #order = new Float64Array(64);
  #kinds = new Int32Array(64);
  #firsts = new Int32Array(64);
  #seconds = new Int32Array(64);
  #size = 0;
  #pushed = 0;

  /** The event taken last: its moment, and three numbers that mean something to the code that scheduled it. */
  at: Millis = 0;
  kind = 0;
  first = 0;
  second = 0;

  get size(): number {
    return this.#size;
  }

  /** The moment of the next event; `Infinity` if there is none. */
  get nextAt(): Millis {
    return this.#size === 0 ? Infinity : this.#times[0]!;
  }

  /** The first two numbers of the next event. */
  get nextKind(): number {
    return this.#kinds[0]!;
  }

  get nextFirst(): number {
    return this.#firsts[0]!;
  }

  push(at: Millis, kind: number, first = 0, second = 0): void {
    if (this.#size === this.#times.length) this.#grow();
    let hole = this.#size++;
    // An event that is pushed comes after all of its moment that were pushed before: a later order never rises.
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#times[parent]! <= at) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#times[hole] = at;
    this.#order[hole] = this.#pushed++;
    this.#kinds[hole] = kind;
    this.#firsts[hole] = first;
    this.#seconds[hole] = second;
  }

  /** Takes the next event into `at`, `kind`, `first` and `second`; false if there is none. */
  pop(): boolean {
    if (this.#size === 0) return false;
    this.at = this.#times[0]!;
    this.kind = this.#kinds[0]!;
    this.first = this.#firsts[0]!;
    this.second = this.#seconds[0]!;
    const last = --this.#size;
    if (last > 0) this.#sink(last);
    return true;
  }

  clear(): void {
    this.#size = 0;
  }

  /** Puts the entry at `last` where it belongs, beginning with the hole at the root. */
  #sink(last: number): void {
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBefore(child + 1, child)) child++;
      if (!this.#isBefore(child, last)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#move(last, hole);
  }

  #isBefore(one: number, other: number): boolean {
    const difference = this.#times[one]! - this.#times[other]!;
    return difference < 0 || (difference === 0 && this.#order[one]! < this.#order[other]!);
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!;
    this.#order[to] = this.#order[from]!;
    this.#kinds[to] = this.#kinds[from]!;
    this.#firsts[to] = this.#firsts[from]!;
    this.#seconds[to] = this.#seconds[from]!;
  }

  #grow(): void {
    const length = 2 * this.#times.length;
    this.#times = grown(this.#times, new Float64Array(length));
    this.#order = grown(this.#order, new Float64Array(length));
    this.#kinds = grown(this.#kinds, new Int32Array(length));
    this.#firsts = grown(this.#firsts, new Int32Array(length));
    this.#seconds = grown(this.#seconds, new Int32Array(length));
  }
}
