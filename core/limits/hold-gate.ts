/**
 * The isolate's side of one key of a limit on requests that are open at a time. It keeps what it may have for a moment after a request has ended, for the next
 * one of the key, and gives back what it has no use for. What is open, or asked for, ends by time as well: code of a request that the platform has stopped
 * does not run.
 */
import { Held, type Holding } from "../clients/held.ts";
import type { Millis } from "../model/upstream.ts";
import { holdLifeMs, type HoldAsk, type HoldReply } from "../protocol/concurrency.ts";

/** What a message says of the isolate. */
export type HoldWords = Pick<HoldAsk, "nth" | "open" | "want">;

/** While requests are open, the object hears of them at least so often. */
export const renewedEveryMs: Millis = holdLifeMs / 3;
/** A key of which others have all is not asked for again before. */
const closedForMs: Millis = 100;

export class HoldGate {
  readonly #most: number;
  readonly #open = new Held();
  readonly #asks = new Held();
  #nth = 0;
  #heardNth = 0;
  #may = 0;
  #untilMs: Millis = -Infinity;
  #sentMs: Millis = -Infinity;
  #closedUntilMs: Millis = -Infinity;

  /** @param most the most that may be open in the fleet. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many requests are open here. */
  get open(): number {
    return this.#open.of("");
  }

  /** A place for a request, among those that this isolate may have. @param term when the request is over at the latest. */
  take(term: Holding["term"], now: Millis): Holding | undefined {
    return now < this.#untilMs && this.#may > 0 ? this.#open.take("", this.#may, term, now) : undefined;
  }

  /** Without the object: a place among as many as the whole fleet may have. */
  takeAlone(term: Holding["term"], now: Millis): Holding | undefined {
    return this.#open.take("", this.#most, term, now);
  }

  giveBack(holding: Holding): void {
    this.#open.giveBack(holding);
  }

  /** The message of a request that has no place, with what is to be ended when it is answered; `undefined`: it would be in vain. */
  ask(untilMs: Millis, now: Millis): { readonly words: HoldWords; readonly asking: Holding } | undefined {
    if (now < this.#closedUntilMs || this.#needed >= this.#most) return undefined;
    const asking = this.#asks.take("", this.#most, { untilMs }, now);
    return asking && { asking, words: this.#words(this.#needed, now) };
  }

  /** An ask is over, answered or not. */
  asked(asking: Holding): void {
    this.#asks.giveBack(asking);
  }

  answered({ may }: HoldReply, { nth, want }: HoldWords, sentMs: Millis, now: Millis): void {
    if (nth < this.#heardNth) return;
    this.#heardNth = nth;
    this.#may = may;
    this.#untilMs = sentMs + holdLifeMs;
    if (may < want) this.#closedUntilMs = now + closedForMs;
  }

  /** The message that gives back what is not used, or says that requests are still open; `undefined`: there is nothing to say. */
  news(now: Millis): HoldWords | undefined {
    const want = this.#needed;
    const isRenewal = want > 0 && now >= this.#sentMs + renewedEveryMs;
    if (want >= this.#may && !isRenewal) return undefined;
    // What is given back is not used from now on, whatever becomes of the message.
    this.#may = Math.min(this.#may, want);
    return this.#words(want, now);
  }

  get #needed(): number {
    return this.open + this.#asks.of("");
  }

  #words(want: number, now: Millis): HoldWords {
    this.#sentMs = now;
    this.#nth++;
    return { nth: this.#nth, open: this.open, want };
  }
}
