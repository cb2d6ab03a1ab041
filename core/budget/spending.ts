/**
 * What was spent of one limit in the current period. Periods are those of the clock (UTC) and do not slide: so one number
 * says it all, agrees with the bill, and begins anew at a known time. The price is that the end of one hour and the
 * beginning of the next may bring two hours' worth together.
 *
 * What is persisted is not what was spent but a reserve somewhat above it, as with slots (`core/ledger/ceiling.ts`): a row is
 * written when the reserve is used up, not for each request. After a loss of memory all of the reserve counts as spent, by no client.
 */
import { isWithinPart } from "../clients/fair-part.ts";
import { HeavyHitters } from "../clients/heavy-hitters.ts";
import type { Millis } from "../model/upstream.ts";
import type { BudgetEvent } from "../telemetry/events.ts";

export const periods = { hour: 3_600_000, day: 86_400_000 } as const;
export type Period = keyof typeof periods;

/** From this part of the limit on there is a warning. */
const warnFrom = 0.8;

/** Less important requests are to leave the last fifth of what is due; early in a period this part of it is due at once. */
const [lowUpTo, dueAtOnce] = [0.8, 1 / 12];

/** A reserve reaches no further ahead than this part of the limit: so much is lost with the memory, at the most. */
const mostAhead = 1 / 64;

/** As it is persisted. */
export interface SavedSpending {
  /** Which period, counted from 1970. */
  readonly period: number;
  /** The most that may have been spent. */
  readonly upTo: number;
  /** Of which limit what was told. */
  readonly limit: number;
  readonly told: NoticeGiven;
}

/** What was said of the period so far. */
type NoticeGiven = "nothing" | "warning" | "used-up";

/** In the limit's own units; of `renewed` what the period that has ended spent. */
export type SpendingNotice = Pick<BudgetEvent, "state" | "spent">;

export interface SpendingRules {
  readonly period: Period;
  readonly limit: number;
  /** What the next request takes of it at least. */
  readonly price: number;
}

export class Spending {
  readonly #rules: SpendingRules;
  #period: number;
  #spent = 0;
  #upTo = 0;
  #told: NoticeGiven = "nothing";
  /** How far ahead the next reserve reaches: twice as far each time, until it comes to rest. */
  #ahead = 0;
  #isUnsaved = false;
  #notices: SpendingNotice[] = [];
  #clients = new ClientParts();

  constructor(rules: SpendingRules, saved: SavedSpending | undefined, now: Millis) {
    this.#rules = rules;
    this.#period = saved?.period ?? this.#periodAt(now);
    this.#spent = this.#upTo = saved?.upTo ?? 0;
    // What was said of another limit says nothing of this one.
    if (saved?.limit === rules.limit) this.#told = saved.told;
    this.turn(now);
  }

  get limit(): number {
    return this.#rules.limit;
  }

  get spent(): number {
    return this.#spent;
  }

  /** The next request is more than is left. */
  get isUsedUp(): boolean {
    const { limit, price } = this.#rules;
    return this.#spent >= limit || this.#spent + price > limit;
  }

  /** So much is spent that less important requests must do without: 80 % of what is due by now, as time goes evenly. */
  isShort(now: Millis): boolean {
    const due = Math.max(dueAtOnce, 1 - this.renewsInMs(now) / this.#lengthMs);
    return this.isUsedUp || this.#spent >= lowUpTo * due * this.#rules.limit;
  }

  /** Whether the client has had less than is left for all, or all that was spent: without others a budget is spent to the last request. */
  hasPartLeft(client: number): boolean {
    return (
      this.#clients.isAlone(client) || isWithinPart(this.#clients.spentBy(client), this.limit - this.#spent)
    );
  }

  /** When the next period begins. */
  renewsInMs(now: Millis): Millis {
    return Math.max(0, (this.#period + 1) * this.#lengthMs - now);
  }

  /** Begins a new period if it is time; never goes back to an earlier one. */
  turn(now: Millis): void {
    const period = this.#periodAt(now);
    if (period > this.#period) {
      if (this.#spent > 0) this.#notices.push({ state: "renewed", spent: this.#spent });
      this.#isUnsaved ||= this.#upTo > 0 || this.#told !== "nothing";
      this.#period = period;
      this.#spent = this.#upTo = 0;
      this.#told = "nothing";
      this.#clients = new ClientParts();
    }
    this.#tell();
  }

  /** So much more was spent, whether it was allowed or not. */
  spend(amount: number): void {
    this.#spent += amount;
    this.#clients.spent += amount;
    if (this.#spent > this.#upTo) this.#reserve(amount);
    this.#tell();
  }

  /** What is spent is spent on so many requests more, of that client if it is known. */
  countRequests(count: number, client: number | undefined): void {
    this.#clients.requests += count;
    if (client !== undefined) this.#clients.byClient.add(client, count);
  }

  /** The reserve goes back to what was really spent: the memory may be lost soon. */
  settle(): void {
    this.#ahead = 0;
    if (this.#upTo === this.#spent) return;
    this.#upTo = this.#spent;
    this.#isUnsaved = true;
  }

  /** Whether it has to be persisted, before anything that follows from it is answered; asked once. */
  takeUnsaved(): boolean {
    const isUnsaved = this.#isUnsaved;
    this.#isUnsaved = false;
    return isUnsaved;
  }

  get saved(): SavedSpending {
    return { period: this.#period, upTo: this.#upTo, limit: this.#rules.limit, told: this.#told };
  }

  /** What is to be told since the last time, each thing once a period. */
  takeNotices(): readonly SpendingNotice[] {
    if (this.#notices.length === 0) return this.#notices;
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  #reserve(amount: number): void {
    const { limit } = this.#rules;
    const ahead = this.#spent + this.#ahead;
    this.#upTo = this.#spent > limit ? ahead : Math.min(limit, ahead);
    this.#ahead = Math.min(Math.max(2 * this.#ahead, amount), Math.floor(limit * mostAhead));
    this.#isUnsaved = true;
  }

  #tell(): void {
    if (this.#told === "used-up") return;
    const spent = this.#spent;
    if (this.#told === "nothing" && spent > 0 && spent >= warnFrom * this.#rules.limit) this.#say("warning");
    if (this.isUsedUp) this.#say("used-up");
  }

  #say(state: "warning" | "used-up"): void {
    this.#told = state;
    this.#notices.push({ state, spent: this.#spent });
    this.#isUnsaved = true;
  }

  #periodAt(now: Millis): number {
    return Math.floor(now / this.#lengthMs);
  }

  get #lengthMs(): Millis {
    return periods[this.#rules.period];
  }
}

/** What this memory knows of the period: after a loss it begins anew. */
class ClientParts {
  spent = 0;
  requests = 0;
  readonly byClient = new HeavyHitters();

  /** Whether all requests were the client's. */
  isAlone(client: number): boolean {
    return this.byClient.of(client) === this.requests;
  }

  /** As much as the client has had of the requests. */
  spentBy(client: number): number {
    return this.requests === 0 ? 0 : (this.spent * this.byClient.of(client)) / this.requests;
  }
}
