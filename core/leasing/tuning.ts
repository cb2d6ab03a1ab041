/** The numbers that leases are given by. They are what ships; the simulator tries others (docs/coordination.md). */
import type { Millis } from "../model/upstream.ts";
import { askedUpTo } from "./pace.ts";

export interface LeaseTuning {
  /** The shortest time between two exchanges of a leased holder that need not ask. */
  readonly everyMs: Millis;
  /** The part of what is spare that is leased out, 0–1; the rest is for holders that ask. */
  readonly leasedPart: number;
  /** So many requests a second the object is asked for one by one rather than that leases of few slots decide. */
  readonly askedUpTo: number;
}

export const leaseTuning: LeaseTuning = { everyMs: 250, leasedPart: 0.75, askedUpTo };
