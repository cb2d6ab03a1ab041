/**
 * Counters that only a holder can count: for each pool, spilled and refused requests and bytes. Numbers only grow, and each travels with
 * how much of it an answer has confirmed, until the object has counted it, too. So a message that is lost or comes twice does no harm, and
 * an object that has lost its memory counts what is unconfirmed again: too much rather than too little.
 */
import type { PoolName } from "../model/upstream.ts";
import { type Tally, keyOf } from "../protocol/outcome.ts";

type TallyEntry = { -readonly [Key in keyof Tally]: Tally[Key] };

export class TallyBook {
  readonly #entries = new Map<string, TallyEntry>();

  /** So many more of that, since the holder's life began. */
  add(pool: PoolName, of: Tally["of"], count: number): void {
    const key = keyOf({ pool, of });
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { pool, of, from: 0, to: count });
    else entry.to += count;
  }

  /** What a message says: all that is not confirmed. */
  say(): readonly Tally[] {
    if (this.#entries.size === 0) return [];
    const unconfirmed = [...this.#entries.values()].filter(({ from, to }) => to > from);
    return unconfirmed.map(({ pool, of, from, to }) => ({ pool, of, from, to }));
  }

  /** A message that said so was answered. */
  confirm(tallies: readonly Tally[]): void {
    for (const tally of tallies) {
      const entry = this.#entries.get(keyOf(tally));
      if (entry !== undefined) entry.from = Math.max(entry.from, tally.to);
    }
  }
}
