/** How much of home is in use: of what its origins that serve can take, all together. */
import type { OriginStatus } from "../model/origin-status.ts";
import type { Origin, OriginName } from "../model/upstream.ts";

/**
 * Slots in use over limits (`maxConns`, or what was found out), 0–1 (more where a limit was lowered). Home without an origin that serves is full: it can carry nothing.
 * Slots that are `doubtful` are not in use. Origins without a limit are never full, and do not count; where none that serves has one, 0.
 */
export function homeUtilisation(
  home: readonly Origin[],
  statusOf: (name: OriginName) => OriginStatus,
  doubtful: ReadonlyMap<OriginName, number> = new Map(),
): number {
  let serving = 0;
  let inUse = 0;
  let slots = 0;
  for (const { name, weight, maxConns, leaving = false } of home) {
    const { healthy, operator, inFlight, limit = maxConns, leaving: wantsToLeave = leaving } = statusOf(name);
    if (!healthy || operator !== "up" || wantsToLeave || weight === 0) continue;
    serving += 1;
    if (limit === undefined) continue;
    inUse += inFlight - (doubtful.get(name) ?? 0);
    slots += limit;
  }
  if (serving === 0) return 1;
  return slots === 0 ? 0 : inUse / slots;
}
