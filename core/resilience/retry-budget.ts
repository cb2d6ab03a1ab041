/**
 * Why a budget and not only a maximum per request: when everything fails, one retry each still doubles the
 * load on what is failing, and keeps it down. A budget lets retries be a share of the requests, over the
 * whole fleet, plus a small reserve so that a quiet site may retry at all. Source: Finagle's `RetryBudget`
 * (10 s, 20 %, at least 10 a second). One client has its fair part of it (`core/clients/fair-part.ts`): a page that always fails, and a
 * client that keeps asking for it, would use up the retries of all. Whether a client is alone is a matter of requests and not of retries: where
 * only one client's requests fail, the others' are to be retried when theirs do.
 */
import { isAloneIn, joinedBy, type Company } from "../clients/company.ts";
import { isWithinPart } from "../clients/fair-part.ts";
import { HeavyHitters } from "../clients/heavy-hitters.ts";
import type { Millis } from "../model/upstream.ts";

const sliceMs = 1_000;
const slices = 10;
/** Retries always allowed in a window, however few requests there were: 10 a second. */
const reserve = 10 * slices;

interface Slice {
  requests: number;
  retries: number;
  /** Whose requests were met. */
  company?: Company;
  /** Absent: no retry of a named client was made. */
  byClient?: HeavyHitters;
}

/** Why there is no retry: all that the fleet may retry is used up, or the client's part of it. */
export type NoRetry = "fleet" | "client";

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

  /** A request of this client was heard of, when it came or when it ended; absent: it is not known whose, and so another client's. */
  meet(now: Millis, client: number | undefined): void {
    const slice = this.#at(now);
    slice.company = joinedBy(slice.company, client);
  }

  /** Whether a further attempt may start. */
  allows(now: Millis): boolean {
    return this.refusal(now) === undefined;
  }

  /** Why no further attempt may start; `undefined`: one may. `client`: whose it is; absent: it is not known, and no part is asked for. */
  refusal(now: Millis, client?: number): NoRetry | undefined {
    this.#at(now);
    let [requests, retries, had, isAlone] = [0, 0, 0, true];
    for (const slice of this.#window) {
      requests += slice.requests;
      retries += slice.retries;
      if (client === undefined) continue;
      had += slice.byClient?.of(client) ?? 0;
      isAlone &&= isAloneIn(slice.company, client);
    }
    const left = requests * this.#share + reserve - retries;
    if (this.#share === 0 || left <= 0) return "fleet";
    return isWithinPart(had, left, isAlone) ? undefined : "client";
  }

  /** A further attempt has started, of this client if it is known. */
  withdraw(now: Millis, client?: number): void {
    const slice = this.#at(now);
    slice.retries++;
    if (client !== undefined) (slice.byClient ??= new HeavyHitters()).add(client);
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
