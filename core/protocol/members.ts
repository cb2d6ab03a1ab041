/** Origins that register themselves, as messages and objects speak of them. The rules are those of `core/membership`. */
import type { Millis, OriginName, PoolName } from "../model/upstream.ts";

/** What must be known of a member to send requests to it. */
export interface Enrolled {
  readonly pool: PoolName;
  readonly name: OriginName;
  readonly url: string;
}

export interface Member extends Enrolled {
  readonly joinedMs: Millis;
  /** The time, by its own clock, of the last of its messages that was persisted. */
  readonly saidMs: Millis;
  /** Since when the object has looked for news of the member and found none. Absent: it was heard. */
  readonly quietSinceMs?: Millis;
  /** It is being drained: it has said goodbye, or fell silent. */
  readonly leaving?: { readonly sinceMs: Millis; readonly why: Leaving };
}

export type Leaving = "goodbye" | "silent";

/** All members of an upstream, as they are persisted. */
export interface Roster {
  /** Grows when a member joins or is removed: an isolate that knows this version knows the origins that requests may be sent to. */
  readonly version: number;
  readonly members: readonly Member[];
  /** Members that have gone a moment ago, and what each said last: an older message that comes again must not bring a member back. */
  readonly gone: readonly Gone[];
}

export interface Gone {
  readonly name: OriginName;
  readonly saidMs: Millis;
  readonly atMs: Millis;
}

/** A message of an origin's, whose signature was good. */
export interface Registration extends Enrolled {
  /** When it was signed, by the origin's clock. */
  readonly saidMs: Millis;
  /** It wants to leave. */
  readonly leaving: boolean;
}

export type Refusal =
  | "unknown-pool"
  | "url-refused"
  | "name-taken"
  | "url-taken"
  | "pool-full"
  /** Its own farewell, or its silence, is being carried out. */
  | "draining"
  /** An operator has taken it out of service. */
  | "out-of-service"
  /** It has said something later than this. */
  | "out-of-order";

export type RegistrationResult =
  | { readonly kind: "joined" | "renewed" | "draining" | "gone" }
  | { readonly kind: "refused"; readonly why: Refusal };

/** A member as people see it. */
export interface MemberView {
  readonly url: string;
  /** Since it was last heard, or is waited for. */
  readonly heartbeatAgeMs: Millis;
  readonly leaving: Leaving | null;
}

/** What isolates are told: the origins that requests may be sent to. */
export interface RosterNews {
  readonly version: number;
  readonly members: readonly Enrolled[];
}

/** With whatever else an isolate is answered; absent: nothing that it does not know. */
export interface WithRoster {
  readonly roster?: RosterNews;
}

/** What has become of a registration, and how many requests the origin has open. */
export type Registered = RegistrationResult & { readonly inFlight: number };
