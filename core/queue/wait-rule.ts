/**
 * Whether a request that finds its home full waits there or goes to a later pool. It waits as long as waiting costs its
 * user less than going: the queue ahead of it, served by all of home's slots, against how much slower the later pool is
 * and what a request there costs. The rule knows no state of its own and nothing of the request before, so that routing
 * never flaps; and it is asked only when home has no free slot.
 */
import type { Millis, Pool } from "../model/upstream.ts";
import { firstGuessMs } from "./queue-length.ts";

/** The part of what one may wait at all that one waits by measurements alone while a later pool has room. */
const mostPart = 0.5;

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
  /** It is the first request of a session, which would be bound there, and waits longer than a single one. Absent: it is not. */
  readonly binds?: Binding;
}

/** What a new session goes by. */
export interface Binding {
  /** What a request takes at home, as measured or as a guess: in a peak that is shorter a slot becomes free meanwhile. */
  readonly homeMs: Millis;
  /** The longest that it may wait. */
  readonly mostMs: Millis;
}

/** The later pool and the one that is full. */
interface MeasuredPools {
  readonly thereMs: Millis | undefined;
  readonly hereMs: Millis | undefined;
  /** What a request in the later one costs, as time. */
  readonly priceMs?: Millis | undefined;
}

/**
 * How long the next one waits: with C slots of mean service time S one becomes free every S / C, and those ahead take
 * them first (a FIFO queue before C servers). Without a measurement it is not known, which is `undefined`.
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
 * While nothing is measured a single request goes where there is room, as it would without a queue, and else it waits.
 */
export function waitOrSpill(
  home: HomeProspect,
  later: LaterProspect | undefined,
): "wait" | "spill" | "refuse" {
  const waitMs = expectedWaitMs(home);
  const canWait = home.hasPlace && home.patienceMs > 0 && (waitMs ?? 0) <= home.patienceMs;
  if (later === undefined) return canWait ? "wait" : "refuse";
  const isKnown = waitMs !== undefined || later.binds !== undefined;
  return canWait && isKnown && (waitMs ?? 0) <= worthMs(later) ? "wait" : "spill";
}

/**
 * By how much the later pool is taken to be slower, of the means that were measured; 0 while one is missing.
 *
 * The means are of different requests: where the slow pages of a site have gone to the cloud, and the quick ones have stayed, the cloud
 * seems to be slow. So a measurement alone makes no request wait longer than `mostMs`; a price does.
 */
export function slownessMs(thereMs: Millis | undefined, hereMs: Millis | undefined, mostMs: Millis): Millis {
  return thereMs === undefined || hereMs === undefined ? 0 : Math.min(thereMs - hereMs, mostMs);
}

/**
 * What going to the later pool would be like, by what requests take there and here on average. `undefined`: none was measured yet.
 * `binds`: the request begins a session. `timeoutMs`: the longest that one waits at all.
 */
export function prospectOf(
  { thereMs, hereMs, priceMs = 0 }: MeasuredPools,
  binds: boolean,
  timeoutMs: Millis,
): LaterProspect {
  const mostMs = timeoutMs * mostPart;
  const once = { slowerMs: slownessMs(thereMs, hereMs, mostMs), priceMs };
  return binds ? { ...once, binds: { homeMs: hereMs ?? firstGuessMs, mostMs } } : once;
}

/**
 * How long it is worth waiting at home rather than to go there. For a single request, what it loses there. One that begins a session
 * waits for as long as a request takes at home on top, since all of the session's requests would go there: in that time as many slots
 * become free, on average, as there are. It is not a multiple of what one request loses, which is a small difference of two measured
 * times: its noise would be multiplied, too.
 */
export function worthMs({ slowerMs, priceMs, binds }: LaterProspect): Millis {
  const onceMs = Math.max(0, slowerMs) + priceMs;
  if (binds === undefined) return onceMs;
  return Math.max(onceMs, Math.min(binds.mostMs, binds.homeMs + onceMs));
}

/** Where a request might go rather than to wait for a slot of the pool that is full. */
export interface Elsewhere {
  readonly full: Pool;
  readonly later: Pool | undefined;
  /** It could go there, but the budget is used up. */
  readonly unpaid: Pool | undefined;
  /** It begins a session, or one that has lost its origin: where it is served, the session is bound. */
  readonly binds: boolean;
}
