/**
 * The shares of the coming requests that origins are to get from holders that pick by themselves: by weight, or, for rules that
 * go by load, of all that is known of the load of the whole fleet (`shares.ts`).
 */
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { Millis, Origin, OriginName, Policy, PoolName } from "../model/upstream.ts";
import type { Balancers } from "../selection/balancers.ts";
import { weightNow } from "../selection/eligible.ts";
import { goesByLoad } from "../selection/registry.ts";
import type { FleetDemand } from "./fleet-demand.ts";
import type { LeasingView } from "./leasing-view.ts";
import { fillToLevel, type Basin } from "./shares.ts";

/** Shares are made for so many requests an origin, though fewer may come: one that is open here or there says next to nothing. */
const leastForEach = 8;

export class FleetShares {
  readonly #policy: Policy;
  readonly #ledger: Pick<SlotLedger, "totals">;
  readonly #balancers: Balancers;
  readonly #demand: Pick<FleetDemand, "on" | "arrivals" | "completionsOf">;

  constructor(
    policy: Policy,
    ledger: Pick<SlotLedger, "totals">,
    balancers: Balancers,
    demand: Pick<FleetDemand, "on" | "arrivals" | "completionsOf">,
  ) {
    this.#policy = policy;
    this.#ledger = ledger;
    this.#balancers = balancers;
    this.#demand = demand;
  }

  /** Of what comes in the next exchange's time: as much as in the last one's, and not less than holders need. */
  of(
    pool: PoolName,
    serving: readonly Origin[],
    { now, statusOf }: Pick<LeasingView, "now" | "statusOf">,
  ): readonly number[] {
    const statuses = serving.map(({ name }) => statusOf(name));
    const weights = serving.map((origin, index) => weightNow(origin, statuses[index]!));
    if (!goesByLoad(this.#policy)) return weights;
    const heaviest = Math.max(...weights);
    const basins = serving.map(({ name }, index) => {
      const weight = weights[index]!;
      const inFlight = this.#ledger.totals.inUse(name);
      const limit =
        weight / Math.max(this.#loadOfOne(name, inFlight, now, statuses[index]!.ageMs), Number.EPSILON);
      return { limit, inFlight, completions: this.#demand.completionsOf(name), least: weight / heaviest };
    });
    const arrivals = Math.max(
      leastForEach * serving.length,
      this.#demand.on(pool).mean,
      this.#demand.arrivals,
    );
    return Array.from(fillToLevel(withoutDrift(basins), arrivals));
  }

  /** By how much each request loads the origin. It is looked at once: signals remember a look. */
  #loadOfOne(name: OriginName, inFlight: number, now: Millis, ageMs: Millis | undefined): number {
    const signal = this.#balancers.signalOf(name);
    return signal === undefined ? 1 : signal.load(name, inFlight, now, 0, ageMs) / (inFlight + 1);
  }
}

/**
 * What ended on an origin is what its shares have sent there before, so shares that only go by that drift: an origin that had more gets
 * more, up to all of it. What is open says where there is too much; but where requests are over long before the next shares, next to nothing
 * is open at any moment, and where it is says nothing of then. So both count only as far as there is as much open as ends in a period;
 * the rest of the completions is taken to be in proportion to the limits.
 */
function withoutDrift(basins: readonly Basin[]): readonly Basin[] {
  let [open, ended, limits] = [0, 0, 0];
  for (const { inFlight, completions, limit } of basins) {
    open += inFlight;
    ended += completions;
    limits += limit;
  }
  if (ended <= open) return basins;
  const known = open / ended;
  return basins.map((basin) => {
    const completions = known * basin.completions + ((1 - known) * ended * basin.limit) / limits;
    return { ...basin, inFlight: known * basin.inFlight, completions };
  });
}
