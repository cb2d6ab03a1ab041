/** The object that probes an upstream's origins, as others call it. */
import type { ConfigSection } from "./config-section.ts";
import type { Roster } from "./members.ts";
import type { MaybePromise } from "./object-namespace.ts";
import type { Round, UrgentProbes } from "./probe-round.ts";

export interface ProberObject {
  /**
   * Takes over the configuration if it is new, makes sure that the alarm is armed, and tells of the last round. A member
   * that is new in the roster is probed soon.
   */
  watch(section: ConfigSection, roster?: Roster): MaybePromise<Round | undefined>;
  /**
   * Traffic has lost connections in a row: probes say within a second whether the origin is gone, and soon when it is back
   * (HAProxy's `observe` with `fastinter`).
   */
  hurry(urgent: UrgentProbes): MaybePromise<void>;
}
