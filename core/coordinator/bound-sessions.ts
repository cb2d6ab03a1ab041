/**
 * Sticky sessions as the coordinator knows them: where each is bound, how many were bound to an origin lately, and what becomes of a
 * session whose request was served. A region tells its root, and keeps it in mind but does not persist it.
 */
import type { Millis, OriginName, Upstream } from "../model/upstream.ts";
import type { GrantedPick } from "../protocol/pick.ts";
import type { Pin, ServedSession, Want } from "../protocol/want.ts";
import type { RegionLink } from "../region/region-link.ts";
import { asBound, servedSession } from "../sessions/moved-session.ts";
import { NewSessions } from "../sessions/new-sessions.ts";
import { SessionBook } from "../sessions/session-book.ts";
import type { Change, SavedState } from "./effects.ts";

export interface SessionContext {
  readonly pinEpochOf: (origin: OriginName) => number;
  /** A session was moved home. */
  readonly moved: () => void;
  readonly regionLink: Pick<RegionLink, "noteSession"> | undefined;
}

export class BoundSessions {
  #upstream: Upstream;
  readonly #book: SessionBook;
  readonly #new = new NewSessions();
  readonly #context: SessionContext;

  constructor(upstream: Upstream, saved: SavedState["sessions"], context: SessionContext, now: Millis) {
    this.#upstream = upstream;
    this.#book = new SessionBook(saved, upstream.sticky, now);
    this.#context = context;
  }

  reconfigure(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#book.reconfigure(upstream.sticky);
    this.#new.keep(upstream.pools.flatMap(({ origins }) => origins));
  }

  /** The want with its session's pin as it is, whatever its cookie says. */
  asBound(want: Want): Want {
    return asBound(want, this.#upstream, this.#book, this.#context.pinEpochOf);
  }

  /** A request was granted a slot. `pin`: of its session, if it has one. */
  granted(pin: Pin | undefined, pick: GrantedPick, now: Millis): readonly Change[] {
    const isBoundAnew = pick.pin === "none" || pick.pin === "moved";
    if (this.#upstream.sticky !== undefined && isBoundAnew) this.#new.bound(pick.origin, now);
    return pin === undefined ? [] : this.served(pin.session, servedSession(pin, pick, this.#upstream), now);
  }

  /** A session was served, and is bound to the origin. */
  served(session: string, served: ServedSession, now: Millis): readonly Change[] {
    if (served.moved === true) this.#context.moved();
    const kept = this.#book.touch(session, served.origin, now);
    if (this.#context.regionLink === undefined) return kept;
    this.#context.regionLink.noteSession(session, served);
    return [];
  }

  /** How much the sessions that were bound to the origin lately count; `undefined`: nothing. */
  comingOn(origin: OriginName, now: Millis): number | undefined {
    return this.#new.comingOn(origin, now);
  }

  counts(now: Millis): ReturnType<SessionBook["counts"]> {
    return this.#book.counts(now);
  }
}
