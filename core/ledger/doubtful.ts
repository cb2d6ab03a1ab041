/** Slots that count as taken although perhaps no holder has them. A pool may be full only by such slots, and then there may be room. */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { HolderId } from "../protocol/exchange.ts";
import type { Holder } from "./holder.ts";

/** Answers were late or lost, as a holder has said. */
export interface LostAnswers {
  /** When one said so last. */
  readonly heardMs: Millis;
  /** Holders that have been silent for so long leave the object alone. */
  readonly silentForMs: Millis;
}

/**
 * By origin: what holders may have had before the object lost its memory, and have not spoken of since. In trouble, also what was
 * granted before it was heard of and not spoken of since: it may not have been taken; and what was leased to holders that
 * leave the object alone.
 */
export function doubtfulSlots(
  { entries }: { readonly entries: ReadonlyMap<HolderId, Holder> },
  trouble: LostAnswers | undefined,
  now: Millis,
): ReadonlyMap<OriginName, number> {
  const doubtful = new Map<OriginName, number>();
  const count = (origin: OriginName, open: number): void => {
    doubtful.set(origin, (doubtful.get(origin) ?? 0) + open);
  };
  for (const { assumed, grants, idle, heardMs } of entries.values()) {
    for (const { origin, open } of assumed) count(origin, open);
    if (trouble === undefined) continue;
    for (const { origin, open, sinceMs } of grants.values()) {
      if (sinceMs <= trouble.heardMs) count(origin, open);
    }
    if (heardMs + trouble.silentForMs > now) continue;
    for (const [origin, open] of idle) count(origin, open);
  }
  return doubtful;
}
