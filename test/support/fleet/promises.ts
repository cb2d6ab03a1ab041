/** What the coordination promises, held against a fleet after every step. A broken promise is thrown. */
import type { Fleet } from "./fleet.ts";

export class BrokenPromise extends Error {}

/** All that must hold at any moment. */
export function checkPromises(fleet: Fleet): void {
  for (const origin of fleet.origins) {
    if (origin.maxConns === undefined) continue;
    const open = fleet.openOn(origin.name);
    const within = open.filter(({ isExcess }) => !isExcess).length;
    const streams = open.filter(({ isExcess, isStream }) => isStream && !isExcess).length;
    const { inFlight, taken = inFlight } = fleet.coordinator.statusOf(origin.name);
    // After a lowering, streams may go on; but nothing is started beside them.
    const limit = Math.max(fleet.greatestLimit(origin), streams);
    const broken = (what: string): never => {
      throw new BrokenPromise(`${origin.name}, at ${fleet.now} ms: ${what}`);
    };
    if (within > limit) broken(`${within} are open, and at most ${limit} may be`);
    if (taken < within) broken(`${within} are open, but the object believes in at most ${taken}`);
    if (inFlight < 0 || taken < inFlight) broken(`${inFlight} are counted in flight, and ${taken} taken`);
  }
  checkStopped(fleet);
  checkRequests(fleet);
}

/**
 * That nothing is open where the object has said that the origin can be stopped, and nothing begins there. Beyond its promise are
 * isolates that it could not know of then, and that have not heard from it since (`Fleet.stopped`).
 */
function checkStopped(fleet: Fleet): void {
  if (fleet.counts.orders === 0) return;
  // The object says it only of origins that are out; to look at all that it knows is dear.
  const { coordinator, stopped } = fleet;
  const areLeaving = fleet.origins.some(
    ({ name }) => !stopped.has(name) && coordinator.records.overrideOf(name).state !== "up",
  );
  for (const { origins } of areLeaving ? coordinator.view(fleet.now).pools : []) {
    for (const { name, safeToStop } of origins) {
      if (safeToStop && !stopped.has(name)) fleet.stop(name);
    }
  }
  for (const [name, known] of stopped) {
    const open = [...known].flatMap((isolate) => isolate.open);
    if (open.some(({ slot, isUnaware }) => slot.origin === name && !isUnaware))
      throw new BrokenPromise(`${name}, at ${fleet.now} ms: open, and it was said that it can be stopped`);
  }
}

/**
 * That the object has not given away more than there is. It holds while it remembers what it gave, no limit was lowered,
 * and messages arrive in the moment they are sent: a late one tells of slots that were let go of meanwhile.
 */
export function checkGranted(fleet: Fleet): void {
  for (const { name, maxConns = Infinity } of fleet.origins) {
    const { inFlight, taken = inFlight } = fleet.coordinator.statusOf(name);
    if (taken > maxConns) throw new BrokenPromise(`${name}: ${taken} of ${maxConns} are given away`);
  }
}

/** Requests that did not get a slot for want of a coordinator, or above the limit. */
function checkRequests({ counts, upstream }: Fleet): void {
  const hasLaterPool = upstream.pools.length > 1;
  const broken = (what: string): never => {
    throw new BrokenPromise(what);
  };
  if (hasLaterPool && counts.unavailable > 0) broken("a request was refused, and a later pool had room");
  if ((hasLaterPool || upstream.onCoordinatorLoss === "exceed") && counts.lost > 0) {
    broken("a request failed because of the coordinator");
  }
  if ((hasLaterPool || upstream.onCoordinatorLoss === "refuse") && counts.excess > 0) {
    broken("a request was started above the limit");
  }
}

/** That nothing is counted any more, on any origin. */
export function checkNothingCounted(fleet: Fleet, when: string): void {
  fleet.coordinator.view(fleet.now);
  for (const { name } of fleet.origins) {
    const { inFlight, taken } = fleet.coordinator.statusOf(name);
    if (inFlight !== 0 || taken !== 0) {
      throw new BrokenPromise(`${name}, ${when}: ${inFlight} in flight and ${taken} taken`);
    }
  }
}
