/**
 * Whether an origin may refuse connections just now. A runtime's `fetch` says the same of a connection that was refused and of one that
 * broke, so a request that may not be sent twice ends there. A connection of the request's own tells them apart; so while an origin is
 * in doubt, such a request has one. That is more than a look at the port beforehand: between a look and the request a server can die.
 *
 * Only a new connection ends the doubt. A server that shuts down goes on answering on its open connections, and refuses new ones.
 */
import type { Millis } from "../model/upstream.ts";

export class ConnectionDoubt {
  #sinceMs: Millis | undefined;

  get isOpen(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** An attempt at the origin got no answer. */
  failed(now: Millis): void {
    this.#sinceMs = now;
  }

  /** A connection was made for an attempt that began at `sentMs`, and brought an answer. */
  connected(sentMs: Millis): void {
    if (this.#sinceMs !== undefined && sentMs >= this.#sinceMs) this.#sinceMs = undefined;
  }
}
