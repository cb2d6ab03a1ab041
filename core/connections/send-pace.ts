/**
 * How fast the bytes of one answer are sent: a token bucket, as of nginx's `limit_rate` and `limit_rate_after`. A piece may be sent as soon as nothing is owed, and is owed
 * for then; so at a time t after the start no more has been sent than `afterBytes`, what the rate brings in t, and one piece. nginx counts from the
 * start on, so that after a pause all of it comes at once; here a pause saves one second of the rate.
 */
import type { Millis } from "../model/upstream.ts";

export interface SendRate {
  readonly bytesPerSecond: number;
  /** So many bytes come first, as fast as the client takes them. */
  readonly afterBytes: number;
}

/** The time that a piece is worth: pieces that are small cost CPU time, and those that are large come in jerks. */
const pieceMs: Millis = 100;
const [leastPieceBytes, mostPieceBytes] = [1_024, 65_536];

/** What is not sent in time is saved for so long. */
const savedMs: Millis = 1_000;

/** The most bytes that are sent at once. */
export function pieceBytesAt({ bytesPerSecond }: Pick<SendRate, "bytesPerSecond">): number {
  const bytes = Math.floor((bytesPerSecond * pieceMs) / 1_000);
  return Math.max(leastPieceBytes, Math.min(mostPieceBytes, bytes));
}

/** Whether a body of this length is sent at once whatever the rate is: it needs no pace. */
export function isSentAtOnce(length: number, rate: SendRate): boolean {
  return length <= rate.afterBytes + pieceBytesAt(rate);
}

/** One answer. */
export class SendPace {
  readonly pieceBytes: number;
  readonly #bytesPerMs: number;
  readonly #mostSaved: number;
  /** What is left of the bytes that come first. */
  #firstBytes: number;
  /** What may be sent beside these; below 0 it is owed. */
  #bytes = 0;
  #atMs: Millis;

  constructor(rate: SendRate, now: Millis) {
    this.pieceBytes = pieceBytesAt(rate);
    this.#bytesPerMs = rate.bytesPerSecond / 1_000;
    this.#mostSaved = this.#bytesPerMs * savedMs;
    this.#firstBytes = rate.afterBytes;
    this.#atMs = now;
  }

  /** How long to wait before the next piece, which has `pieceBytes` at most. */
  waitMs(now: Millis): Millis {
    this.#earn(now);
    return this.#firstBytes > 0 ? 0 : Math.max(0, -this.#bytes / this.#bytesPerMs);
  }

  /** A piece of so many bytes, at most `pieceBytes`, is being sent. */
  sent(bytes: number, now: Millis): void {
    this.#earn(now);
    const ofFirst = Math.min(bytes, this.#firstBytes);
    this.#firstBytes -= ofFirst;
    this.#bytes -= bytes - ofFirst;
  }

  /** A clock that goes back earns nothing. */
  #earn(now: Millis): void {
    const earned = Math.max(0, now - this.#atMs) * this.#bytesPerMs;
    this.#bytes = Math.min(this.#mostSaved, this.#bytes + earned);
    this.#atMs = Math.max(this.#atMs, now);
  }
}
