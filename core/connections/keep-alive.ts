/**
 * Whether an origin's connections may be used again, learnt from what it does. A server that closes a connection behind its answer
 * without saying `Connection: close` may take the next request with it: the runtime sends that on the connection before it has
 * seen the end (uWSGI's `http-socket` does so behind every answer). So a connection is used again only when one was watched and
 * stayed open behind its answer, or its end was announced.
 *
 * A request that cannot be sent twice never goes on a connection that another request has used: any server may close an idle connection at
 * the very moment (RFC 9112 §9.3.1, §9.5), the honest ones with their timeouts as well.
 */
import type { Millis } from "../model/upstream.ts";

/** The way of a request to an origin. */
export type Way =
  /** By whatever connection the runtime chooses, since the config or the platform knows no other way. */
  | { readonly kind: "fetch" }
  /** The same, since it has been found to be safe: a reset may be an idle connection's end, and says nothing of the origin. */
  | { readonly kind: "reused" }
  /**
   * By a connection of its own. `close`: the origin is told that it ends there. `watch`: what becomes of it is to be told here.
   * `only`: it goes by no other one, whatever that costs.
   */
  | { readonly kind: "own"; readonly close: boolean; readonly watch: boolean; readonly only?: true };

export interface Passenger {
  /** It may be sent again though it may have been carried out. */
  readonly isRepeatable: boolean;
  /** An attempt of it has ended in a reset: no further one is made on a connection that might do the same. */
  readonly afterReset: boolean;
}

/** What the origin did behind its answer. */
export type Evidence =
  /** The connection stayed open. */
  | "stayed"
  /** It said that it would close it. */
  | "announced"
  /** It closed it without a word. */
  | "closed"
  /** Nothing could be seen. */
  | "nothing";

/** A watch that has not been told of for so long will not be: code of a request that the platform has killed does not run. */
const maxWatchMs: Millis = 30_000;

const reused: Way = { kind: "reused" };
const own: Way = { kind: "own", close: true, watch: false };
const watched: Way = { kind: "own", close: false, watch: true };

type State =
  | { readonly kind: "unknown" }
  | { readonly kind: "watching"; readonly untilMs: Millis }
  /** It keeps its connections, or says when it does not. */
  | { readonly kind: "keeps" }
  | { readonly kind: "closes" };

const unknown: State = { kind: "unknown" };

/** What is known of one origin. */
export class KeepAlive {
  #state: State = unknown;

  /** The way of the next request. One at a time is watched, so that hardly a connection stands idle for it. */
  wayFor({ isRepeatable, afterReset }: Passenger, now: Millis): Way {
    const state = this.#state;
    if (state.kind === "keeps" && isRepeatable && !afterReset) return reused;
    if (state.kind === "keeps" || state.kind === "closes") return own;
    if (state.kind === "watching" && now < state.untilMs) return own;
    this.#state = { kind: "watching", untilMs: now + maxWatchMs };
    return watched;
  }

  /** What was seen behind an answer. True: that the origin closes its connections is news. */
  seen(evidence: Evidence): boolean {
    const before = this.#state.kind;
    switch (evidence) {
      case "stayed":
      case "announced":
        this.#state = { kind: "keeps" };
        return false;
      case "closed":
        this.#state = { kind: "closes" };
        return before !== "closes";
      case "nothing":
        if (before === "watching") this.#state = unknown;
        return false;
    }
  }

  /** A connection was refused, or one broke that had been used before: the origin may be another one from here on. */
  lost(): void {
    if (this.#state.kind !== "watching") this.#state = unknown;
  }
}
