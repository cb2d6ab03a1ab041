/**
 * A pool as its holder may use it: the origins it was leased, and how it chooses among them. Rules that go by load
 * become draws from the shares that the object has made of all holders' load (`shares.ts`); the others choose here as
 * they would there.
 */
import type { Random } from "../random.ts";
import type { Candidate, Choice, SelectionPolicy } from "../selection/policy.ts";
import { createBalancer, goesByLoad } from "../selection/registry.ts";
import type { OriginName, Pool, Policy } from "../upstream.ts";
import type { LeasedOrigin } from "./exchange.ts";
import { ShareDraws } from "./shares.ts";

/** After so many draws that hit a full origin, the rest are looked through. */
const mostDraws = 8;

export class LocalPool {
  readonly #pool: Pool;
  readonly #names: ReadonlySet<OriginName>;
  readonly #draws: ShareDraws | undefined;
  readonly #rule: SelectionPolicy | undefined;
  #open: readonly LeasedOrigin[] = [];
  #all: ReadonlyMap<OriginName, LeasedOrigin> = new Map();

  constructor(pool: Pool, policy: Policy, random: Random) {
    this.#pool = pool;
    this.#names = new Set(pool.origins.map(({ name }) => name));
    const byLoad = goesByLoad(policy);
    this.#draws = byLoad ? new ShareDraws(random) : undefined;
    this.#rule = byLoad ? undefined : createBalancer(policy, pool.origins).policy;
  }

  get name(): string {
    return this.#pool.name;
  }

  /** Takes over what a lease says; origins of other pools, or that this configuration does not know, are left out. */
  use(leased: readonly LeasedOrigin[]): void {
    const mine = leased.filter(({ origin }) => this.#names.has(origin));
    this.#all = new Map(mine.map((origin) => [origin.origin, origin]));
    this.#open = mine.filter(({ boundOnly, slots }) => boundOnly !== true && slots !== 0);
    this.#draws?.publish(this.#open.map(({ share }) => share));
  }

  /** What was leased of the origin; `undefined` if nothing was, or it is not of this pool. */
  get(origin: OriginName): LeasedOrigin | undefined {
    return this.#all.get(origin);
  }

  /** How many slots the holder was leased of it, and how many of them are free. */
  slots(openOn: (origin: OriginName) => number): { readonly leased: number; readonly free: number } {
    let leased = 0;
    let free = 0;
    for (const { origin, slots = Infinity } of this.#open) {
      leased += slots;
      free += Math.max(0, slots - openOn(origin));
    }
    return { leased, free };
  }

  /** An origin for a request of no session, among those that `isUsable` lets through. */
  choose(isUsable: (origin: LeasedOrigin) => boolean, choice: Choice): LeasedOrigin | undefined {
    return this.#draws === undefined ? this.#byRule(isUsable, choice) : this.#draw(this.#draws, isUsable);
  }

  #draw(draws: ShareDraws, isUsable: (origin: LeasedOrigin) => boolean): LeasedOrigin | undefined {
    for (let count = 0; count < mostDraws; count++) {
      const place = draws.draw();
      const origin = place === undefined ? undefined : this.#open[place];
      if (origin === undefined) break;
      if (isUsable(origin)) return origin;
    }
    let best: LeasedOrigin | undefined;
    for (const origin of this.#open) {
      if (isUsable(origin) && (best === undefined || origin.share > best.share)) best = origin;
    }
    return best;
  }

  #byRule(isUsable: (origin: LeasedOrigin) => boolean, choice: Choice): LeasedOrigin | undefined {
    const candidates: Candidate[] = [];
    for (const origin of this.#open) {
      const { share, inFlight, warmth } = origin;
      const candidate = { name: origin.origin, weight: share, inFlight };
      if (isUsable(origin))
        candidates.push(warmth === undefined ? candidate : { ...candidate, starting: true });
    }
    const chosen = this.#rule?.select(candidates, choice);
    return chosen && this.get(chosen.name);
  }
}
