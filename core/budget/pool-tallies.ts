/**
 * What pools were used for, of which an operator is billed and alerted: requests by the reason that they spilled for, requests
 * refused because of a budget, bytes. Holders count, since some of it only they can see; the object adds up
 * (`core/holder/tally-book.ts`). For people and metrics, and for budgets; kept in memory only.
 */
import type { Millis, PoolName } from "../model/upstream.ts";
import type { ExchangeMessage, HolderId } from "../protocol/exchange.ts";
import { type Tally, keyOf } from "../protocol/outcome.ts";
import type { PoolTally } from "../protocol/upstream-view.ts";

/** So long a silent holder's numbers are remembered, so that a late copy of a message counts nothing. */
const forgetAfterMs: Millis = 60_000;

/** What is new of a number. */
export interface Counted {
  readonly pool: PoolName;
  readonly of: Tally["of"];
  readonly count: number;
}

interface KnownTallies {
  readonly seen: Map<string, number>;
  heardMs: Millis;
}

export class PoolTallies {
  readonly #known = new Map<HolderId, KnownTallies>();
  readonly #counts = new Map<string, number>();
  #forgetAtMs: Millis = 0;

  /** Takes in what a message says. Returns what no earlier message brought. */
  recordTallies(
    { holder, tallies }: Pick<ExchangeMessage, "holder" | "tallies">,
    now: Millis,
  ): readonly Counted[] {
    if (tallies === undefined) return [];
    this.#forgetSilent(now);
    const known = this.#known.get(holder) ?? { seen: new Map<string, number>(), heardMs: now };
    known.heardMs = now;
    this.#known.set(holder, known);
    return tallies.flatMap((tally): Counted[] => {
      const key = keyOf(tally);
      const before = Math.max(tally.from, known.seen.get(key) ?? 0);
      const count = tally.to - before;
      if (!(count > 0)) return [];
      known.seen.set(key, tally.to);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
      return [{ pool: tally.pool, of: tally.of, count }];
    });
  }

  /** Since the object last started. */
  of(pool: PoolName): PoolTally {
    const count = (of: Tally["of"]): number => this.#counts.get(keyOf({ pool, of })) ?? 0;
    return {
      spilled: {
        peak: count("peak"),
        downtime: count("downtime"),
        drain: count("drain"),
        policy: count("policy"),
        budget: count("budget"),
      },
      refused: count("refused"),
      bytes: count("bytes"),
    };
  }

  #forgetSilent(now: Millis): void {
    if (now < this.#forgetAtMs) return;
    this.#forgetAtMs = now + forgetAfterMs;
    for (const [holder, { heardMs }] of this.#known) {
      if (heardMs + forgetAfterMs <= now) this.#known.delete(holder);
    }
  }
}
