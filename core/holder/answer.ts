/** What a request gets by its isolate, a slot or why there is none; and what it knows when it picks again. */
import type { GrantedPick, Pick, PickMode, Want } from "../protocol/pick.ts";
import type { LinePlace } from "./local-line.ts";
import type { Slot } from "./open-slots.ts";

export interface GrantedAnswer {
  readonly kind: "granted";
  readonly pick: GrantedPick;
  readonly slot: Slot;
  readonly mode: PickMode;
  /** Why the object was not asked; absent: the mode is not `fail-static`. */
  readonly alone?: AloneReason;
}

/**
 * Why an isolate goes on without the object. `no-answer`: none came to what the request asked. `unreached`: none came to a message
 * before, and the object is left alone for a while. `in-doubt`: the object has answered that it is full, but cannot tell if
 * it is, since it has lost its memory or answers.
 */
export type AloneReason = "no-answer" | "unreached" | "in-doubt";

/** The object is to be asked again, with this want if there is one, otherwise with the same. */
export interface AskAgain {
  readonly kind: "ask";
  readonly want?: Want;
}

export type Answer =
  | GrantedAnswer
  | Exclude<Pick, { kind: "granted" | "withdrawn" | "queued" | "idle-lease" }>
  /** The object did not answer, or not in time, and without it there is no slot. */
  | { readonly kind: "lost" };

/** What a request has learnt that picks again. */
export interface Learnt {
  /** Where it waits. */
  readonly place?: LinePlace | undefined;
  /** It has asked for room in later pools, in vain. */
  readonly isFull?: boolean | undefined;
}
