/**
 * Open requests on an origin, as one region may best assume them between two synchronisations. It knows its own
 * exactly and all the others' from a snapshot; since then it has changed its own part, and the others, which saw
 * the same snapshot, will have done much the same. Taking that into account ("everyone does what I do", after C3's
 * concurrency compensation, Suresh et al., NSDI '15) is what keeps regions from running to the same origin together.
 * Good for about ten regions; with more, use shares (`core/leasing/shares.ts`) between them.
 */

/** What all regions together had open on an origin when they were last synchronised. */
export interface FleetSnapshot {
  /** All regions' open requests, this one's included. */
  readonly total: number;
  /** This region's part of them. */
  readonly own: number;
}

/**
 * The estimate: at least what is open here for certain, otherwise the snapshot and `regions` times this region's
 * change since. `own`: its open requests now. `regions`: how many there are, this one included; at least 1.
 */
export function regionalInFlight(own: number, snapshot: FleetSnapshot, regions: number): number {
  return Math.max(own, snapshot.total + regions * (own - snapshot.own));
}
