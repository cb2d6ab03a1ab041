/**
 * What all holders of a ledger have on each origin together. The sums follow each change of a holder, so that a pick reads them without
 * going over the holders. Times are summed from the ledger's birth on: sums of times since 1970 would not be exact with thousands of
 * open requests, and what is left over would count as age.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { TimedSlots } from "./holder.ts";

interface Totals {
  /** Open requests, as far as the object has heard. */
  inUse: number;
  /** The sum of the times at which these were opened. */
  sinceMs: Millis;
  /** What holders may open without a word. */
  idle: number;
}

export class OriginTotals {
  readonly #byOrigin = new Map<OriginName, Totals>();
  readonly #bornMs: Millis;

  constructor(now: Millis) {
    this.#bornMs = now;
  }

  /** Open requests on the origin, as far as the object has heard; all holders together. */
  inUse(origin: OriginName): number {
    return this.#byOrigin.get(origin)?.inUse ?? 0;
  }

  /** How old they are on average, as if none had ended since its holder said that it is open. */
  ageOf(origin: OriginName, now: Millis): Millis {
    const { inUse, sinceMs } = this.#of(origin);
    return inUse === 0 ? 0 : Math.max(0, now - this.#bornMs - sinceMs / inUse);
  }

  /** The most that may be open on the origin: what is in use, and what holders were leased beyond that. */
  taken(origin: OriginName): number {
    const totals = this.#byOrigin.get(origin);
    return totals === undefined ? 0 : totals.inUse + totals.idle;
  }

  /** Adds what a holder has open, or takes it away again. */
  count(slots: readonly TimedSlots[], sign: 1 | -1): void {
    for (const { origin, open, sinceMs } of slots) {
      const totals = this.#of(origin);
      totals.inUse += sign * open;
      totals.sinceMs += sign * open * (sinceMs - this.#bornMs);
    }
  }

  /** Adds what a holder may open without a word, or takes it away again. */
  countIdle(idle: ReadonlyMap<OriginName, number>, sign: 1 | -1): void {
    for (const [origin, count] of idle) this.#of(origin).idle += sign * count;
  }

  #of(origin: OriginName): Totals {
    let totals = this.#byOrigin.get(origin);
    if (totals === undefined) {
      totals = { inUse: 0, sinceMs: 0, idle: 0 };
      this.#byOrigin.set(origin, totals);
    }
    return totals;
  }
}
