/** The open requests, as a table of columns whose rows are used again. */
import type { Millis } from "../../core/model/upstream.ts";
import { grown } from "./columns.ts";

/** No request is tried more often than this. */
export const maxAttempts = 4;

export class Requests {
  arrivedAt = new Float64Array(1024);
  /** The work it asks for, in milliseconds of a core of speed 1. */
  workMs = new Float64Array(1024);
  dispatcher = new Int32Array(1024);
  /** The attempt it waits for; −1: it has none, its place is still being decided. */
  attempt = new Int32Array(1024);
  /** How many attempts it has made. */
  tries = new Uint8Array(1024);
  /** The servers it has been sent to, `maxAttempts` a row. */
  tried = new Int32Array(1024 * maxAttempts);
  /** 1: it counts in the results. */
  measured = new Uint8Array(1024);
  /** Distinguishes the uses of a row; odd while it is in use. */
  stamp = new Int32Array(1024);
  #free: number[] = [];
  #rows = 0;

  begin(dispatcher: number, workMs: Millis, now: Millis): number {
    const row = this.#free.pop() ?? this.#append();
    this.arrivedAt[row] = now;
    this.workMs[row] = workMs;
    this.dispatcher[row] = dispatcher;
    this.attempt[row] = -1;
    this.tries[row] = 0;
    this.stamp[row] = this.stamp[row]! + 1;
    return row;
  }

  end(row: number): void {
    this.stamp[row] = this.stamp[row]! + 1;
    this.#free.push(row);
  }

  /** Notes that the request is sent to `server`. */
  try(row: number, server: number, attempt: number): void {
    this.tried[row * maxAttempts + this.tries[row]!] = server;
    this.tries[row] = this.tries[row]! + 1;
    this.attempt[row] = attempt;
  }

  /** The open requests of a dispatcher. */
  openAt(dispatcher: number): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.#rows; row++) {
      if (this.dispatcher[row] === dispatcher && this.stamp[row]! % 2 === 1) rows.push(row);
    }
    return rows;
  }

  hasTried(row: number, server: number): boolean {
    const from = row * maxAttempts;
    for (let index = this.tries[row]! - 1; index >= 0; index--) {
      if (this.tried[from + index] === server) return true;
    }
    return false;
  }

  #append(): number {
    if (this.#rows === this.arrivedAt.length) {
      const length = 2 * this.#rows;
      this.arrivedAt = grown(this.arrivedAt, new Float64Array(length));
      this.workMs = grown(this.workMs, new Float64Array(length));
      this.dispatcher = grown(this.dispatcher, new Int32Array(length));
      this.attempt = grown(this.attempt, new Int32Array(length));
      this.tries = grown(this.tries, new Uint8Array(length));
      this.tried = grown(this.tried, new Int32Array(length * maxAttempts));
      this.measured = grown(this.measured, new Uint8Array(length));
      this.stamp = grown(this.stamp, new Int32Array(length));
    }
    return this.#rows++;
  }
}
