/**
 * Sticky sessions as the coordinator knows them: where each is bound, how many were bound to an origin lately, and what becomes of a
 * session whose request was served. A region tells its root, and keeps it in mind but does not persist it.
 */
import type { Millis, OriginName, Upstream } from "../model/upstream.ts";
import type { GrantedPick, Pin, ServedSession, Want } from "../protocol/pick.ts";
import type { RegionLink } from "../region/region-link.ts";
import { asBound, servedSession } from "../sessions/moved-session.ts";
import { NewSessions } from "../sessions/new-sessions.ts";
import { Sessions } from "../sessions/sessions.ts";
import type { Outbox } from "./outbox.ts";
import { rows } from "./rows.ts";
import type { SavedState } from "./saved-state.ts";

/** Sessions that ended are looked for this often. */
const expireEveryMs = 30_000;

export interface SessionContext {
  readonly pinEpochOf: (origin: OriginName) => number;
  /** A session was moved home. */
  readonly moved: () => void;
  readonly regionLink: Pick<RegionLink, "noteSession"> | undefined;
  readonly outbox: Outbox;
}

export class BoundSessions {
  #upstream: Upstream;
  readonly #sessions: Sessions;
  #expireAtMs: Millis;
  readonly #new = new NewSessions();
  readonly #context: SessionContext;

  constructor(upstream: Upstream, saved: SavedState["sessions"], context: SessionContext, now: Millis) {
    this.#upstream = upstream;
    this.#sessions = new Sessions(saved.values());
    this.#expireAtMs = now + expireEveryMs;
    this.#context = context;
  }

  reconfigure(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#new.keep(upstream.pools.flatMap(({ origins }) => origins));
  }

  get #idleMs(): Millis {
    return this.#upstream.sticky?.idleMs ?? 0;
  }

  /** The want with its session's pin as it is, whatever its cookie says. */
  asBound(want: Want): Want {
    return asBound(want, this.#upstream, this.#sessions, this.#context.pinEpochOf);
  }

  /** A request was granted a slot. `pin`: of its session, if it has one. */
  granted(pin: Pin | undefined, pick: GrantedPick, now: Millis): void {
    const isBoundAnew = pick.pin === "none" || pick.pin === "moved";
    if (this.#upstream.sticky !== undefined && isBoundAnew) this.#new.bound(pick.origin, now);
    if (pin !== undefined) this.served(pin.session, servedSession(pin, pick, this.#upstream), now);
  }

  /** A session was served, and is bound to the origin. */
  served(id: string, served: ServedSession, now: Millis): void {
    const { moved, regionLink, outbox } = this.#context;
    if (served.moved === true) moved();
    const session = this.#sessions.touch({ id, origin: served.origin, seenMs: now }, this.#idleMs);
    const gone = this.#sessions.crowdedOut();
    if (now >= this.#expireAtMs) {
      this.#expireAtMs = now + expireEveryMs;
      gone.push(...this.#sessions.expire(now, this.#idleMs));
    }
    if (regionLink !== undefined) return regionLink.noteSession(id, served);
    for (const one of gone) outbox.delete(rows.sessions.of(one));
    // After those that are gone: one that was crowded out may be the one that has just come back.
    if (session !== undefined) outbox.put(rows.sessions.of(id), session);
  }

  /** How much the sessions that were bound to the origin lately count; `undefined`: nothing. */
  comingOn(origin: OriginName, now: Millis): number | undefined {
    return this.#new.comingOn(origin, now);
  }

  /** Bound sessions per origin. */
  counts(now: Millis): ReadonlyMap<OriginName, number> {
    return this.#sessions.counts(now, this.#idleMs);
  }
}
