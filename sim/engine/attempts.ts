/**
 * The attempts in the air, as a table of columns whose rows are used again. A request may have several at once: the
 * one it waits for, and those it has given up but a server still works on.
 */
import type { Millis } from "../../core/model/upstream.ts";
import { grown } from "./columns.ts";

/** Where an attempt is. */
export const Stage = { free: 0, travelling: 1, serving: 2, answering: 3 } as const;

/** What comes back from a server: an answer, an error, or no connection. */
export const Answer = { ok: 0, failed: 1, lost: 2 } as const;
export type Answer = (typeof Answer)[keyof typeof Answer];

export class Attempts {
  request = new Int32Array(1024);
  server = new Int32Array(1024);
  stage = new Uint8Array(1024);
  /** When it was sent to its server. */
  sentAt = new Float64Array(1024);
  /** When it reached its server. */
  reachedAt = new Float64Array(1024);
  /** The work it asks for, in milliseconds of a core of speed 1. */
  workMs = new Float64Array(1024);
  /** Requests in flight on the server when it arrived there, itself included. */
  openAtArrival = new Int32Array(1024);
  /** For its server's own use. */
  mark = new Float64Array(1024);
  /** Distinguishes the uses of a row. */
  stamp = new Int32Array(1024);
  /** What is on its way back, an `Answer`. */
  answer = new Uint8Array(1024);
  #free: number[] = [];
  #rows = 0;

  /** Rows in use. */
  get open(): number {
    return this.#rows - this.#free.length;
  }

  begin(request: number, server: number, workMs: Millis): number {
    const row = this.#free.pop() ?? this.#append();
    this.request[row] = request;
    this.server[row] = server;
    this.workMs[row] = workMs;
    this.stage[row] = Stage.travelling;
    this.stamp[row] = this.stamp[row]! + 1;
    return row;
  }

  end(row: number): void {
    this.stage[row] = Stage.free;
    this.stamp[row] = this.stamp[row]! + 1;
    this.#free.push(row);
  }

  #append(): number {
    if (this.#rows === this.request.length) {
      const length = 2 * this.#rows;
      this.request = grown(this.request, new Int32Array(length));
      this.server = grown(this.server, new Int32Array(length));
      this.stage = grown(this.stage, new Uint8Array(length));
      this.sentAt = grown(this.sentAt, new Float64Array(length));
      this.reachedAt = grown(this.reachedAt, new Float64Array(length));
      this.workMs = grown(this.workMs, new Float64Array(length));
      this.openAtArrival = grown(this.openAtArrival, new Int32Array(length));
      this.mark = grown(this.mark, new Float64Array(length));
      this.stamp = grown(this.stamp, new Int32Array(length));
      this.answer = grown(this.answer, new Uint8Array(length));
    }
    return this.#rows++;
  }
}
