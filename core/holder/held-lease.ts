/** The lease that a holder has, and what of it the holder has no use for. */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { Lease } from "../protocol/lease.ts";

/** The lease that is in force: the one from the latest message that was answered. */
export interface HeldLease extends Lease {
  /** The message that it came in answer to. */
  readonly seq: number;
  /** On the holder's own clock. */
  readonly untilMs: Millis;
}

type OpenOn = (origin: OriginName) => number;

/** How many slots the holder has, or uses, beyond those that the object wants it to keep. */
export function surplusOf({ origins }: HeldLease, openOn: OpenOn): number {
  let keep = 0;
  let have = 0;
  for (const { origin, slots, keep: kept } of origins) {
    if (slots === undefined) continue;
    have += Math.max(slots, openOn(origin));
    keep += kept ?? slots;
  }
  return have - Math.ceil(keep);
}

/** The lease without the idle slots that there is no use for beyond what is to be kept; `undefined`: there are none. */
export function withoutSurplus(lease: HeldLease, openOn: OpenOn): HeldLease | undefined {
  let surplus = surplusOf(lease, openOn);
  if (surplus <= 0) return undefined;
  const origins = lease.origins.map((origin) => {
    const idle = Math.max(0, (origin.slots ?? 0) - openOn(origin.origin));
    const less = Math.min(idle, surplus);
    if (origin.slots === undefined || less <= 0) return origin;
    surplus -= less;
    return { ...origin, slots: origin.slots - less };
  });
  return { ...lease, origins };
}

/** How many slots of each origin with a limit the lease lets its holder use. */
export function slotsByOrigin({ origins }: HeldLease): Readonly<Record<OriginName, number>> {
  return Object.fromEntries(
    origins.flatMap(({ origin, slots }) => (slots === undefined ? [] : [[origin, slots]])),
  );
}
