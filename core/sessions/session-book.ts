/** The sessions of an upstream as its object keeps them: what is seen of them goes in, what is to be persisted comes out. */
import type { Millis, OriginName, Sticky } from "../model/upstream.ts";
import { Sessions, type Session, type SessionChange } from "./sessions.ts";

/** Sessions that ended are looked for this often. */
const expireEveryMs = 30_000;

export class SessionBook {
  readonly #sessions: Sessions;
  #expireAtMs: Millis;

  #idleMs: Millis;

  /** `saved` in the order of last use. */
  constructor(saved: readonly Session[], rules: Sticky | undefined, now: Millis) {
    this.#sessions = new Sessions(saved);
    this.#idleMs = rules?.idleMs ?? 0;
    this.#expireAtMs = now + expireEveryMs;
  }

  reconfigure(rules: Sticky | undefined): void {
    this.#idleMs = rules?.idleMs ?? 0;
  }

  /** A session was served, and is bound to the origin. */
  touch(id: string, origin: OriginName, now: Millis): SessionChange[] {
    const idleMs = this.#idleMs;
    const session = this.#sessions.touch({ id, origin, seenMs: now }, idleMs);
    const ids = this.#sessions.crowdedOut();
    if (now >= this.#expireAtMs) {
      this.#expireAtMs = now + expireEveryMs;
      ids.push(...this.#sessions.expire(now, idleMs));
    }
    return [
      ...(ids.length > 0 ? [{ kind: "sessions-gone", ids } as const] : []),
      // After those that are gone: one that was crowded out may be the one that has just come back.
      ...(session === undefined ? [] : [{ kind: "session", session } as const]),
    ];
  }

  /** Where the session was bound when it was seen last; `undefined`: it is not known. */
  originOf(id: string): OriginName | undefined {
    return this.#sessions.originOf(id);
  }

  /** Bound sessions per origin. */
  counts(now: Millis): ReadonlyMap<OriginName, number> {
    return this.#sessions.counts(now, this.#idleMs);
  }
}
