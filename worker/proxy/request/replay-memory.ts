/**
 * How much memory an isolate gives to bodies that are kept to be sent again. An isolate has 128 MB for everything, and as many
 * requests as come; so there is a bound for all of them together, beyond which a body is sent on as it arrives, once.
 *
 * What is taken is a table of entries with deadlines, not a counter: code of a request that the platform has killed does not run,
 * and what it would have given back must come back all the same.
 */
import type { Millis } from "../../../core/model/upstream.ts";

/** A part of the memory, until it is given back. */
export interface Kept {
  readonly bytes: number;
  readonly untilMs: Millis;
}

/** Far longer than nearly any request needs its body. */
const maxKeptMs: Millis = 600_000;

export class ReplayMemory {
  readonly #maxBytes: number;
  readonly #kept = new Set<Kept>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes so many bytes; `undefined` if there are not that many left. */
  takeBytes(bytes: number, nowMs: Millis): Kept | undefined {
    if (this.#bytes + bytes > this.#maxBytes) this.#forget(nowMs);
    if (this.#bytes + bytes > this.#maxBytes) return undefined;
    const kept = { bytes, untilMs: nowMs + maxKeptMs };
    this.#kept.add(kept);
    this.#bytes += bytes;
    return kept;
  }

  /** Gives a part back. Once is enough; again does no harm. */
  giveBack(kept: Kept): void {
    if (this.#kept.delete(kept)) this.#bytes -= kept.bytes;
  }

  #forget(nowMs: Millis): void {
    for (const kept of this.#kept) {
      // They were taken in this order.
      if (kept.untilMs > nowMs) return;
      this.giveBack(kept);
    }
  }
}
