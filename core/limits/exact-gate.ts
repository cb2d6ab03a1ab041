/**
 * A key of a limit that is exact: each request that may pass is asked for. What this isolate knows of the key's state is never more than what
 * the object knows, so a request that exceeds the limit by that is refused without a message. And a key that others use up must not cost a
 * message for each refusal: the object says when to come back, and after a few refusals in a row the isolate waits by itself.
 */
import type { Millis } from "../model/upstream.ts";
import type { RateReply } from "../protocol/rate-limits.ts";
import { alone, outlookOf, type Gate, type GateVerdict, type KeyOutlook, type RateTerms } from "./gate.ts";
import { judgeOne, type RequestRate } from "./gcra.ts";

/** So many messages that end in a refusal a key and isolate sends: four a second, after a few at once. */
const vain: RequestRate = { intervalMs: 250, burst: 4 };

export class ExactGate implements Gate {
  readonly #terms: RateTerms;
  /** At most that of the object; what is asked for counts as granted until it is answered. */
  #fullAtMs: Millis = -Infinity;
  #asked = 0;
  /** Refused until then. */
  #closedUntilMs: Millis = -Infinity;
  #vainAtMs: Millis = -Infinity;

  constructor(terms: RateTerms) {
    this.#terms = terms;
  }

  decide(now: Millis): GateVerdict {
    if (now < this.#closedUntilMs) return { kind: "refuse", againInMs: this.#closedUntilMs - now };
    const judged = judgeOne(this.#fullAtMs, now, this.#terms, this.#terms.delayMs);
    if (judged.kind === "exceeds") return { kind: "refuse", againInMs: judged.againInMs };
    this.#fullAtMs = judged.fullAtMs;
    this.#asked++;
    return { kind: "ask", want: 1 };
  }

  answered(
    { granted, waitMs = 0, fullInMs, againInMs }: RateReply,
    want: number,
    _: Millis,
    now: Millis,
  ): GateVerdict {
    if (want > 0) this.#asked--;
    this.#fullAtMs = now + fullInMs + this.#asked * this.#terms.intervalMs;
    if (againInMs > 0) this.#closedUntilMs = now + againInMs;
    if (granted > 0) return { kind: "admit", waitMs };
    if (want > 0) this.#closedUntilMs = Math.max(this.#closedUntilMs, now + this.#pauseMs(now));
    return { kind: "refuse", againInMs: Math.max(0, this.#closedUntilMs - now) };
  }

  lost(want: number): void {
    if (want === 0) return;
    this.#asked--;
    this.#fullAtMs -= this.#terms.intervalMs;
  }

  decideAlone(now: Millis): GateVerdict {
    const { verdict, fullAtMs } = alone(this.#fullAtMs, now, this.#terms);
    this.#fullAtMs = fullAtMs;
    return verdict;
  }

  outlook(now: Millis): KeyOutlook {
    const { left, moreInMs } = outlookOf(this.#fullAtMs, now, this.#terms);
    return now < this.#closedUntilMs
      ? { left: 0, moreInMs: Math.max(moreInMs, this.#closedUntilMs - now) }
      : { left, moreInMs };
  }

  /** An ask was in vain: for how long no other one is sent. */
  #pauseMs(now: Millis): Millis {
    this.#vainAtMs = Math.max(this.#vainAtMs, now) + vain.intervalMs;
    return Math.max(0, this.#vainAtMs - now - (vain.burst - 1) * vain.intervalMs);
  }
}
