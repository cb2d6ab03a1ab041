/** What leased holders need of each pool, by what each said last, and all of them together. */
import type { Millis, OriginName, Pool, PoolName } from "../model/upstream.ts";
import type { ExchangeMessage } from "../protocol/exchange.ts";
import type { HolderId } from "../protocol/holder-id.ts";
import { usualSpreads } from "./allotment.ts";

/** In slots; of one holder, or of several together. */
export interface Demand {
  /** It would have so many open there if all its requests found a slot, on average. */
  readonly mean: number;
  /** By so much the number swings around that: by its root at least, as in any Poisson stream. */
  readonly spread: number;
  /** So many it has open there. */
  readonly open: number;
}

interface Entry {
  readonly byPool: ReadonlyMap<PoolName, Demand>;
  readonly heardMs: Millis;
}

/**
 * What a holder needs of each pool, by its message. What it has open in a later one it would have open at home, had there been
 * room; so home is to hold all that it has open anywhere. `heldOn`: what it has open on an origin.
 */
export function demandOf(
  { usual = 0, most = 0 }: Pick<ExchangeMessage, "usual" | "most">,
  pools: readonly Pool[],
  heldOn: (origin: OriginName) => number,
): Map<PoolName, Demand> {
  const demand = new Map<PoolName, Demand>();
  let left = Math.max(1, usual);
  let mostLeft = most;
  for (const { name, origins } of pools) {
    const open = origins.reduce((sum, origin) => sum + heldOn(origin.name), 0);
    // What it has had open at once it is to be able to start again.
    const spread = Math.max(Math.sqrt(left), (mostLeft - left) / usualSpreads);
    demand.set(name, { mean: left, spread, open });
    left = Math.max(0, left - open);
    mostLeft -= open;
  }
  return demand;
}

const none: Demand = { mean: 0, spread: 0, open: 0 };

export class Demands {
  readonly #byHolder = new Map<HolderId, Entry>();
  readonly #totals = new Map<PoolName, Demand>();
  #pruneAtMs: Millis = 0;

  /** Of all leased holders together. */
  on(pool: PoolName): Demand {
    return this.#totals.get(pool) ?? none;
  }

  /** Replaces what the holder needed before. */
  set(holder: HolderId, byPool: ReadonlyMap<PoolName, Demand>, now: Millis): void {
    this.forget(holder);
    this.#byHolder.set(holder, { byPool, heardMs: now });
    for (const [pool, demand] of byPool) this.#add(pool, demand, 1);
  }

  forget(holder: HolderId): void {
    for (const [pool, demand] of this.#byHolder.get(holder)?.byPool ?? []) this.#add(pool, demand, -1);
    this.#byHolder.delete(holder);
    // Sums of fractions that come and go do not come out at 0.
    if (this.#byHolder.size === 0) this.#totals.clear();
  }

  /** Forgets holders that have been silent for so long. Cheap to call often. */
  prune(silentMs: Millis, now: Millis): void {
    if (now < this.#pruneAtMs) return;
    this.#pruneAtMs = now + silentMs / 2;
    for (const [holder, { heardMs }] of this.#byHolder) if (heardMs + silentMs <= now) this.forget(holder);
  }

  /** Holders that need something. */
  get holders(): number {
    return this.#byHolder.size;
  }

  #add(pool: PoolName, { mean, spread, open }: Demand, sign: 1 | -1): void {
    const before = this.on(pool);
    this.#totals.set(pool, {
      mean: before.mean + sign * mean,
      spread: before.spread + sign * spread,
      open: before.open + sign * open,
    });
  }
}
