/**
 * When the keys of an issuer of tokens (its JWKS) are fetched: once an isolate, anew when they are old, in the background, and once more when a token names a
 * key that is not known, since issuers change keys. A client can make up names of keys, so such a fetch needs a pause since the last one.
 * An issuer that does not answer changes nothing for `keepMs`: the keys that are known go on to be good; then there are none, and the route is closed.
 */
import type { Millis } from "../model/upstream.ts";

/** Keys older than this are fetched anew. */
export const freshMs: Millis = 600_000;
/** The shortest pause between two fetches, whatever the reason, doubled with each that fails in a row. */
export const [leastPauseMs, mostPauseMs]: readonly [Millis, Millis] = [10_000, 300_000];
/** A fetch of which nothing is heard for so long is over: its request may have been stopped. */
export const deadAfterMs: Millis = 15_000;

/** What there is to do before a token is looked at. */
export type KeysNow<Keys> =
  /** `todo`: this request fetches newer ones beside, another one does, or there is no need. */
  | { readonly kind: "use"; readonly keys: Keys; readonly todo: "fetch" | "wait" | "nothing" }
  /** There are none; this request fetches them. */
  | { readonly kind: "fetch" }
  /** There are none; another request fetches them. */
  | { readonly kind: "wait" }
  /** There are none, and it is too early for another try. */
  | { readonly kind: "none" };

export class KeyBook<Keys> {
  readonly #keepMs: Millis;
  #known: { readonly keys: Keys; readonly fetchedMs: Millis } | undefined;
  #fetchingSinceMs: Millis | undefined;
  #nextMs: Millis = -Infinity;
  #failures = 0;

  /** @param keepMs how long keys are good after they were fetched. */
  constructor(keepMs: Millis) {
    this.#keepMs = keepMs;
  }

  /** @param isMissing a token names a key that the known ones have not. Whoever is told to fetch calls `fetched` or `failed` later. */
  look(now: Millis, isMissing = false): KeysNow<Keys> {
    const known = this.#known;
    const isFetching = this.#fetchingSinceMs !== undefined && now < this.#fetchingSinceMs + deadAfterMs;
    const mayFetch = !isFetching && now >= this.#nextMs;
    if (known !== undefined && now < known.fetchedMs + this.#keepMs) {
      const fetch = mayFetch && (isMissing || now >= known.fetchedMs + Math.min(freshMs, this.#keepMs / 2));
      if (fetch) this.#begin(now);
      return { kind: "use", keys: known.keys, todo: fetch ? "fetch" : isFetching ? "wait" : "nothing" };
    }
    if (isFetching) return { kind: "wait" };
    if (!mayFetch) return { kind: "none" };
    this.#begin(now);
    return { kind: "fetch" };
  }

  fetched(keys: Keys, now: Millis): void {
    this.#known = { keys, fetchedMs: now };
    this.#fetchingSinceMs = undefined;
    this.#failures = 0;
    this.#nextMs = now + leastPauseMs;
  }

  failed(now: Millis): void {
    this.#fetchingSinceMs = undefined;
    this.#nextMs = now + Math.min(mostPauseMs, leastPauseMs * 2 ** this.#failures);
    this.#failures++;
  }

  #begin(now: Millis): void {
    this.#fetchingSinceMs = now;
    // Also if nothing is heard of it.
    this.#nextMs = now + leastPauseMs;
  }
}
