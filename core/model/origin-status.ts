/** What is known of an origin at one moment, for all rules that look at origins. */
import type { Millis, OriginName } from "./upstream.ts";

/** What an operator asked for; independent of what is observed. */
export type OperatorState = "up" | "draining" | "down";

/** An origin at this moment. */
export interface OriginStatus {
  /** Probes and traffic let it serve. */
  readonly healthy: boolean;
  /** It is not healthy by its answers, but probes find it well: sessions that are bound to it stay. */
  readonly keepsSessions?: boolean;
  /** The last that traffic saw of it was a failure. That says little about one request, but a retry should go elsewhere. */
  readonly failing?: boolean;
  /** Connections to it have failed in a row; it would be ejected if its pool could spare it. */
  readonly suspect?: boolean;
  readonly operator: OperatorState;
  /** It says that it wants to be drained. */
  readonly leaving?: boolean;
  /** The part of its weight that it can bear, as it says, 0–1; absent: all of it. */
  readonly share?: number;
  /** The part of its share that it has while it starts slowly, above 0 and below 1; absent: all of it. */
  readonly warmth?: number;
  /** Slots in use, fleet-wide. */
  readonly inFlight: number;
  /** How long they have been open on average, as far as is certain; absent: not known. */
  readonly ageMs?: Millis | undefined;
  /** So many more requests are expected soon, of sessions that were bound to it (`core/sessions/new-sessions.ts`); absent: none. */
  readonly coming?: number;
  /** Slots in use, or leased to a holder; absent: none is leased. */
  readonly taken?: number;
  /** How many there are to be taken; absent: the origin's `maxConns`. A region has what it was lent, or it was found out. */
  readonly limit?: number;
  /** How many there are when it is not just being measured; absent: as many as there are to be taken. */
  readonly capacity?: number;
}

/** All origins of an upstream at one moment. */
export interface OriginsNow {
  readonly now: Millis;
  readonly statusOf: (origin: OriginName) => OriginStatus;
}
