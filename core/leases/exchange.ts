/**
 * The one message between a holder (an isolate) and the object of an upstream: what I hold, what finished,
 * what I want → what you may have. Everything in it is absolute or numbered, so a lost reply, a repeated or
 * a reordered message does no harm. Google's Doorman and Envoy's RLQS report absolutes for the same reason.
 */
import type { SpillReason } from "../burst/spill.ts";
import type { Millis, OriginName, PoolName } from "../upstream.ts";

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
  readonly forMs: Millis;
}

/** How an attempt ended, as far as the origin is to be judged by it. */
export interface Outcome {
  readonly origin: OriginName;
  readonly ok: boolean;
  /** The connection failed, and not the answer: hardly a matter of what was asked. */
  readonly lost?: true;
  /** From sending the request to the headers of a good answer. Absent: the client was still sending its body. */
  readonly headerMs?: Millis;
  /** From sending the request to the end of a good answer. Absent: it ended with its headers. */
  readonly lastByteMs?: Millis;
  /** What failed, for the evidence in the log: `reset`, `timeout`, `503` … */
  readonly detail?: string;
}

/** A session's claim on an origin, from its cookie. */
export interface Pin {
  readonly session: string;
  readonly origin: OriginName;
  /** The origin's pin epoch when the session was bound; an older one than the object's no longer binds. */
  readonly epoch: number;
}

/** A request asks for a slot. */
export interface Want {
  /** Equal keys go to the same origin, for policies that hash. */
  readonly key?: string;
  /** Origins that have failed the request: asking again is a retry. */
  readonly tried: readonly OriginName[];
  /** The request will not be tried again after this. */
  readonly last?: true;
  /** Origins that the holder's configuration does not have: asking again is none. */
  readonly unknown?: readonly OriginName[];
  readonly pin?: Pin;
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
  /** All asks whose answer the holder still waits for, this one included. A slot granted to another is not taken. */
  readonly asking: readonly number[];
  /** Outcomes not yet known to have arrived; the first is the holder's number `outcomesFrom`. */
  readonly outcomes: readonly Outcome[];
  readonly outcomesFrom: number;
  readonly want?: Want;
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
  readonly spill?: SpillReason;
  /** Nobody was healthy, so health was ignored. */
  readonly panic?: true;
}

export type Pick =
  | GrantedPick
  | { readonly kind: "unavailable"; readonly why: "full" | "down" }
  /** The fleet retries too much already: the first attempt's outcome stands. */
  | { readonly kind: "no-retry-budget" }
  /** The holder had given the ask up (this copy of it was late): nothing is granted. */
  | { readonly kind: "withdrawn" };

export interface ExchangeReply {
  readonly epoch: number;
  /** Outcomes below this number have been counted. */
  readonly outcomesSeen: number;
  /** How the holder is to go on: one exchange per request. */
  readonly mode: "strict";
  readonly pick?: Pick;
}
