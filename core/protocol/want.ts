/** What a request asks for, and what its session has a claim on. */
import type { Millis, OriginName, Priority } from "../model/upstream.ts";

/** A session's claim on an origin, from its cookie. */
export interface Pin {
  readonly session: string;
  readonly origin: OriginName;
  /** The origin's pin epoch when the session was bound; an older one than the object's no longer binds. */
  readonly epoch: number;
  /** When the session began, by its isolate's clock; absent: the holder's code is of an earlier deployment. */
  readonly begunMs?: Millis;
  /** It has been moved home before, and is not moved again. */
  readonly returned?: true;
}

/** A request asks for a slot. */
export interface Want {
  /** Equal keys go to the same origin, for policies that hash. */
  readonly key?: string | undefined;
  /** Origins that have failed the request: asking again is a retry. */
  readonly tried: readonly OriginName[];
  /**
   * The last of them, if it has cut the connection before it answered, for the first time: many do that to a connection that was
   * idle, and then it says nothing of the origin. The origin may be tried once more if no other origin can take the request.
   */
  readonly reset?: OriginName | undefined;
  /** Origins that the holder's configuration does not have: asking again is none. */
  readonly unknown?: readonly OriginName[] | undefined;
  readonly pin?: Pin | undefined;
  /** The request has asked before, and found everything full. */
  readonly again?: true | undefined;
  /** How often the request has asked before and was sent back to the idle slots of its holder's lease; absent: never. */
  readonly sentBack?: number | undefined;
  /** Its place among waiting requests; absent: normal. */
  readonly priority?: Priority | undefined;
  /** How long it can wait for a slot at most; absent: as long as the queue lets it. */
  readonly waitMs?: Millis | undefined;
  /** By the holder's own count it is this origin's turn, and the holder has no slot there: it is to be that one if it has room. */
  readonly turn?: OriginName | undefined;
}

/** A bound session's request, of which the object has not heard in an ask. */
export interface ServedSession {
  /** Where the session is bound now. */
  readonly origin: OriginName;
  /** It was brought home. */
  readonly moved?: true;
}
