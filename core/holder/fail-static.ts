/**
 * Fail static: the pick while the object cannot be reached. The isolate goes on with what it last heard. It
 * starts nothing on a limited origin beyond a lease that is still good, and spills the rest. Where there is no pool to spill
 * to, `onCoordinatorLoss` decides between the limit and the request. Envoy's and Doorman's clients go on in the same way ("static
 * stability": the last known good).
 */
import { hasBudget } from "../budget/budgets.ts";
import type { Random } from "../model/random.ts";
import type { Millis, Origin, OriginName, Pool, Retries, Upstream } from "../model/upstream.ts";
import { spillReason } from "../placement/spill.ts";
import type { LeasedOrigin } from "../protocol/lease.ts";
import type { OriginsOut } from "../protocol/origins-out.ts";
import type { GrantedPick, SpillReason, Want } from "../protocol/pick.ts";
import { RetryBudget } from "../resilience/retry-budget.ts";
import type { Obstacle } from "../selection/eligible.ts";
import type { Answer } from "./answer.ts";
import type { HeldLease } from "./held-lease.ts";

export interface LastKnown {
  readonly now: Millis;
  /** The last lease, though its time may be over; absent: none was ever heard of. */
  readonly lease: HeldLease | undefined;
  /** The holder's open requests on the origin. */
  readonly openOn: (origin: OriginName) => number;
  /** What the operator has ordered: that holds, however long ago it was heard. */
  readonly out: OriginsOut;
}

export type AlonePick = GrantedPick | { readonly kind: "unavailable"; readonly why: "full" | "down" };

interface AloneCandidate {
  readonly pool: Pool;
  readonly origin: Origin;
  readonly terms: LeasedOrigin | undefined;
  readonly isForAll: boolean;
}

export class FailStatic {
  /** Of retries while the object cannot be asked. */
  readonly #budget: RetryBudget;
  readonly #random: Random;

  constructor({ budget }: Pick<Retries, "budget">, random: Random) {
    this.#budget = new RetryBudget(budget);
    this.#random = random;
  }

  /** Where the request goes; `lost`: without the object there is no slot for it. */
  pick(upstream: Upstream, want: Want, last: LastKnown): GrantedPick | Exclude<Answer, { kind: "granted" }> {
    const isRetry = want.tried.length > 0;
    this.#budget.meet(last.now, want.client);
    if (!isRetry) this.#budget.deposit(last.now);
    const refusal = isRetry ? this.#budget.refusal(last.now, want.client) : undefined;
    if (refusal !== undefined) return { kind: "no-retry-budget", of: refusal };
    const pick = pickAlone(upstream, want, last, this.#random);
    if (pick.kind === "unavailable") return pick.why === "full" ? { kind: "lost" } : pick;
    if (isRetry) this.#budget.withdraw(last.now, want.client);
    return pick;
  }
}

/** Where the request goes without the object. */
export function pickAlone(
  upstream: Pick<Upstream, "pools" | "onCoordinatorLoss">,
  want: Want,
  last: LastKnown,
  random: Random,
): AlonePick {
  const places = placesFor(upstream, want, last);
  if (places.length === 0) {
    return { kind: "unavailable", why: upstream.pools.some(hasBudget) ? "full" : "down" };
  }
  const pinned = places.find(({ origin }) => origin.name === want.pin?.origin);
  if (pinned !== undefined && isBound(pinned, want) && hasRoom(pinned, last)) {
    return granted(upstream, pinned, "kept", want, last);
  }
  const pin = want.pin === undefined ? "none" : "elsewhere";
  for (const pool of upstream.pools) {
    const open = places.filter((place) => place.pool === pool && place.isForAll && hasRoom(place, last));
    const chosen = leastOpen(open, last, random);
    if (chosen !== undefined) return granted(upstream, chosen, pin, want, last);
  }
  if (upstream.onCoordinatorLoss === "refuse") return { kind: "unavailable", why: "full" };
  if (pinned !== undefined && isBound(pinned, want))
    return { ...granted(upstream, pinned, "kept", want, last), excess: true };
  const chosen = overfill(
    upstream,
    places.filter((place) => place.isForAll),
    last,
    random,
  );
  if (chosen === undefined) return { kind: "unavailable", why: "down" };
  return { ...granted(upstream, chosen, pin, want, last), excess: true };
}

/**
 * The origins that were known to serve last, or all if nothing is known; without those that are down by an order or have failed the
 * request, and those of pools with a budget: whatever happens to requests, it is not exceeded.
 */
function placesFor(
  { pools }: Pick<Upstream, "pools">,
  want: Want,
  { lease, out }: LastKnown,
): AloneCandidate[] {
  const terms = new Map(lease?.origins.map((origin) => [origin.origin, origin]));
  return pools.flatMap((pool) =>
    pool.origins.flatMap((origin): AloneCandidate[] => {
      if (hasBudget(pool)) return [];
      const known = terms.get(origin.name);
      const serves = lease === undefined ? origin.weight > 0 && !origin.backup : known !== undefined;
      if (!serves || want.tried.includes(origin.name) || out.down.includes(origin.name)) return [];
      const isForAll = known?.boundOnly !== true && !out.draining.includes(origin.name);
      return [{ pool, origin, terms: known, isForAll }];
    }),
  );
}

const isBound = ({ terms }: AloneCandidate, { pin }: Want): boolean =>
  terms === undefined || terms.pinEpoch === pin?.epoch;

function hasRoom({ pool, origin, terms }: AloneCandidate, { lease, now, openOn }: LastKnown): boolean {
  // What the object said of the limit is newer than this isolate's configuration, or just as new.
  const isLimited =
    terms === undefined
      ? origin.maxConns !== undefined || pool.capacity === "auto"
      : terms.slots !== undefined;
  if (!isLimited) return true;
  return lease !== undefined && lease.untilMs > now && openOn(origin.name) < (terms?.slots ?? 0);
}

/** The first pool where this holder alone does not yet fill an origin; if there is none, home. */
function overfill(
  { pools }: Pick<Upstream, "pools">,
  places: readonly AloneCandidate[],
  last: LastKnown,
  random: Random,
): AloneCandidate | undefined {
  for (const pool of pools) {
    const below = places.filter(
      ({ origin, pool: of }) => of === pool && last.openOn(origin.name) < (origin.maxConns ?? Infinity),
    );
    if (below.length > 0) return leastOpen(below, last, random);
  }
  return leastOpen(
    places.filter(({ pool }) => pool === places[0]?.pool),
    last,
    random,
  );
}

/** By what this holder itself has open, per weight; among equals by chance, as others choose too. */
function leastOpen(
  places: readonly AloneCandidate[],
  { openOn }: LastKnown,
  random: Random,
): AloneCandidate | undefined {
  let best: AloneCandidate | undefined;
  let least = Infinity;
  for (const place of places) {
    const load = (openOn(place.origin.name) + random.next()) / Math.max(1, place.origin.weight);
    if (load >= least) continue;
    best = place;
    least = load;
  }
  return best;
}

function granted(
  { pools }: Pick<Upstream, "pools">,
  { pool, origin, terms }: AloneCandidate,
  pin: GrantedPick["pin"],
  want: Want,
  last: LastKnown,
): GrantedPick {
  const home = pools[0];
  const why = (): SpillReason => (pin === "kept" ? "policy" : spillReason(obstaclesAt(home, want, last)));
  const spill = pool === home ? {} : { spill: why() };
  return {
    kind: "granted",
    origin: origin.name,
    pool: pool.name,
    pinEpoch: terms?.pinEpoch ?? 1,
    pin,
    ...spill,
  };
}

/** Why each origin of the pool does not take the request, as far as this holder knows. */
function obstaclesAt(pool: Pool | undefined, { tried }: Want, { lease, out }: LastKnown): Obstacle[] {
  const serving = lease && new Set(lease.origins.map(({ origin }) => origin));
  return (pool?.origins ?? []).map(({ name, weight }) => {
    if (out.down.includes(name) || weight === 0) return "down";
    if (out.draining.includes(name)) return "draining";
    if (tried.includes(name)) return "tried";
    return serving?.has(name) === false ? "unhealthy" : "full";
  });
}
