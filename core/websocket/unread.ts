/**
 * How much an end of a WebSocket has been sent that it may not have read, where the runtime does not say: it takes every message at
 * once and keeps those that the end does not read, without a bound. What is known is how much was sent, and when. So an end is
 * believed to read a megabyte a second (a leaky bucket): a stream of up to that is never cut, however long and one-sided, nor is
 * anything of less than the bound. What is faster for longer is cut, whether it is read or not.
 *
 * An isolate has a bound for all of its sockets, too: beyond it an end may owe no more than its equal part, so that those that owe
 * little do not suffer for one that owes much.
 */
import type { Millis } from "../model/upstream.ts";

/** So many bytes an end is believed to read in a millisecond: 1 MiB/s. */
export const readBytesPerMs = 1_048.576;
/** The most that one end may owe: one and a half of the largest messages (32 MiB); and all ends in an isolate, which has 128 MB. */
export const socketBytes = 50_331_648;
export const isolateBytes = 100_663_296;

/** What one end owes. */
interface Debt {
  bytes: number;
  atMs: Millis;
}

/** An end's line in the book. */
export interface DebtLine {
  /** So much has been sent to it. It is cut at once if it owes too much now. */
  sent(bytes: number, now: Millis): void;
  /** It is no more. */
  close(): void;
}

/** The debts of all ends in an isolate. */
export class UnreadBytes {
  readonly #debts = new Set<Debt>();
  /** What all owe, as they stood when they were looked at last: never less than they owe now. */
  #atMost = 0;

  /** A new end. `cut` is called at most once, while something is sent to it. */
  open(cut: () => void, now: Millis): DebtLine {
    const debt: Debt = { bytes: 0, atMs: now };
    this.#debts.add(debt);
    return {
      sent: (bytes, at) => {
        if (!this.#debts.has(debt)) return;
        this.#settle(debt, at);
        debt.bytes += bytes;
        this.#atMost += bytes;
        if (!this.#isTooMuch(debt, at)) return;
        this.#forget(debt);
        cut();
      },
      close: () => this.#forget(debt),
    };
  }

  #isTooMuch(debt: Debt, now: Millis): boolean {
    if (debt.bytes > socketBytes) return true;
    if (this.#atMost <= isolateBytes) return false;
    for (const one of this.#debts) this.#settle(one, now);
    return this.#atMost > isolateBytes && debt.bytes * this.#debts.size > isolateBytes;
  }

  #settle(debt: Debt, now: Millis): void {
    const read = Math.min(debt.bytes, Math.max(0, now - debt.atMs) * readBytesPerMs);
    debt.bytes -= read;
    debt.atMs = now;
    this.#atMost -= read;
  }

  #forget(debt: Debt): void {
    if (this.#debts.delete(debt)) this.#atMost -= debt.bytes;
  }
}
