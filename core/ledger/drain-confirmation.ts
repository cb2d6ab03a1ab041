/**
 * Whether an origin that was taken out can be stopped: when nothing may be open there, and nothing can begin any more. That no slot
 * is counted is not enough, since holders start requests without a word: under a lease that came before the order (on an
 * origin without a limit nothing counts it), and on their own when they cannot reach the object. So every holder must have said that
 * it knows the order, or so much time must have passed that it can do neither any more.
 *
 * | the holder | may start requests there |
 * | --- | --- |
 * | knows the order | never: it keeps it for its whole life (`origins-out.ts`) |
 * | was idle when it was heard last | as it does not go by what it was told `outOfDateMs` ago when a message is lost: for `idleForMs` |
 * | was busy, and the origin has a limit, and the config refuses | as long as its lease lasts |
 * | was busy otherwise | as long as it is cut off, which looks the same as dead: for `silentForMs` |
 *
 * The last is a choice: a holder that is cut off for longer goes on all the same, or a partition would end the service. So it is
 * taken for dead after five minutes, and until then named.
 */
import type { Millis, Origin, OriginName, Upstream } from "../model/upstream.ts";
import { leaseMs } from "../protocol/clocks.ts";
import { type HolderId, regionOf } from "../protocol/exchange.ts";
import type { DrainWait } from "../protocol/origin-view.ts";
import { isEmpty, noOrigins, slotsOf, type Holder } from "./holder.ts";

/** An idle holder goes on alone no later than this after it was heard: `outOfDateMs`, and what it needs to be heard again. */
export const idleForMs: Millis = 8_000;

/** A holder that fell silent while it was busy is taken for dead after so long. */
export const silentForMs: Millis = 300_000;

/**
 * A holder is called silent from so long on. With traffic it exchanges every two seconds; one that has nothing but slow requests open
 * speaks only to declare these again, after a third of their time: 20 s with the default `timeouts`.
 */
const quietForMs: Millis = 25_000;

/** A part of the answers is still on its way when their slots are closed: those of 16 KiB and less end with their headers. */
export const settleMs: Millis = 250;

/** What the object knows of its holders, and since when: every holder that it has heard since then is among them. */
export interface KnownHolders {
  readonly entries: ReadonlyMap<HolderId, Holder>;
  readonly sinceMs: Millis;
}

type OnLoss = Pick<Upstream, "onCoordinatorLoss">;

/** What stands in the way of an origin that an order of this version keeps all requests away from; empty: nothing. */
export function waitsFor(
  origin: Pick<Origin, "name" | "maxConns">,
  version: number,
  holders: KnownHolders,
  upstream: OnLoss,
  now: Millis,
): DrainWait[] {
  const waits: DrainWait[] = [];
  const mayExceed = upstream.onCoordinatorLoss === "exceed" || origin.maxConns === undefined;
  const lapsedOn = upstream.onCoordinatorLoss === "exceed" ? [origin.name] : [];
  for (const [id, holder] of holders.entries) {
    const open = slotsOf(holder, origin.name);
    if (open > 0) waits.push({ why: "open", holder: id, open });
    const untilMs = startsUntilMs(id, holder, { version, mayExceed, lapsedOn });
    if (untilMs <= now) continue;
    const isSilent = holder.goesOn && holder.heardMs + quietForMs <= now;
    waits.push({ why: isSilent ? "silent" : "unconfirmed", holder: id, untilMs });
  }
  const restartedMs = holders.sinceMs + idleForMs;
  if (restartedMs > now) waits.push({ why: "restarted", untilMs: restartedMs });
  return waits;
}

/**
 * The version of the orders that all holders of a region go by: what it may tell its root. 0 while any of them may
 * have something open that the region does not count any more.
 */
export function seenByAll(
  own: number,
  holders: KnownHolders,
  { onCoordinatorLoss }: OnLoss,
  now: Millis,
): number {
  if (holders.sinceMs + idleForMs > now) return 0;
  let seen = own;
  for (const [id, holder] of holders.entries) {
    const lapsedOn = onCoordinatorLoss === "exceed" ? holder.lapsed : noOrigins;
    if (startsUntilMs(id, holder, { version: own, mayExceed: true, lapsedOn }) <= now) continue;
    seen = Math.min(seen, lapsedOn.size > 0 ? 0 : holder.outSeen);
  }
  return seen;
}

interface Order {
  readonly version: number;
  /** Cut off, holders may go on without a slot. */
  readonly mayExceed: boolean;
  /** Origins that matter: what the holder had open there may go on though the time of its slots is over. */
  readonly lapsedOn: Iterable<OriginName>;
}

/** Until when the holder may start requests against the order, or go on with some that are not counted any more; 0: it does neither. */
function startsUntilMs(id: HolderId, holder: Holder, { version, mayExceed, lapsedOn }: Order): Millis {
  const { heardMs, goesOn, lapsed, outSeen } = holder;
  for (const origin of lapsedOn) if (lapsed.has(origin)) return heardMs + silentForMs;
  if (outSeen >= version) return 0;
  // A region's own holders may be busy while it is idle itself.
  if (!goesOn && regionOf(id) === undefined) return heardMs + idleForMs;
  return heardMs + (mayExceed ? silentForMs : leaseMs);
}

/** Whether it may be forgotten: it was idle when it was heard last, or has been silent for so long that it is taken for dead. */
export function isGone(holder: Holder, now: Millis): boolean {
  return isEmpty(holder) && (!holder.goesOn || holder.heardMs + silentForMs <= now);
}
