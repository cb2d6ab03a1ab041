/**
 * What a holder counts (`core/telemetry/counters.ts`). Numbers only grow, and each travels with how much of it an answer has confirmed, until
 * the object has counted it, too. So a message that is lost or comes twice does no harm, and an object that has lost its memory counts what
 * is unconfirmed again: too much rather than too little.
 */
import type { Millis } from "../model/upstream.ts";
import { type Tally, type TallyKey, keyOf } from "../protocol/outcome.ts";
import { isBilled, LabelBounds } from "../telemetry/counters.ts";

type TallyEntry = { -readonly [Key in keyof Tally]: Tally[Key] } & { readonly isBilled: boolean };

/** What is not on the bill travels so often with asks: an isolate that asks for each request would say it with each of them. */
const unbilledEveryMs: Millis = 1_000;

export class TallyBook {
  readonly #entries = new Map<string, TallyEntry>();
  readonly #unconfirmed = new Set<TallyEntry>();
  readonly #bounds = new LabelBounds();
  #unbilledSaidMs = -Infinity;

  /** So many more of that, since the holder's life began. Returns whether it is on the bill, so that a message is to say so. */
  add(key: TallyKey, count: number): boolean {
    const entry = this.#entries.get(keyOf(key)) ?? this.#enter(this.#bounds.bounded(key));
    entry.to += count;
    if (count > 0) this.#unconfirmed.add(entry);
    return entry.isBilled;
  }

  #enter({ of, pool }: TallyKey): TallyEntry {
    const key = keyOf({ of, pool });
    const entry = this.#entries.get(key) ?? { pool, of, from: 0, to: 0, isBilled: isBilled({ of, pool }) };
    this.#entries.set(key, entry);
    return entry;
  }

  /**
   * What a message says: all that is not confirmed; of what is not on the bill a message that asks for a slot says so only once a second.
   * After one that asks for nothing none may follow for long.
   */
  say(now: Millis, asks: boolean): readonly Tally[] {
    if (this.#unconfirmed.size === 0) return [];
    const isAll = !asks || now - this.#unbilledSaidMs >= unbilledEveryMs;
    if (isAll) this.#unbilledSaidMs = now;
    const said: Tally[] = [];
    for (const { pool, of, from, to, isBilled } of this.#unconfirmed)
      if (isAll || isBilled) said.push({ pool, of, from, to });
    return said;
  }

  /** A message that said so was answered. */
  confirm(tallies: readonly Tally[]): void {
    for (const tally of tallies) {
      const entry = this.#entries.get(keyOf(tally));
      if (entry === undefined) continue;
      entry.from = Math.max(entry.from, tally.to);
      if (entry.from === entry.to) this.#unconfirmed.delete(entry);
    }
  }
}
