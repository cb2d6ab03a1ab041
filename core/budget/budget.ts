/**
 * A burst pool's budget: so many requests an hour, so much money a day. It is asked before each request that would go to the
 * pool, and no request goes there unasked, so the limit holds exactly, and the decision after the last request that fits is
 * another one. What a response weighs is known only when it is sent: what open requests still carry may exceed a day's money.
 *
 * One client has its fair part (`core/clients/fair-part.ts`), so that it cannot have all of a day's money. Of what bytes cost only the sum is
 * known: each client is taken to have caused as much of it as it has had of the requests.
 */
import type { Millis, Pool, Priority, WhenUsedUp } from "../model/upstream.ts";
import type { LimitView, BudgetView } from "../protocol/upstream-view.ts";
import type { BudgetEvent, Notice } from "../telemetry/events.ts";
import { Spending, type Period, type SavedSpending } from "./spending.ts";

/** Money is counted in billionths, whole ones: sums of fractions would come out beside their limit. */
const billionth = 1e9;
const bytesPerGb = 1e9;

/** As it is persisted. */
export interface BudgetRecord {
  readonly requests?: SavedSpending;
  /** In billionths. */
  readonly money?: SavedSpending;
}

/** Something about a budget that an operator wants to hear. */
export type PoolNotice = Omit<Notice<BudgetEvent>, "pool">;

interface Limit {
  readonly of: PoolNotice["of"];
  readonly per: Period;
  /** How many of the spending's units are one of the operator's. */
  readonly unit: number;
  readonly spending: Spending;
}

/** A pool that has a budget. */
export type BudgetedPool = Pool & { readonly budget: NonNullable<Pool["budget"]> };

export class Budget {
  readonly whenUsedUp: WhenUsedUp;
  readonly #perRequest: number;
  readonly #perByte: number;
  readonly #requests: Spending | undefined;
  readonly #money: Spending | undefined;
  readonly #limits: readonly Limit[];

  constructor({ cost, budget }: BudgetedPool, saved: BudgetRecord, now: Millis) {
    const { perRequest = 0, perGb = 0 } = cost ?? {};
    this.whenUsedUp = budget.whenUsedUp;
    this.#perRequest = perRequest > 0 ? Math.max(1, Math.round(perRequest * billionth)) : 0;
    this.#perByte = (perGb * billionth) / bytesPerGb;
    const { requestsPerHour, moneyPerDay } = budget;
    if (requestsPerHour !== undefined) {
      this.#requests = new Spending(
        { period: "hour", limit: requestsPerHour, price: 1 },
        saved.requests,
        now,
      );
    }
    if (moneyPerDay !== undefined) {
      const limit = Math.round(moneyPerDay * billionth);
      this.#money = new Spending({ period: "day", limit, price: this.#perRequest }, saved.money, now);
    }
    this.#limits = [
      ...(this.#requests
        ? [{ of: "requests", per: "hour", unit: 1, spending: this.#requests } as const]
        : []),
      ...(this.#money ? [{ of: "money", per: "day", unit: billionth, spending: this.#money } as const] : []),
    ];
  }

  /** Whether one more request of that priority, and of that client if it is known, may go to the pool. */
  allows(priority: Priority, now: Millis, client?: number): boolean {
    const sheds = priority === "low" && this.whenUsedUp === "shed-low-priority";
    return this.#limits.every(({ spending }) => {
      spending.turn(now);
      if (sheds ? spending.isShort(now) : spending.isUsedUp) return false;
      return client === undefined || spending.hasPartLeft(client);
    });
  }

  /** How long it is at most until there is something to spend again; 0: there is. */
  renewsInMs(now: Millis): Millis {
    this.turn(now);
    const blocked = this.#limits.filter(({ spending }) => spending.isUsedUp);
    return Math.max(0, ...blocked.map(({ spending }) => spending.renewsInMs(now)));
  }

  /** So many requests were sent to the pool, of that client if it is known. */
  spendRequests(count: number, now: Millis, client?: number): void {
    this.turn(now);
    this.#requests?.spend(count);
    if (this.#perRequest > 0) this.#money?.spend(count * this.#perRequest);
    for (const { spending } of this.#limits) spending.countRequests(count, client);
  }

  /** So many bytes came from it. */
  spendBytes(bytes: number, now: Millis): void {
    this.turn(now);
    if (this.#perByte > 0) this.#money?.spend(Math.ceil(bytes * this.#perByte));
  }

  /** Begins new periods if it is time. */
  turn(now: Millis): void {
    for (const { spending } of this.#limits) spending.turn(now);
  }

  /** The memory may be lost soon: what is persisted is to be exact. */
  settle(): void {
    for (const { spending } of this.#limits) spending.settle();
  }

  /** What has to be persisted; `undefined`: nothing new. */
  takeUnsaved(): BudgetRecord | undefined {
    const unsaved = this.#limits.filter(({ spending }) => spending.takeUnsaved());
    return unsaved.length > 0 ? this.record : undefined;
  }

  get record(): BudgetRecord {
    return {
      ...(this.#requests && { requests: this.#requests.saved }),
      ...(this.#money && { money: this.#money.saved }),
    };
  }

  takeNotices(): PoolNotice[] {
    return this.#limits.flatMap(({ of, per, unit, spending }) =>
      spending
        .takeNotices()
        .map(({ state, spent }) => ({ of, per, state, spent: spent / unit, limit: spending.limit / unit })),
    );
  }

  view(now: Millis): BudgetView {
    this.turn(now);
    const viewOf = (of: PoolNotice["of"]): LimitView | null => {
      const found = this.#limits.find((limit) => limit.of === of);
      return found === undefined ? null : viewLimit(found, now);
    };
    return {
      whenUsedUp: this.whenUsedUp,
      isUsedUp: this.#limits.some(({ spending }) => spending.isUsedUp),
      requestsPerHour: viewOf("requests"),
      moneyPerDay: viewOf("money"),
    };
  }
}

function viewLimit({ unit, spending }: Limit, now: Millis): LimitView {
  const { limit, spent } = spending;
  return {
    limit: limit / unit,
    spent: spent / unit,
    left: Math.max(0, limit - spent) / unit,
    renewsMs: now + spending.renewsInMs(now),
  };
}
