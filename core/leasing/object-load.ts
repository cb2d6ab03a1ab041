/**
 * How much an object is asked: by messages, by asks among them, and by requests, asked for or not. It says how often holders are to
 * exchange, and whether there are few enough requests that each of them can be asked for.
 */
import type { Millis } from "../model/upstream.ts";
import { exchangeEveryMs, Rate } from "./pace.ts";
import type { LeaseTuning } from "./tuning.ts";

/** While requests wait, holders ask for each one, up to so many messages a second. */
export const askedWhileWaiting = 500;

export class ObjectLoad {
  readonly #messages: Rate;
  readonly #asks: Rate;
  readonly #requests: Rate;
  readonly #tuning: Pick<LeaseTuning, "everyMs" | "askedUpTo">;

  constructor(tuning: Pick<LeaseTuning, "everyMs" | "askedUpTo">, now: Millis) {
    this.#tuning = tuning;
    this.#messages = new Rate(now);
    this.#asks = new Rate(now);
    this.#requests = new Rate(now);
  }

  recordMessage(isAsk: boolean, now: Millis): void {
    this.#messages.recordCount(1, now);
    if (isAsk) this.#asks.recordCount(1, now);
  }

  recordRequests(count: number, now: Millis): void {
    this.#requests.recordCount(count, now);
  }

  /** A second. */
  messagesAt(now: Millis): number {
    return this.#messages.at(now);
  }

  /** The time between two exchanges of a leased holder, when there are so many of them. */
  everyMs(leasedHolders: number, now: Millis): Millis {
    return exchangeEveryMs(leasedHolders, this.#asks.at(now), this.#tuning.everyMs);
  }

  /** There are few enough requests that the object could be asked for every one. */
  canBeAsked(now: Millis): boolean {
    return this.#requests.at(now) <= this.#tuning.askedUpTo;
  }

  /** There are more requests than the object can be asked for while they wait: they wait at their holders. */
  isCrowded(now: Millis): boolean {
    return this.#requests.at(now) > askedWhileWaiting;
  }
}
