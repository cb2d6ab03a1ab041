/** What a request asks for, what its session has a claim on, and what it gets: a slot, a place in the queue, or why there is none. */
import type { Millis, OriginName, PoolName, Priority } from "../model/upstream.ts";
import type { HolderId } from "./exchange.ts";

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
  /** Stands for the client, 32 bits (a hash of `Transaction.account`); absent: nothing tells, or the holder's code is of an earlier deployment. */
  readonly client?: number | undefined;
  /** So many of the client's requests may wait in the queue at most; absent: any number. */
  readonly mostWaiting?: number | undefined;
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

/**
 * Why a request is not served at home: home is healthy but full (`peak`), it cannot serve (`downtime`), its
 * operator emptied it (`drain`), or its session is bound elsewhere (`policy`). And why it is not served by the pool
 * after home either, which could take it: that pool's budget is used up (`budget`).
 */
export type SpillReason = "peak" | "downtime" | "drain" | "policy" | "budget";

export interface GrantedPick {
  readonly kind: "granted";
  readonly origin: OriginName;
  readonly pool: PoolName;
  /** The origin's pin epoch, for the session's cookie. */
  readonly pinEpoch: number;
  /**
   * What became of the request's pin: `kept`; `elsewhere`, for this once, as its origin is full; `moved`, for
   * good; `none` was sent.
   */
  readonly pin: "kept" | "elsewhere" | "moved" | "none";
  /** The session was bound elsewhere, and has been moved home as there is room: its cookie is to say that it was. */
  readonly returned?: true;
  readonly spill?: SpillReason;
  /** No origin was healthy, so health was ignored. */
  readonly panic?: true;
  /** No slot was left and the object could not be asked: the origin's limit may be exceeded. */
  readonly excess?: true;
}

/** How a pick came about: the object picked; the isolate picked within its lease; the isolate picked because it could not ask. */
export type PickMode = "strict" | "leased" | "fail-static";

/** Why there may be room where there seems to be none. */
export interface Doubt {
  /** It is full only by slots that perhaps no holder has: after a loss of memory, or of answers, until all holders have reported. */
  readonly assumed?: true;
  /** Some of its slots are leased and not in use: with an exchange or two of their holders they may be free. */
  readonly idle?: true;
}

export interface Unavailable extends Doubt {
  readonly kind: "unavailable";
  readonly why: "full" | "down";
  /** When there will be room, by the estimate, in whole seconds; absent: it is not known. */
  readonly retryAfterS?: number;
  /** It might wait, but as many of its client's requests do as may. */
  readonly of?: "client";
}

/** The ask waits in the queue for so long at most, and is to be waited for with a call of its own (`core/queue/`). */
export interface Queued {
  readonly kind: "queued";
  readonly forMs: Millis;
}

/** A later pool could take the request, but its budget is used up. */
export interface OverBudget extends Doubt {
  readonly kind: "unavailable";
  readonly why: "budget";
  /** The first pool of which that is so. */
  readonly pool: PoolName;
  /** When it is worth asking again. */
  readonly againInMs: Millis;
  /** It is used up for this client only, which has had its part. */
  readonly of?: "client";
}

export type Pick =
  | GrantedPick
  | Unavailable
  | Queued
  | OverBudget
  /**
   * The fleet retries too much already, or has its retries for other clients: the first attempt's outcome stands. Without a word of whose
   * budget is used up the object's code is of an earlier deployment.
   */
  | { readonly kind: "no-retry-budget"; readonly of?: "fleet" | "client" }
  /**
   * The pool is full by slots that this holder was leased while the ask was under way, and that it does not use: the request
   * takes one of these, or asks once more, in a message that gives back what the holder has no right to keep. `pin`: of a request of a
   * session, what becomes of that where its own origin does not serve it; absent: it is of none. `there`: the origin that the session is bound to
   * is full by such slots, and the request takes one of these: a holder that has lost a connection to an origin uses none of them before it has
   * asked. A holder of an earlier deployment goes by `pin` alone.
   */
  | { readonly kind: "idle-lease"; readonly pin?: "elsewhere" | "moved"; readonly there?: true }
  /** The holder had given the ask up (this copy of it was late): nothing is granted. */
  | { readonly kind: "withdrawn" };

/** The name of an ask: the number of its message. */
export interface AskName {
  readonly holder: HolderId;
  readonly seq: number;
}

/** How the waiting of an ask ended. */
export interface WaitEnd extends AskName {
  readonly pick: Exclude<Pick, Queued>;
}
