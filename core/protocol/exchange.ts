/**
 * The one message between a holder (an isolate) and the object of an upstream: what I hold, what finished,
 * what I want → what you may have. Everything in it is absolute or numbered, so a lost reply, a repeated or
 * a reordered message does no harm. Google's Doorman and Envoy's RLQS report absolutes for the same reason.
 */
import type { Homecoming } from "../sessions/session-return.ts";
import type { SpillReason } from "../placement/spill.ts";
import type { OriginReport } from "../load/origin-report.ts";
import type { Millis, OriginName, PoolName, Priority } from "../model/upstream.ts";
import type { OriginsOut } from "./origins-out.ts";

/** An isolate, or a region's object with its incarnation (`regionHolder`). */
export type HolderId = string;

/** Which configuration a message is about. Later deployments have a greater `order`; `hash` names the content. */
export interface ConfigVersion {
  readonly order: number;
  readonly hash: string;
}

/** Open requests of the holder on an origin that all end within `forMs`, or are declared again by then. */
export interface HeldSlots {
  readonly origin: OriginName;
  readonly open: number;
  /** Of a region: what it has lent to its own holders beyond what these have open; absent: nothing. */
  readonly lent?: number;
  readonly forMs: Millis;
}

/** How an attempt ended, as far as the origin is to be judged by it. */
export interface Outcome {
  readonly origin: OriginName;
  readonly ok: boolean;
  /** The connection failed, and not the answer: hardly a matter of what was asked. */
  readonly lost?: true | undefined;
  /** From sending the request to the headers of a good answer. Absent: the client was still sending its body. */
  readonly headerMs?: Millis | undefined;
  /** From sending the request to the end of a good answer. Absent: it ended with its headers. */
  readonly lastByteMs?: Millis | undefined;
  /** What failed, for the evidence in the log: `reset`, `timeout`, `503` … */
  readonly detail?: string | undefined;
  /** What the origin said of itself, under its signature. */
  readonly report?: OriginReport | undefined;
  /** It said something that was forged, stale or no report. */
  readonly refusedReport?: true | undefined;
}

/** Outcomes of an origin as they travel: a failure alone, good answers without a failure between them together. */
export interface OutcomeRun extends Omit<Outcome, "headerMs" | "lastByteMs" | "refusedReport"> {
  /** How many; absent: one. */
  readonly count?: number | undefined;
  /** Times of these, or of a fair part of them. */
  readonly headerMs?: readonly Millis[] | undefined;
  readonly lastByteMs?: readonly Millis[] | undefined;
  /** How many had a report that was refused; absent: none. `report` is the latest. */
  readonly refusedReports?: number | undefined;
}

/** What the holder has started on an origin by itself, without asking. */
export interface Started {
  readonly origin: OriginName;
  /** So many requests in the holder's whole life: an absolute number, like all others. */
  readonly count: number;
}

/** A number that the holder counts of a pool, in its whole life; for the bill. */
export interface Tally {
  readonly pool: PoolName;
  /** Requests that it took by spilling, and why; requests refused because its budget was used up; bytes it has sent. */
  readonly of: SpillReason | "refused" | "bytes";
  /** So far as an answer has confirmed that it was counted. */
  readonly from: number;
  readonly to: number;
}

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
   * idle, and then it says nothing of the origin. It may be tried once more where nobody else can take the request.
   */
  readonly reset?: OriginName | undefined;
  /** Origins that the holder's configuration does not have: asking again is none. */
  readonly unknown?: readonly OriginName[] | undefined;
  readonly pin?: Pin | undefined;
  /** The request has asked before, and found everything full. */
  readonly again?: true | undefined;
  /** How often the request has asked before and was sent back to the idle slots of its holder's lease; absent: never. */
  readonly sentBack?: number | undefined;
  /** Whom it goes before where requests wait; absent: normal. */
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

export interface ExchangeMessage {
  readonly holder: HolderId;
  /** Grows by one with each message of the holder; a message with a want is called an ask, and named by it. */
  readonly seq: number;
  /** The object's epoch as the holder last heard it; 0: never. */
  readonly epoch: number;
  readonly config: ConfigVersion;
  /** All slots the holder knows to be its own. */
  readonly held: readonly HeldSlots[];
  /**
   * All messages whose answer the holder still waits for, this one included. What was granted or leased in the answer
   * to another will not be taken.
   */
  readonly awaiting: readonly number[];
  /** Outcomes not yet known to have arrived; the first is the holder's number `outcomesFrom`. */
  readonly outcomes: readonly OutcomeRun[];
  readonly outcomesFrom: number;
  /** The message in whose answer came the lease that the holder starts requests under; absent: it has none. */
  readonly lease?: number | undefined;
  /**
   * The latest message whose answer the holder has taken in: of leases that came with this answer or an earlier one it uses none but `lease`.
   * Absent: it has heard nothing.
   */
  readonly heard?: number | undefined;
  /** It uses no more than so many slots of that lease on each origin, and gives the rest back; absent: it uses all. */
  readonly keeps?: Readonly<Record<OriginName, number>> | undefined;
  /** Requests it has had open on average of late, or would have had, had none been turned away; fractions count. Absent: none. */
  readonly usual?: number | undefined;
  /** The most it has had open at once in the last seconds, on all origins together. Absent: none. */
  readonly most?: number | undefined;
  /** Absent while it has started none. */
  readonly started?: readonly Started[] | undefined;
  /** Absent while nothing is unconfirmed. */
  readonly tallies?: readonly Tally[] | undefined;
  /** Sessions that it has served under its lease since its last message. */
  readonly sessions?: readonly (ServedSession & { readonly session: string })[] | undefined;
  /** Of a region: it takes the place of its earlier incarnations, and declares all that they have left behind. */
  readonly replaces?: true | undefined;
  /** Of a region: one of its requests finds no slot, and it is to have one if there is any. */
  readonly short?: true | undefined;
  /** It has had to go on without the object since it was heard last: what it asked for meanwhile it has not taken. */
  readonly recovering?: true | undefined;
  /** It starts nothing at present: it needs no lease, and gives back the one it had. */
  readonly quiet?: true | undefined;
  /**
   * The latest version of the operator's orders (`OriginsOut`) that it goes by, and of a region's, that all of its own holders
   * do; absent: it has heard of none.
   */
  readonly outSeen?: number | undefined;
  readonly want?: Want | undefined;
}

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
  /** Nobody was healthy, so health was ignored. */
  readonly panic?: true;
  /** No slot was left and nobody could be asked: the origin's limit may be exceeded. */
  readonly excess?: true;
}

/** How a pick came about: the object was asked; by the isolate itself under its lease; by itself, with nobody to ask. */
export type PickMode = "strict" | "leased" | "fail-static";

/** Why there may be room where there seems to be none. */
export interface Doubt {
  /** It is full only by what perhaps nobody has: after a loss of memory, or of answers, until the holders have spoken. */
  readonly assumed?: true;
  /** Some of its slots are leased and not in use: with an exchange or two of their holders they may be free. */
  readonly idle?: true;
}

export interface Unavailable extends Doubt {
  readonly kind: "unavailable";
  readonly why: "full" | "down";
  /** When there will be room, by the estimate, in whole seconds; absent: nobody can tell. */
  readonly retryAfterS?: number;
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
}

export type Pick =
  | GrantedPick
  | Unavailable
  | Queued
  | OverBudget
  /** The fleet retries too much already: the first attempt's outcome stands. */
  | { readonly kind: "no-retry-budget" }
  /**
   * The pool is full by slots that this holder was leased while the ask was under way, and that it does not use: the request
   * takes one of these, or asks once more, in a message that gives back what the holder has no right to keep. `pin`: of a request of a
   * session, what becomes of that where its own origin does not serve it; absent: it is of none.
   */
  | { readonly kind: "idle-lease"; readonly pin?: "elsewhere" | "moved" }
  /** The holder had given the ask up (this copy of it was late): nothing is granted. */
  | { readonly kind: "withdrawn" };

/** What a lease says of one origin. One that takes no new requests is left out, or is for bound sessions only. */
export interface LeasedOrigin {
  readonly origin: OriginName;
  /** Its part of the coming requests, in relation to the others of its pool. */
  readonly share: number;
  /** The most requests that the holder may have open there by starting them itself; absent: there is no limit. */
  readonly slots?: number;
  /** With its next message the holder gives back what it does not use of its slots beyond this; absent: nothing. */
  readonly keep?: number;
  /** The object has more slots there, and time to be asked: a turn of the origin that finds no slot here is worth an ask. */
  readonly more?: true;
  /** Open requests, fleet-wide. */
  readonly inFlight: number;
  readonly pinEpoch: number;
  /** Its operator drains it: it takes the requests of sessions that are bound to it. */
  readonly boundOnly?: true;
  /** It starts slowly, and has this part of what its share would be; absent: all of it. */
  readonly warmth?: number;
}

/** A pool that takes no more than was leased of it, for so long: the object has said so, and need not be asked. */
export interface ClosedPool extends Doubt {
  readonly pool: PoolName;
  readonly why: SpillReason;
  readonly forMs: Millis;
  /** Requests wait at the holder for slots of the pool that it was leased; absent: they do not. */
  readonly line?: LineTerms;
  /** Its budget is used up, and begins anew then. */
  readonly renewsInMs?: Millis;
}

/** How requests wait for a pool's slots. */
export interface LineTerms {
  /** What a request takes there on average. */
  readonly serviceMs: Millis;
  /** Who would wait longer had better go to a later pool, if one has room. */
  readonly worthMs: Millis;
  /** Who would wait longer is refused. */
  readonly patienceMs: Millis;
  /** So many may wait for each slot. */
  readonly lengthPerSlot: number;
  /** Where a holder's part of the places is taken, a request may ask for one of the object's queue: there are few enough messages for that. */
  readonly mayAsk?: true;
}

/**
 * A right to start requests without asking. It replaces the one before, and ends `forMs` after the holder *sent* the
 * message that it answers; the object counts from when it *received* it, so that their clocks need not agree.
 */
export interface Lease {
  readonly forMs: Millis;
  readonly origins: readonly LeasedOrigin[];
  readonly closed: readonly ClosedPool[];
  /** Whose turn it is to come home: their requests ask. Absent: nobody's. */
  readonly homecoming?: Homecoming;
}

export interface ExchangeReply {
  readonly epoch: number;
  /** Outcomes below this number have been counted. */
  readonly outcomesSeen: number;
  /**
   * How the holder is to go on: `strict`, one exchange for each request; `leased`, by itself where its lease lets it,
   * and with an exchange every `everyMs`.
   */
  readonly mode: "strict" | "leased";
  readonly everyMs?: Millis | undefined;
  readonly lease?: Lease | undefined;
  readonly pick?: Pick | undefined;
  /** The operator's orders, if the message knew others. */
  readonly out?: OriginsOut | undefined;
}
