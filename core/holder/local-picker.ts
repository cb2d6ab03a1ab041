/**
 * The pick without asking: an isolate's own decision, within its lease. It goes by the object's word alone: it starts
 * what it was leased, spills where the object has said that a pool takes no more, and asks in every other case.
 */
import type { Random } from "../model/random.ts";
import type { Millis, OriginName, PoolName, Upstream } from "../model/upstream.ts";
import { againInMs } from "../placement/spill.ts";
import type { ClosedPool, LeasedOrigin } from "../protocol/lease.ts";
import type { Doubt, GrantedPick, OverBudget, Unavailable, Pin, Want } from "../protocol/pick.ts";
import { isComingHome } from "../sessions/session-return.ts";
import type { HeldLease } from "./held-lease.ts";
import { isInTime, LocalLine, placesOf, type HolderLine, type LinePlace } from "./local-line.ts";
import { LocalPool, type LocalChoice, type LocalState, type Availability } from "./local-pool.ts";

/** The holder's side at one moment. */
export interface LocalView {
  readonly now: Millis;
  readonly lease: HeldLease | undefined;
  /** The holder's open requests on the origin. */
  readonly openOn: (origin: OriginName) => number;
  /** Where the request waits already. */
  readonly place?: LinePlace | undefined;
  /** It has asked for room in later pools, in vain. */
  readonly isFull?: boolean | undefined;
  /** The object answers; absent: as far as is known, it does. */
  readonly mayAsk?: boolean | undefined;
}

/** The request waits for one of the holder's own slots, and picks again then. */
export interface WaitsHere {
  readonly kind: "waits";
  readonly place: LinePlace;
  readonly pauseMs: Millis;
}

/** For the slots that the holder was leased of a pool. */
type Configured = Pick<Upstream, "pools" | "policy" | "queue">;

export type LocalPick =
  | GrantedPick
  | Unavailable
  | OverBudget
  /**
   * The lease does not say: the object has to be asked. `waits: false`: it is not worth waiting there. `turn`: it is the turn of
   * this origin, on which the holder has no slot.
   */
  | { readonly kind: "ask"; readonly waits?: false; readonly turn?: OriginName }
  | WaitsHere;

/** An origin of the lease, and where it stands. */
interface LeasedPlace {
  readonly pool: PoolName;
  readonly origin: LeasedOrigin;
  readonly isHome: boolean;
}

const ask: LocalPick = { kind: "ask" };

/** An origin whose connection has just failed is not used again before the object has heard of it. */
const avoidForMs: Millis = 500;

export class LocalPicker {
  #pools: readonly LocalPool[];
  readonly #random: Random;
  readonly #line = new LocalLine();
  /** Whose slots it is for. */
  #lined: PoolName | undefined;
  #queueMs: Millis;
  readonly #avoided = new Map<OriginName, Millis>();
  #closed = new Map<PoolName, ClosedPool & { readonly untilMs: Millis }>();
  #lease: HeldLease | undefined;
  /** The latest lease that came, and when. */
  #latestLease: { readonly lease: HeldLease; readonly atMs: Millis } | undefined;

  constructor(upstream: Configured, random: Random) {
    this.#random = random;
    this.#queueMs = upstream.queue?.timeoutMs ?? 0;
    this.#pools = this.#poolsOf(upstream);
  }

  /** Other origins. The lease in use may already be of them. */
  reconfigure(upstream: Configured): void {
    this.#pools = this.#poolsOf(upstream);
    this.#queueMs = upstream.queue?.timeoutMs ?? 0;
    for (const pool of this.#pools) pool.use(this.#lease?.origins ?? []);
  }

  #poolsOf({ pools, policy }: Configured): readonly LocalPool[] {
    return pools.map((pool) => new LocalPool(pool, policy, this.#random));
  }

  /** A connection to the origin has failed. */
  avoid(origin: OriginName, now: Millis): void {
    this.#avoided.set(origin, now + avoidForMs);
  }

  /** The lease has come, if it is another one than before. */
  recordLease(lease: HeldLease, now: Millis): void {
    if (lease !== this.#latestLease?.lease) this.#latestLease = { lease, atMs: now };
  }

  /** A waiting request keeps its place only as long as it is told to wait. */
  pick(want: Want, view: LocalView): LocalPick {
    const picked = this.#pick(want, view);
    if (view.place !== undefined && picked.kind !== "waits") this.#line.leave(view.place);
    return picked;
  }

  /**
   * A free slot of the lease on the first pool, for a request that has asked and was sent back to the lease; it waits nowhere.
   * `pin`: what becomes of its session by the object's word; absent: it is of none.
   */
  pickHome(want: Want, view: LocalView, pin: GrantedPick["pin"] = "none"): GrantedPick | undefined {
    const { lease, now } = view;
    const [home] = this.#pools;
    if (home === undefined || !isForLease(lease, want, now)) return undefined;
    this.#adopt(lease, now);
    if (this.#areOthersFirst(home, want, view)) return undefined;
    const chosen = this.#choose(home, want, view, false);
    if (chosen?.kind !== "origin") return undefined;
    return { ...granted(home.name, chosen.leased, undefined), pin };
  }

  /** A free slot of the lease on the origin that the session is bound to, which by the object's word may be used. */
  pickBound(want: Want, { lease, now, openOn }: LocalView): GrantedPick | undefined {
    const { pin } = want;
    if (pin === undefined || !isForLease(lease, want, now)) return undefined;
    this.#adopt(lease, now);
    const found = this.#boundIn(pin);
    if (found === undefined || isBusy(found.origin.origin, found.origin.slots, openOn)) return undefined;
    return keptAt(found);
  }

  /** How many wait here. */
  waiting(now: Millis): number {
    return this.#line.count(now);
  }

  /** The request does not wait any more. */
  leave(place: LinePlace): void {
    this.#line.leave(place);
  }

  #pick(want: Want, view: LocalView): LocalPick {
    const { lease, now } = view;
    if (!isForLease(lease, want, now)) return ask;
    this.#adopt(lease, now);
    return want.pin === undefined ? this.#amongPools(want, view) : this.#bound(want.pin, view);
  }

  #amongPools(want: Want, view: LocalView): LocalPick {
    const { now, openOn, isFull } = view;
    let line: HolderLine | undefined;
    let spill: ClosedPool | undefined;
    let anyFull = false;
    let isHomeFull = false;
    const doubt: { -readonly [Fact in keyof Doubt]: Doubt[Fact] } = {};
    for (const [index, pool] of this.#pools.entries()) {
      const closed = this.#closed.get(pool.name);
      const isOpen = closed === undefined || closed.untilMs <= now;
      const mayAsk = isOpen && line === undefined && view.place === undefined;
      const chosen = this.#areOthersFirst(pool, want, view)
        ? undefined
        : this.#choose(pool, want, view, mayAsk);
      if (chosen?.kind === "turn") return { kind: "ask", turn: chosen.origin };
      if (chosen !== undefined)
        return granted(pool.name, chosen.leased, index === 0 ? undefined : spill?.why);
      if (isOpen && line === undefined) return ask;
      if (isOpen && isFull !== true) return { kind: "ask", waits: false };
      if (closed?.line !== undefined) {
        const { leased: slots } = pool.slots(openOn);
        if (slots === 0) return ask;
        this.#lined = pool.name;
        line = { ...closed.line, slots };
        const waits = this.#waitsHere(line, want, view);
        if (waits !== undefined) return waits;
        if (line.mayAsk === true && this.#isOutOfPlaces(line, want, view)) return ask;
      }
      if (isOpen) continue;
      if (spill === undefined || (closed.why === "budget" && spill.why !== "budget")) spill = closed;
      anyFull ||= closed.why === "peak";
      isHomeFull ||= index === 0 && closed.why === "peak";
      if (closed.assumed) doubt.assumed = true;
      if (closed.idle) doubt.idle = true;
    }
    const waits = line && this.#waitsFor(line, line.patienceMs, want, view);
    if (waits !== undefined) return waits;
    if (spill?.why === "budget") {
      const { pool, renewsInMs = 0 } = spill;
      const why = { why: "budget", pool, againInMs: againInMs(isHomeFull, renewsInMs) } as const;
      return { kind: "unavailable", ...why, ...doubt };
    }
    if (anyFull && line !== undefined && view.place === undefined && this.#isClientsPartTaken(want, now))
      return { kind: "unavailable", why: "full", of: "client", ...doubt };
    return { kind: "unavailable", why: anyFull ? "full" : "down", ...doubt };
  }

  #choose(pool: LocalPool, { key }: Want, view: LocalView, mayAsk: boolean): LocalChoice | undefined {
    const state: LocalState = {
      availabilityOf: (origin) => this.#availabilityOf(origin, view),
      mayAsk: mayAsk && view.isFull !== true && view.mayAsk !== false,
    };
    return pool.choose(state, { key, random: this.#random, now: view.now });
  }

  /** Requests that wait for the pool's slots take all that are free. Where none waits, which is nearly always, it costs nothing. */
  #areOthersFirst(pool: LocalPool, want: Want, view: LocalView): boolean {
    if (pool.name !== this.#lined || this.#line.isEmpty) return false;
    const ahead = this.#line.ahead(placeOf(want, view), view.now);
    return ahead > 0 && ahead >= pool.slots(view.openOn).free;
  }

  /** It waits rather than to go elsewhere: until it has waited for as long as that would have cost (`RequestQueue.stays`). */
  #waitsHere(line: HolderLine, want: Want, view: LocalView): WaitsHere | undefined {
    const { now, place } = view;
    const worthMs = line.worthMs - (place === undefined ? 0 : now - place.sinceMs);
    // To wait for less than a timer's tick is to come again at once, and perhaps again.
    if (worthMs < 1) return undefined;
    const waits = this.#waitsFor(line, line.worthMs, want, view);
    return waits && { ...waits, pauseMs: Math.min(waits.pauseMs, worthMs) };
  }

  /** It waits, if the line takes one more, or it stands there already, and it would wait for no longer than that. */
  #waitsFor(line: HolderLine, atMostMs: Millis, want: Want, view: LocalView): WaitsHere | undefined {
    const { now } = view;
    const place = placeOf(want, view);
    const patienceMs = place.sinceMs + Math.min(want.waitMs ?? Infinity, this.#queueMs) - now;
    const ahead = this.#line.ahead(place, now);
    const isPlaced =
      view.place !== undefined || (ahead < placesOf(line) && !this.#isClientsPartTaken(want, now));
    if (!isPlaced || !isInTime(ahead, line, Math.min(atMostMs, patienceMs))) return undefined;
    return { kind: "waits", place, pauseMs: this.#line.wait(place, line, line.slots, now) };
  }

  /** As many requests of this client wait here as may. */
  #isClientsPartTaken({ client, mostWaiting }: Want, now: Millis): boolean {
    if (client === undefined || mostWaiting === undefined) return false;
    return this.#line.countOf(client, now) >= mostWaiting;
  }

  /** The holder has few slots, and so few of the queue's places: the object may have more. One that has asked is not to ask again. */
  #isOutOfPlaces(line: HolderLine, want: Want, view: LocalView): boolean {
    if (view.place !== undefined || view.isFull === true) return false;
    return this.#line.ahead(placeOf(want, view), view.now) >= placesOf(line);
  }

  #bound(pin: Pin, view: LocalView): LocalPick {
    const { homecoming } = view.lease ?? {};
    const found = this.#boundIn(pin);
    if (found === undefined || this.#availabilityOf(found.origin, view) !== "free") return ask;
    // Moving it is the object's affair, which knows where it may be by now.
    if (!found.isHome && homecoming !== undefined && isComingHome(pin, homecoming)) return ask;
    return keptAt(found);
  }

  /** Where the session is bound, by its cookie; `undefined`: not in this lease, or no more. */
  #boundIn({ origin: name, epoch }: Pin): LeasedPlace | undefined {
    for (const [index, pool] of this.#pools.entries()) {
      const origin = pool.get(name);
      if (origin !== undefined)
        return origin.pinEpoch === epoch ? { pool: pool.name, origin, isHome: index === 0 } : undefined;
    }
    return undefined;
  }

  #availabilityOf({ origin, slots }: LeasedOrigin, { openOn, now }: LocalView): Availability {
    const avoidedUntilMs = this.#avoided.size > 0 ? this.#avoided.get(origin) : undefined;
    if (avoidedUntilMs !== undefined && avoidedUntilMs > now) return "avoided";
    return isBusy(origin, slots, openOn) ? "busy" : "free";
  }

  #adopt(lease: HeldLease, now: Millis): void {
    if (lease === this.#lease) return;
    this.#lease = lease;
    for (const pool of this.#pools) pool.use(lease.origins);
    const ageMs = this.#latestLease?.lease === lease ? now - this.#latestLease.atMs : 0;
    // Its time counts from the first request that goes by it; but a closure that no request has used meanwhile is over.
    const closed = lease.closed.filter(({ forMs }) => ageMs < forMs);
    this.#closed = new Map(closed.map((word) => [word.pool, { ...word, untilMs: now + word.forMs }]));
  }
}

/** A retry is the whole fleet's affair, and what the configurations differ in is the object's. */
const isForLease = (lease: HeldLease | undefined, want: Want, now: Millis): lease is HeldLease =>
  lease !== undefined && lease.untilMs > now && want.tried.length === 0 && !want.unknown?.length;

const isBusy = (origin: OriginName, slots: number | undefined, openOn: LocalView["openOn"]): boolean =>
  slots !== undefined && openOn(origin) >= slots;

const keptAt = ({ pool, origin, isHome }: LeasedPlace): GrantedPick => ({
  ...granted(pool, origin, isHome ? undefined : "policy"),
  pin: "kept",
});

function granted(
  pool: PoolName,
  { origin, pinEpoch }: LeasedOrigin,
  spill: GrantedPick["spill"],
): GrantedPick {
  return { kind: "granted", origin, pool, pinEpoch, pin: "none", ...(spill === undefined ? {} : { spill }) };
}

/** Where the request waits; or would, if it came to that. */
function placeOf({ priority = "normal", client }: Want, { place, now }: LocalView): LinePlace {
  return place ?? { priority, sinceMs: now, comesMs: now, client };
}
