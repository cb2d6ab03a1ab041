/**
 * Whether a client sends its body, or reads an answer, fast enough to go on: one that moves a byte now and then keeps a slot of an origin for ever
 * (Slowloris, CVE-2007-6750). A client may fall behind the least rate by so much time and no more; what moves faster makes up for what the client
 * owes, but saves nothing for later. So a pause and a trickle have one rule, and one bound. Apache's `mod_reqtimeout` (`MinRate`) lets a client
 * save: 80 KB at once would be good for minutes of silence. Only time in which Weir waits for the client counts: an origin that
 * takes nothing is not its client's fault.
 */
import type { Millis } from "../model/upstream.ts";

export interface PaceLimits {
  /** The longest pause, and how far behind the least rate a client may fall. */
  readonly idleMs: Millis;
  /** 0: a client may be as slow as it likes, between its pauses. */
  readonly leastBytesPerSecond: number;
}

/** One upload, or one download. */
export class ClientPace {
  readonly #limits: PaceLimits;
  /** How much longer the client may let Weir wait. */
  #leftMs: Millis;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
    this.#leftMs = limits.idleMs;
  }

  /** How long the next piece may take. */
  get leftMs(): Millis {
    return this.#leftMs;
  }

  /** A piece of so many bytes has come, after Weir had waited for it. */
  took(bytes: number, waitedMs: Millis): void {
    const { idleMs, leastBytesPerSecond: rate } = this.#limits;
    const earnedMs = rate === 0 ? idleMs : (bytes * 1_000) / rate;
    this.#leftMs = Math.max(0, Math.min(idleMs, this.#leftMs - waitedMs + earnedMs));
  }
}

/** Longer than this no small body is waited for, however slow a client may be. */
const longestWholeMs: Millis = 600_000;

/** How long a body of this length may take of whose pauses nothing is seen: it is read in one, or goes through a pipe. */
export function wholeBodyMs(length: number, { idleMs, leastBytesPerSecond: rate }: PaceLimits): Millis {
  return rate === 0 ? longestWholeMs : Math.min(longestWholeMs, idleMs + (length * 1_000) / rate);
}
