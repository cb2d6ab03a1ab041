/**
 * A pool as its holder may use it: the origins it was leased, and how it chooses among them. Rules that go by load
 * become turns by the shares that the object has made of all holders' load (`fleet-shares.ts`); the others choose here as
 * they would there. Shares are kept also where slots are few: an origin does not lose its turn because this holder was lent no slot
 * there. As long as the object has more of them, it is asked for one.
 */
import type { Random } from "../model/random.ts";
import type { OriginName, Pool, Policy } from "../model/upstream.ts";
import type { LeasedOrigin } from "../protocol/lease.ts";
import type { Candidate, PolicyInput, SelectionPolicy } from "../selection/policy.ts";
import { createBalancer, goesByLoad } from "../selection/registry.ts";
import { SmoothWeighted } from "../selection/smooth-weighted.ts";

/** After so many turns of origins that are busy, the rest are looked through. */
const mostTurns = 8;

/** Holders begin somewhere in the first so many turns of a round, so that they do not all send their first request to the same origin. */
const mostTurnsAhead = 64;

/** Whether the holder can start a request there: it is, its slots are all in use, or it is avoided for the moment. */
export type Availability = "free" | "busy" | "avoided";

/** The origin to use; or the one whose turn it is, though the holder has no slot there. */
export type LocalChoice =
  | { readonly kind: "origin"; readonly leased: LeasedOrigin }
  | { readonly kind: "turn"; readonly origin: OriginName };

/** How origins stand at this moment, and whether the object can be asked. */
export interface LocalState {
  readonly availabilityOf: (origin: LeasedOrigin) => Availability;
  readonly mayAsk: boolean;
}

export class LocalPool {
  readonly #pool: Pool;
  readonly #names: ReadonlySet<OriginName>;
  readonly #rule: SelectionPolicy;
  readonly #goesByLoad: boolean;
  /** Turns to be skipped before the first. */
  #turnsAhead: number;
  #serving: readonly LeasedOrigin[] = [];
  /** Of these, those with a share. */
  #sharing: readonly Candidate[] = [];
  #all: ReadonlyMap<OriginName, LeasedOrigin> = new Map();

  constructor(pool: Pool, policy: Policy, random: Random) {
    this.#pool = pool;
    this.#names = new Set(pool.origins.map(({ name }) => name));
    this.#goesByLoad = goesByLoad(policy);
    this.#rule = this.#goesByLoad ? new SmoothWeighted() : createBalancer(policy, pool.origins).policy;
    this.#turnsAhead = this.#rule.name === "round_robin" ? Math.floor(random.next() * mostTurnsAhead) : 0;
  }

  get name(): string {
    return this.#pool.name;
  }

  /** Takes over what a lease says; origins of other pools, or that this configuration does not know, are left out. */
  use(leased: readonly LeasedOrigin[]): void {
    const mine = leased.filter(({ origin }) => this.#names.has(origin));
    this.#all = new Map(mine.map((origin) => [origin.origin, origin]));
    this.#serving = mine.filter(({ boundOnly }) => boundOnly !== true);
    // In one unit, so that what an origin is owed of the last lease counts in the next.
    const shares = this.#serving.reduce((sum, { share }) => sum + share, 0);
    this.#sharing = this.#serving.flatMap(({ origin, share, inFlight }) =>
      share > 0 ? [{ name: origin, weight: share / shares, inFlight }] : [],
    );
  }

  /** What was leased of the origin; `undefined` if nothing was, or it is not of this pool. */
  get(origin: OriginName): LeasedOrigin | undefined {
    return this.#all.get(origin);
  }

  /** How many slots the holder was leased of it, and how many of them are free. */
  slots(openOn: (origin: OriginName) => number): { readonly leased: number; readonly free: number } {
    let leased = 0;
    let free = 0;
    for (const { origin, slots = Infinity } of this.#serving) {
      leased += slots;
      free += Math.max(0, slots - openOn(origin));
    }
    return { leased, free };
  }

  /** For a request of no session; `undefined`: no slot is free here, and it is not the turn of one certain origin. */
  choose(state: LocalState, input: PolicyInput): LocalChoice | undefined {
    // All of them are to be asked for, so the object's turns are better than the holder's own: they are the whole fleet's.
    if (this.#serving.every(({ slots }) => slots === 0)) return undefined;
    return this.#goesByLoad ? this.#byShare(state, input) : this.#byRule(state, input);
  }

  /** Shares that are made of load are nothing to be exact about: only where it has no slot at all an origin is asked for. */
  #byShare(state: LocalState, input: PolicyInput): LocalChoice | undefined {
    for (let count = 0; count < mostTurns; count++) {
      const next = this.#next(this.#sharing, input);
      const leased = next && this.get(next.name);
      if (leased === undefined) break;
      const availability = state.availabilityOf(leased);
      if (availability === "free") return { kind: "origin", leased };
      if (leased.slots === 0 && isWorthAsking(leased, availability, state))
        return { kind: "turn", origin: leased.origin };
    }
    let best: LeasedOrigin | undefined;
    for (const origin of this.#serving) {
      if (state.availabilityOf(origin) === "free" && (best === undefined || origin.share > best.share))
        best = origin;
    }
    return best && { kind: "origin", leased: best };
  }

  #byRule(state: LocalState, input: PolicyInput): LocalChoice | undefined {
    const candidates: Candidate[] = [];
    const lacking = new Set<OriginName>();
    for (const origin of this.#serving) {
      const availability = state.availabilityOf(origin);
      if (availability !== "free") {
        if (!isWorthAsking(origin, availability, state)) continue;
        lacking.add(origin.origin);
      }
      candidates.push(candidateOf(origin));
    }
    const chosen = this.#next(candidates, input);
    if (chosen === undefined) return undefined;
    if (lacking.has(chosen.name)) return { kind: "turn", origin: chosen.name };
    const leased = this.get(chosen.name);
    return leased && { kind: "origin", leased };
  }

  #next(candidates: readonly Candidate[], input: PolicyInput): Candidate | undefined {
    for (; this.#turnsAhead > 0; this.#turnsAhead--) this.#rule.select(candidates, input);
    return this.#rule.select(candidates, input);
  }
}

function isWorthAsking({ more }: LeasedOrigin, availability: Availability, { mayAsk }: LocalState): boolean {
  return mayAsk && availability === "busy" && more === true;
}

function candidateOf({ origin, share, inFlight, warmth }: LeasedOrigin): Candidate {
  const candidate = { name: origin, weight: share, inFlight };
  return warmth === undefined ? candidate : { ...candidate, starting: true };
}
