/**
 * Which session is bound to which origin, as far as the object knows. The cookie is the truth and needs no
 * look-up; this table is for counting (when is a drained origin free?). A session is entered when it first comes
 * *back* with its cookie: a client that drops cookies leaves no trace here, however many requests it sends.
 */
import type { Millis, OriginName } from "../model/upstream.ts";

export interface Session {
  readonly id: string;
  readonly origin: OriginName;
  readonly seenMs: Millis;
}

/** The table's bound; when it is full the session seen longest ago makes room. */
export const maxSessions = 50_000;

/** `seenMs` is written again only when it has grown by this share of the idle time. */
const rewriteShare = 0.25;

export class Sessions {
  readonly #byId = new Map<string, Session>();
  /** What was last returned for persisting, by session. */
  readonly #persistedMs = new Map<string, Millis>();

  #crowdedOut: string[] = [];

  constructor(saved: Iterable<Session>) {
    for (const session of [...saved].sort((a, b) => a.seenMs - b.seenMs)) this.#enter(session);
  }

  /** The session was seen on the origin. Returns it if the change must be persisted. */
  touch(session: Session, idleMs: Millis): Session | undefined {
    const known = this.#byId.get(session.id);
    this.#byId.delete(session.id);
    this.#byId.set(session.id, session);
    this.#makeRoom();
    const persistedMs = this.#persistedMs.get(session.id);
    const fresh = persistedMs !== undefined && session.seenMs - persistedMs < rewriteShare * idleMs;
    if (known?.origin === session.origin && fresh) return undefined;
    this.#persistedMs.set(session.id, session.seenMs);
    return session;
  }

  /** Where the session was seen last; `undefined`: it is not known. */
  originOf(id: string): OriginName | undefined {
    return this.#byId.get(id)?.origin;
  }

  /** Sessions that had to make room since this was last asked, by id. */
  crowdedOut(): string[] {
    const ids = this.#crowdedOut;
    this.#crowdedOut = [];
    return ids;
  }

  /** Forgets sessions that are idle for too long, and returns their ids. */
  expire(now: Millis, idleMs: Millis): string[] {
    const gone: string[] = [];
    // In the order of last use: the first that is young enough ends the search.
    for (const { id, seenMs } of this.#byId.values()) {
      if (now - seenMs <= idleMs) break;
      gone.push(id);
    }
    for (const id of gone) this.#forget(id);
    return gone;
  }

  /** Bound sessions per origin. */
  counts(now: Millis, idleMs: Millis): ReadonlyMap<OriginName, number> {
    const counts = new Map<OriginName, number>();
    for (const { origin, seenMs } of this.#byId.values()) {
      if (now - seenMs <= idleMs) counts.set(origin, (counts.get(origin) ?? 0) + 1);
    }
    return counts;
  }

  #enter(session: Session): void {
    this.#byId.set(session.id, session);
    this.#persistedMs.set(session.id, session.seenMs);
    this.#makeRoom();
  }

  #makeRoom(): void {
    for (const id of this.#byId.keys()) {
      if (this.#byId.size <= maxSessions) return;
      this.#forget(id);
      this.#crowdedOut.push(id);
    }
  }

  #forget(id: string): void {
    this.#byId.delete(id);
    this.#persistedMs.delete(id);
  }
}
