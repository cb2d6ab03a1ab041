/** What a region tells its root. */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { HeldSlots } from "../protocol/exchange.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";

/** For each origin what is open at the region's holders, what is lent beyond that, and for how long at most. */
export function lentOut(
  ledger: Pick<SlotLedger, "entries" | "inUse" | "ageOf" | "taken">,
  now: Millis,
): HeldSlots[] {
  const untilMs = new Map<OriginName, Millis>();
  const note = (origin: OriginName, until: Millis): void => {
    if (until > (untilMs.get(origin) ?? now)) untilMs.set(origin, until);
  };
  for (const { declared, assumed, grants, offers } of ledger.entries.values()) {
    for (const slots of [...declared, ...assumed, ...grants.values()]) note(slots.origin, slots.untilMs);
    for (const { slots, goneMs } of offers.values()) {
      for (const origin of slots.keys()) note(origin, goneMs);
    }
  }
  return Array.from(untilMs, ([origin, until]) => {
    const open = ledger.inUse(origin);
    return {
      origin,
      open,
      lent: ledger.taken(origin) - open,
      forMs: until - now,
      ageMs: ledger.ageOf(origin, now),
    };
  });
}
