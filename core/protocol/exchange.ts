/**
 * The one message between a holder (an isolate) and the object of an upstream: what I hold, what finished,
 * what I want → what you may have. Everything in it is absolute or numbered, so a lost reply, a repeated or
 * a reordered message does no harm. Google's Doorman and Envoy's RLQS report absolutes for the same reason.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { ConfigVersion } from "./config-section.ts";
import type { Lease } from "./lease.ts";
import type { OriginsOut } from "./origins-out.ts";
import type { OutcomeRun, Tally } from "./outcome.ts";
import type { Pick, Want, ServedSession } from "./pick.ts";

/** An isolate, or a region's object with its incarnation (`regionHolder`). */
export type HolderId = string;

/** What the region's object is called as a holder. A new incarnation takes the place of those before it. */
export function regionHolder(region: string, epoch: number): HolderId {
  return `@${region}/${epoch}`;
}

/** What all incarnations of a region's object have in common; `undefined` for an isolate. */
export function regionOf(holder: HolderId): string | undefined {
  return holder.startsWith("@") ? holder.slice(0, holder.lastIndexOf("/")) : undefined;
}

/** Open requests of the holder on an origin that all end within `forMs`, or are declared again by then. */
export interface HeldSlots {
  readonly origin: OriginName;
  readonly open: number;
  /** Of a region: what it has lent to its own holders beyond what these have open; absent: nothing. */
  readonly lent?: number;
  readonly forMs: Millis;
  /** How long these have been open, on average; absent: not known. */
  readonly ageMs?: Millis;
}

/** What the holder has started on an origin by itself, without asking. */
export interface Started {
  readonly origin: OriginName;
  /** So many requests in the holder's whole life: an absolute number, like all others. */
  readonly count: number;
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
  /** Requests it has had open on average recently, or would have had if none had been turned away; fractions count. Absent: none. */
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
