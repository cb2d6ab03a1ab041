/**
 * Whether a request that finds its home full waits there or goes to a later pool. It waits as long as waiting costs its
 * user less than going: the queue ahead of it, served by all of home's slots, against how much slower the later pool is
 * and what a request there costs. The rule knows no state of its own and nothing of the request before, so that routing
 * never flaps; and it is asked only when home has no free slot.
 */
import type { Millis } from "../upstream.ts";

/** What waiting at home would be like. */
export interface HomeProspect {
  /** Requests that would be served before it. */
  readonly ahead: number;
  /** Whether the queue takes it. */
  readonly hasPlace: boolean;
  /** What a request takes there on average; `undefined`: none was measured yet. */
  readonly serviceMs: Millis | undefined;
  /** Slots in service. */
  readonly slots: number;
  /** How long it can wait. */
  readonly patienceMs: Millis;
}

/** What going to a later pool that has room would be like. */
export interface LaterProspect {
  /** By how much its requests take longer than at home, as measured; less than 0: they are quicker. */
  readonly slowerMs: Millis;
  /** What a request there costs, as time. */
  readonly priceMs: Millis;
}

/**
 * How long the next one waits: with C slots of mean service time S one becomes free every S / C, and those ahead take
 * them first (a FIFO queue before C servers). Without a measurement nobody knows, which is `undefined`.
 */
export function expectedWaitMs({
  ahead,
  serviceMs,
  slots,
}: Pick<HomeProspect, "ahead" | "serviceMs" | "slots">): Millis | undefined {
  if (slots <= 0) return Infinity;
  return serviceMs === undefined ? undefined : ((ahead + 1) * serviceMs) / slots;
}

/**
 * What becomes of a request that finds home full. `later`: the first later pool that has room; `undefined`: none has.
 * While nothing is measured a request goes where there is room, as it would without a queue, and else it waits.
 */
export function waitOrSpill(
  home: HomeProspect,
  later: LaterProspect | undefined,
): "wait" | "spill" | "refuse" {
  const waitMs = expectedWaitMs(home);
  const canWait = home.hasPlace && home.patienceMs > 0 && (waitMs ?? 0) <= home.patienceMs;
  if (later === undefined) return canWait ? "wait" : "refuse";
  return canWait && waitMs !== undefined && waitMs <= worthMs(later) ? "wait" : "spill";
}

/** How long it is worth waiting at home rather than to go there. */
export function worthMs({ slowerMs, priceMs }: LaterProspect): Millis {
  return Math.max(0, slowerMs) + priceMs;
}
