/**
 * Why a budget and not only a maximum per request: when everything fails, one retry each still doubles the
 * load on what is failing, and keeps it down. A budget lets retries be a share of the requests, over the
 * whole fleet, plus a small reserve so that a quiet site may retry at all. Source: Finagle's `RetryBudget`
 * (10 s, 20 %, at least 10 a second).
 */
import type { Millis } from "../model/upstream.ts";

const sliceMs = 1_000;
const slices = 10;
/** Retries always allowed in a window, however few requests there were: 10 a second. */
const reserve = 10 * slices;

interface Slice {
  requests: number;
  retries: number;
}

export class RetryBudget {
  readonly #share: number;
  readonly #window: Slice[] = Array.from({ length: slices }, () => ({ requests: 0, retries: 0 }));
  #slice = 0;

  /** `share`: retries allowed per request, 0–1. 0 allows none at all. */
  constructor(share: number) {
    this.#share = share;
  }

  /** A request's first attempt. */
  deposit(now: Millis): void {
    this.#at(now).requests++;
  }

  /** Whether a further attempt may start. */
  allows(now: Millis): boolean {
    this.#at(now);
    let requests = 0;
    let retries = 0;
    for (const slice of this.#window) {
      requests += slice.requests;
      retries += slice.retries;
    }
    return this.#share > 0 && retries < requests * this.#share + reserve;
  }

  /** A further attempt has started. */
  withdraw(now: Millis): void {
    this.#at(now).retries++;
  }

  /** The current slice, after clearing every slice that the clock has skipped, however long the silence. */
  #at(now: Millis): Slice {
    const slice = Math.floor(now / sliceMs);
    const skipped = Math.min(Math.max(slice - this.#slice, 0), slices);
    for (let ahead = 0; ahead < skipped; ahead++) {
      this.#window[(slice - ahead) % slices] = { requests: 0, retries: 0 };
    }
    this.#slice = Math.max(this.#slice, slice);
    return this.#window[this.#slice % slices] ?? { requests: 0, retries: 0 };
  }
}
