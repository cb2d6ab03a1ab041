/** The budgets of an upstream's pools: what their use has spent of them, and what of it is news. */
import type { Millis, OriginName, Pool, PoolName, Priority } from "../model/upstream.ts";
import type { ClosedPool } from "../protocol/lease.ts";
import type { BudgetView } from "../protocol/upstream-view.ts";
import type { Counted } from "../telemetry/fleet-counts.ts";
import { Budget, type BudgetedPool, type BudgetRecord, type PoolNotice } from "./budget.ts";

/** What is new of a pool's budget. */
export interface BudgetNews {
  readonly pool: PoolName;
  /** What has to be persisted before anything that follows from it is answered; `undefined`: nothing. */
  readonly record: BudgetRecord | undefined;
  readonly notices: readonly PoolNotice[];
}

const noPools: ReadonlySet<PoolName> = new Set();
const noNews: readonly BudgetNews[] = [];

export class Budgets {
  readonly #records: Map<PoolName, BudgetRecord>;
  #byPool: ReadonlyMap<PoolName, Budget> = new Map();
  #byOrigin: ReadonlyMap<OriginName, Budget> = new Map();

  constructor(pools: readonly Pool[], saved: ReadonlyMap<PoolName, BudgetRecord>, now: Millis) {
    this.#records = new Map(saved);
    this.#open(pools, now);
  }

  /** Other pools, or other limits. What was spent was spent, also by a pool that had no budget for a while. */
  reconfigure(pools: readonly Pool[], now: Millis): void {
    for (const [pool, budget] of this.#byPool) {
      budget.settle();
      this.#records.set(pool, budget.record);
    }
    this.#open(pools, now);
  }

  of(pool: PoolName): Budget | undefined {
    return this.#byPool.get(pool);
  }

  /** The pools that no request of that priority may go to. `client`: none of this client's; absent: it is not known. */
  closedTo(priority: Priority, now: Millis, client?: number): ReadonlySet<PoolName> {
    if (this.#byPool.size === 0) return noPools;
    const closed = [...this.#byPool].filter(([, budget]) => !budget.allows(priority, now, client));
    return new Set(closed.map(([pool]) => pool));
  }

  /**
   * Says that the pool takes no request, so that isolates need not ask for this long; absent if it takes some. With `queue` they are
   * to ask all the same: a place in the object's queue is what they get.
   */
  closed(pool: PoolName, mostMs: Millis, now: Millis): ClosedPool[] {
    const budget = this.of(pool);
    const renewsInMs = budget?.renewsInMs(now) ?? 0;
    if (renewsInMs === 0 || budget?.whenUsedUp === "queue") return [];
    return [{ pool, why: "budget", forMs: Math.min(mostMs, renewsInMs), renewsInMs }];
  }

  /**
   * Takes in what a message tells of pools: what was counted, and what its holder has started unasked, by origin.
   */
  recordMessage(counted: readonly Counted[], started: ReadonlyMap<OriginName, number>, now: Millis): void {
    for (const { key, count } of counted) {
      if (key.of === "bytes") this.of(key.pool)?.spendBytes(count, now);
    }
    // No holder is leased a pool with a budget; but the pool may have its budget only since a moment ago.
    for (const [origin, count] of started) this.#byOrigin.get(origin)?.spendRequests(count, now);
  }

  /** `null`: the pool has none. */
  viewOf(pool: PoolName, now: Millis): BudgetView | null {
    return this.of(pool)?.view(now) ?? null;
  }

  /** What is new of each budget since it was asked last. */
  takeNews(now: Millis): readonly BudgetNews[] {
    if (this.#byPool.size === 0) return noNews;
    return Array.from(this.#byPool, ([pool, budget]) => {
      budget.turn(now);
      return { pool, record: budget.takeUnsaved(), notices: budget.takeNotices() };
    });
  }

  /** The memory may be lost soon. */
  settle(): void {
    for (const budget of this.#byPool.values()) budget.settle();
  }

  #open(pools: readonly Pool[], now: Millis): void {
    const budgets = pools.filter(hasBudget).map((pool) => {
      const { name, origins } = pool;
      return { name, origins, budget: new Budget(pool, this.#records.get(name) ?? {}, now) };
    });
    this.#byPool = new Map(budgets.map(({ name, budget }) => [name, budget]));
    this.#byOrigin = new Map(
      budgets.flatMap(({ origins, budget }) => origins.map(({ name }) => [name, budget] as const)),
    );
  }
}

export function hasBudget(pool: Pool): pool is BudgetedPool {
  return pool.budget !== undefined;
}
