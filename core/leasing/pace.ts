/**
 * When a holder goes from strict to leased and back by how many requests it has, and how often holders and the object talk. A holder with
 * 8 requests or more in a second gets a lease, and asks for each request again below 4. That is the rule of `coordination: "auto"`; what
 * else decides (requests that wait, an object that has too many messages, fewer slots than isolates) is in one place, `Leasing.#isLeased`
 * (`leasing.ts`). An object takes some 500 messages a second (a Durable
 * Object's soft limit is 1,000). So the more holders there are, or the more the object is asked, the longer the time between exchanges.
 */
import { decay } from "../model/decay.ts";
import type { Millis } from "../model/upstream.ts";

/** Requests a second: from 8 on a holder is leased; a leased one asks again below 4. */
const leasedFrom = 8;
const strictBelow = 4;

/** A holder's requests are counted over this time. */
const windowMs: Millis = 500;

/** The longest time between two exchanges of a holder. */
const longestMs: Millis = 2_000;

/** The messages a second that are aimed at, asks and all; of these, periodic ones: the most, and the least. */
const aimedAt = 440;
const [mostPeriodic, leastPeriodic] = [400, 150];

/** Messages a second that should not be exceeded; the swings around them go to 500. */
const tooMany = 480;

/** Whether a holder asks for each request or is leased, by how many requests it has. */
export class HolderPace {
  #leased: boolean;
  #requests = 0;
  #sinceMs: Millis;

  /** `leased`: it was, as far as one can tell. */
  constructor(leased: boolean, now: Millis) {
    this.#leased = leased;
    this.#sinceMs = now;
  }

  get isLeased(): boolean {
    return this.#leased;
  }

  /** The holder has had so many requests since it was heard last. */
  recordRequests(requests: number, now: Millis): void {
    const elapsedMs = now - this.#sinceMs;
    if (elapsedMs >= windowMs) {
      const perSecond = (this.#requests * 1_000) / elapsedMs;
      this.#leased = perSecond >= (this.#leased ? strictBelow : leasedFrom);
      this.#requests = 0;
      this.#sinceMs = now;
    }
    this.#requests += requests;
    if (this.#requests * 1_000 >= leasedFrom * windowMs) this.#leased = true;
  }
}

/** The most requests a second that the object can be asked for one by one, even if each end needs a message of its own. */
export const askedUpTo = 250;

/**
 * The time between two exchanges of a leased holder when there are so many of them; `shortestMs` at least. The more requests
 * a second ask all the same (`asked`), the longer it is: then the object has their messages, too.
 */
export function exchangeEveryMs(leasedHolders: number, asked: number, shortestMs: Millis): Millis {
  const periodic = Math.min(mostPeriodic, Math.max(leastPeriodic, aimedAt - asked));
  return Math.min(longestMs, Math.max(shortestMs, (leasedHolders * 1_000) / periodic));
}

/** How many messages, or requests, come in a second, as a moving average. */
export class Rate {
  #perSecond = 0;
  #atMs: Millis;

  constructor(now: Millis) {
    this.#atMs = now;
  }

  recordCount(count: number, now: Millis): void {
    this.#decay(now);
    this.#perSecond += count;
  }

  at(now: Millis): number {
    this.#decay(now);
    return this.#perSecond;
  }

  #decay(now: Millis): void {
    if (now <= this.#atMs) return;
    this.#perSecond *= decay(now - this.#atMs, 1_000);
    this.#atMs = now;
  }
}

/** After holders have gone on without it, the object doubts for this long what it gave them: the longest pause, twice. */
export const troubleMs: Millis = 10_000;

/**
 * A full pool is not asked about again for so long: the longer, the more messages a second the object has, and the more
 * steeply, the nearer that is to too many, as in a queue.
 */
export function fullForMs(messagesASecond: number): Millis {
  const left = Math.max(1, tooMany - messagesASecond);
  return Math.min(1_000, 10 + (20 * messagesASecond) / left);
}
