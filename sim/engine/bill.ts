/** What the measured time of a run costs, in whatever money the scenario's pools are priced in. */
import type { Millis } from "../../core/model/upstream.ts";
import { hourMs } from "../scenario/fields.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** By pool, of the measured time. */
export interface Usage {
  /** Attempts, of measured requests, that were sent to it. */
  readonly attempts: Int32Array;
  /** For how long its servers ran, all together. */
  readonly serverMs: Float64Array;
}

/** The money that was spent; `undefined`: no pool of the scenario has a price. */
export function moneySpent({ pools }: Scenario, { attempts, serverMs }: Usage): number | undefined {
  if (pools.every(({ cost }) => cost.perRequest === 0 && cost.perServerHour === 0)) return undefined;
  return pools.reduce(
    (sum, { cost }, pool) =>
      sum + attempts[pool]! * cost.perRequest + (serverMs[pool]! / hourMs) * cost.perServerHour,
    0,
  );
}

/** How much of the time from `fromMs` to `untilMs` is measured. */
export function measuredMs({ warmupMs, measureMs }: Scenario, fromMs: Millis, untilMs: Millis): Millis {
  return Math.max(0, Math.min(untilMs, warmupMs + measureMs) - Math.max(fromMs, warmupMs));
}
