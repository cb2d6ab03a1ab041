/**
 * A pool as its holder may use it: the origins it was leased, and how it chooses among them. Rules that go by load
 * become draws from the shares that the object has made of all holders' load (`shares.ts`); the others choose here as
 * they would there.
 */
import type { Random } from "../random.ts";
import type { Candidate, Choice, SelectionPolicy } from "../selection/policy.ts";
import { createBalancer, goesByLoad } from "../selection/registry.ts";
import type { Origin, OriginName, Pool, Policy } from "../upstream.ts";
import type { LeasedOrigin } from "./exchange.ts";
import { ShareDraws } from "./shares.ts";

/** An origin with what was leased of it. */
export interface LocalOrigin extends LeasedOrigin {
  readonly weight: number;
}

/** After so many draws that hit a full origin, the rest are looked through. */
const mostDraws = 8;

export class LocalPool {
  readonly #pool: Pool;
  readonly #byName: ReadonlyMap<OriginName, Origin>;
  readonly #draws: ShareDraws | undefined;
  readonly #rule: SelectionPolicy | undefined;
  #open: readonly LocalOrigin[] = [];
  #all: ReadonlyMap<OriginName, LocalOrigin> = new Map();

  constructor(pool: Pool, policy: Policy, random: Random) {
    this.#pool = pool;
    this.#byName = new Map(pool.origins.map((origin) => [origin.name, origin]));
    const byLoad = goesByLoad(policy);
    this.#draws = byLoad ? new ShareDraws(random) : undefined;
    this.#rule = byLoad ? undefined : createBalancer(policy, pool.origins).policy;
  }

  get name(): string {
    return this.#pool.name;
  }

  /** Takes over what a lease says; origins of other pools, or that this configuration does not know, are left out. */
  use(leased: readonly LeasedOrigin[]): void {
    const mine = leased.flatMap((terms): LocalOrigin[] => {
      const origin = this.#byName.get(terms.origin);
      return origin === undefined ? [] : [{ ...terms, weight: origin.weight }];
    });
    this.#all = new Map(mine.map((origin) => [origin.origin, origin]));
    this.#open = mine.filter(({ boundOnly, slots }) => boundOnly !== true && slots !== 0);
    this.#draws?.publish(this.#open.map(({ share }) => share));
  }

  /** What was leased of the origin; `undefined` if nothing was, or it is not of this pool. */
  get(origin: OriginName): LocalOrigin | undefined {
    return this.#all.get(origin);
  }

  /** An origin for a request of no session, among those that `isUsable` lets through. */
  choose(isUsable: (origin: LocalOrigin) => boolean, choice: Choice): LocalOrigin | undefined {
    return this.#draws === undefined ? this.#byRule(isUsable, choice) : this.#draw(this.#draws, isUsable);
  }

  #draw(draws: ShareDraws, isUsable: (origin: LocalOrigin) => boolean): LocalOrigin | undefined {
    for (let count = 0; count < mostDraws; count++) {
      const place = draws.draw();
      const origin = place === undefined ? undefined : this.#open[place];
      if (origin === undefined) break;
      if (isUsable(origin)) return origin;
    }
    let best: LocalOrigin | undefined;
    for (const origin of this.#open) {
      if (isUsable(origin) && (best === undefined || origin.share > best.share)) best = origin;
    }
    return best;
  }

  #byRule(isUsable: (origin: LocalOrigin) => boolean, choice: Choice): LocalOrigin | undefined {
    const candidates: Candidate[] = [];
    for (const origin of this.#open) {
      const { weight, inFlight } = origin;
      if (isUsable(origin)) candidates.push({ name: origin.origin, weight, inFlight });
    }
    const chosen = this.#rule?.select(candidates, choice);
    return chosen && this.get(chosen.name);
  }
}
