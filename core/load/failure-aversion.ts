/**
 * Makes any signal shun origins that fail. One that answers 500 in a millisecond has nothing in flight and no bad
 * times, so by those alone it would draw all traffic (Prequal's authors call it sinkholing). Here its load grows with the
 * share of its requests that fail; failures that are rare, or as frequent everywhere, change nothing. Ejection
 * (`core/health/ejection.ts`) is for origins that always fail; this is also for those that do so half of the time.
 */
import { decay } from "../model/decay.ts";
import { PerOrigin } from "../model/per-origin.ts";
import type { Millis, Origin, OriginName } from "../model/upstream.ts";
import type { Completion, LoadSignal } from "./signal.ts";

/** The weight of one outcome in the share of successes. */
const outcomeWeight = 1 / 16;

/** A share at least this good is good: a few failures are the application's. */
const goodShare = 0.8;

/** The worst share there is: an origin that has failed for long is not infinitely far from its first chance. */
const worstShare = 0.001;

/** After so long without an outcome, a bad record counts for 1/e: the origin is tried again. */
const forgetMs: Millis = 20_000;

interface Record {
  /** Of its requests that succeed, a moving average in (0, 1]. */
  successes: number;
  atMs: Millis;
}

export class FailureAversion implements LoadSignal {
  readonly #signal: LoadSignal;
  readonly #records = new PerOrigin((): Record => ({ successes: 1, atMs: 0 }));

  constructor(signal: LoadSignal) {
    this.#signal = signal;
  }

  reconfigure(origins: readonly Pick<Origin, "name" | "maxConns">[]): void {
    this.#records.keep(origins);
    this.#signal.reconfigure(origins);
  }

  recordStart(origin: OriginName, now: Millis): void {
    this.#signal.recordStart(origin, now);
  }

  recordCompletion(origin: OriginName, completion: Completion, now: Millis): void {
    this.#signal.recordCompletion(origin, completion, now);
    const record = this.#records.of(origin);
    const before = successesAt(record, now);
    const after = before + ((completion.ok ? 1 : 0) - before) * outcomeWeight;
    record.successes = Math.max(worstShare, after);
    record.atMs = now;
  }

  load(origin: OriginName, inFlight: number, now: Millis, coming?: number, ageMs?: Millis): number {
    const load = this.#signal.load(origin, inFlight, now, coming, ageMs);
    const record = this.#records.of(origin);
    if (record.successes >= goodShare) return load;
    const successes = successesAt(record, now);
    return successes >= goodShare ? load : load * (goodShare / successes) ** 2;
  }
}

function successesAt({ successes, atMs }: Record, now: Millis): number {
  if (successes === 1) return 1;
  return 1 - (1 - successes) * decay(now - atMs, forgetMs);
}
