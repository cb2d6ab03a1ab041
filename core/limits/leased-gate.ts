/**
 * A key of a limit that need not be exact to the moment: requests are let pass from budgets that the object has granted. It has counted them by
 * then, so that however many isolates there are, and whatever messages are lost, no more pass than were granted; only a little later than
 * they were counted (`leasedSlackMs`). A key of which little is asked has no budgets: each of its requests is asked for, and nothing of it lies about
 * in isolates that do not use it. What an isolate asks for more follows what came of the key in the last moments.
 */
import type { Millis } from "../model/upstream.ts";
import { budgetLifeMs, type RateReply } from "../protocol/rate-limits.ts";
import { alone, outlookOf, type Gate, type GateVerdict, type KeyOutlook, type RateTerms } from "./gate.ts";
import { judgeOne, type RequestRate } from "./gcra.ts";

/** So many messages a key and isolate sends: four a second, after some at once. */
const messages: RequestRate = { intervalMs: 250, burst: 8 };
/** Demand is what came in such a time. A budget is for as long, and half as much again. */
const windowMs: Millis = 200;
const perDemand = 1.5;
/** How soon a request comes again that another one's ask may serve: about as long as a message is under way. */
const comeAgainMs: Millis = 4;

interface LentBudget {
  left: number;
  readonly untilMs: Millis;
}

export class LeasedGate implements Gate {
  readonly #terms: RateTerms;
  /** The oldest first. */
  #budgets: LentBudget[] = [];
  /** Asked for, and not answered. */
  #underWay = 0;
  /** How many requests may be served by that. */
  #expecting = 0;
  #closedUntilMs: Millis = -Infinity;
  #messagesAtMs: Millis = -Infinity;
  /** As the object last said. */
  #fullAtMs: Millis = -Infinity;
  /** By what this isolate has let pass. */
  #ownFullAtMs: Millis = -Infinity;
  readonly #demand = new Demand();

  constructor(terms: RateTerms) {
    this.#terms = terms;
  }

  decide(now: Millis, again = false): GateVerdict {
    if (!again) this.#demand.add(now);
    if (this.#spend(now)) return this.#admit(now);
    if (now < this.#closedUntilMs) return { kind: "refuse", againInMs: this.#closedUntilMs - now };
    if (this.#expecting < this.#underWay) {
      if (!again) this.#expecting++;
      return { kind: "come-again", inMs: comeAgainMs };
    }
    const message = judgeOne(this.#messagesAtMs, now, messages);
    if (message.kind === "exceeds") {
      return this.#underWay > 0
        ? { kind: "come-again", inMs: comeAgainMs }
        : { kind: "refuse", againInMs: message.againInMs };
    }
    this.#messagesAtMs = message.fullAtMs;
    const want = this.#want(now);
    this.#underWay += want;
    this.#expecting++;
    return { kind: "ask", want };
  }

  answered(
    { granted, fullInMs, againInMs }: RateReply,
    want: number,
    sentMs: Millis,
    now: Millis,
  ): GateVerdict {
    this.lost(want);
    this.#fullAtMs = now + fullInMs;
    if (granted < want) this.#closedUntilMs = now + againInMs;
    const untilMs = sentMs + budgetLifeMs;
    if (granted > 0 && now < untilMs) this.#budgets.push({ left: granted, untilMs });
    if (this.#spend(now)) return this.#admit(now);
    return { kind: "refuse", againInMs: Math.max(0, this.#closedUntilMs - now) };
  }

  lost(want: number): void {
    this.#underWay -= want;
    this.#expecting = this.#underWay > 0 ? Math.max(0, this.#expecting - want) : 0;
  }

  decideAlone(now: Millis): GateVerdict {
    const { verdict, fullAtMs } = alone(this.#ownFullAtMs, now, this.#terms);
    this.#ownFullAtMs = fullAtMs;
    return verdict;
  }

  outlook(now: Millis): KeyOutlook {
    const { left, moreInMs } = outlookOf(this.#fullAtMs, now, this.#terms);
    const here = this.#budgets.reduce((sum, budget) => sum + (now < budget.untilMs ? budget.left : 0), 0);
    return { left: left + here, moreInMs };
  }

  #admit(now: Millis): GateVerdict {
    this.#ownFullAtMs = Math.max(this.#ownFullAtMs, now) + this.#terms.intervalMs;
    return { kind: "admit", waitMs: 0 };
  }

  #spend(now: Millis): boolean {
    for (let first = this.#budgets[0]; first !== undefined; first = this.#budgets[0]) {
      if (first.left > 0 && now < first.untilMs) {
        first.left--;
        return true;
      }
      this.#budgets.shift();
    }
    return false;
  }

  /** One for a request that comes alone. */
  #want(now: Millis): number {
    const demand = this.#demand.of(now);
    return demand <= 1 ? 1 : Math.ceil(demand * perDemand);
  }
}

/** How many requests came in the last moments: a sliding window of two halves (as Cloudflare counts, blog.cloudflare.com, 2017). */
class Demand {
  #windowMs: Millis = -Infinity;
  #now = 0;
  #before = 0;

  add(now: Millis): void {
    this.#turn(now);
    this.#now++;
  }

  of(now: Millis): number {
    this.#turn(now);
    return this.#now + this.#before * (1 - (now - this.#windowMs) / windowMs);
  }

  #turn(now: Millis): void {
    const pastMs = now - this.#windowMs;
    if (pastMs < windowMs) return;
    this.#before = pastMs < 2 * windowMs ? this.#now : 0;
    this.#now = 0;
    this.#windowMs = pastMs < 2 * windowMs ? this.#windowMs + windowMs : now;
  }
}
