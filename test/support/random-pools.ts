/** Pools in any state, for properties: origins of every kind, and what is observed of each. */
import * as fc from "fast-check";

import type { OriginStatus } from "../../core/model/origin-status.ts";
import type { Pool } from "../../core/model/upstream.ts";
import type { RequestDemand } from "../../core/selection/eligible.ts";
import { origin, pool } from "./upstream.ts";

export interface ObservedPool {
  readonly pool: Pool;
  readonly statusOf: (name: string) => OriginStatus;
}

const someOrigin = fc.record(
  {
    weight: fc.integer({ min: 0, max: 3 }),
    backup: fc.boolean(),
    maxConns: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ["weight", "backup"] },
);

const someStatus = fc.record({
  healthy: fc.boolean(),
  failing: fc.boolean(),
  suspect: fc.boolean(),
  operator: fc.constantFrom("up" as const, "draining" as const, "down" as const),
  inFlight: fc.nat(4),
});

/** A pool of up to five origins, named after it: `home-0`, `home-1` … */
export function somePool(name: string): fc.Arbitrary<ObservedPool> {
  return fc.array(fc.tuple(someOrigin, someStatus), { minLength: 1, maxLength: 5 }).map((drawn) => {
    const origins = drawn.map(([options], index) => origin(`${name}-${index}`, options));
    const observed = new Map(drawn.map(([, status], index) => [`${name}-${index}`, status]));
    return { pool: pool(name, origins), statusOf: (asked) => statusIn(observed, asked) };
  });
}

/** What may have been tried already, of pools named `home` and `cloud`; bound, careful, in panic, or not. */
export const someDemand: fc.Arbitrary<RequestDemand> = fc.record({
  tried: fc.subarray(["home-0", "home-1", "cloud-0", "cloud-1"]).map((names) => new Set(names)),
  bound: fc.boolean(),
  care: fc.constantFrom("bold" as const, "wary" as const, "cautious" as const),
  panic: fc.boolean(),
});

/** The pools as one: a rule asks by name alone. */
export function statusOfAll(pools: readonly ObservedPool[]): (name: string) => OriginStatus {
  return (name) => {
    const owner = pools.find(({ pool }) => pool.origins.some((one) => one.name === name));
    if (owner === undefined) throw new Error(`no origin ${name}`);
    return owner.statusOf(name);
  };
}

function statusIn(observed: ReadonlyMap<string, OriginStatus>, name: string): OriginStatus {
  const status = observed.get(name);
  if (status === undefined) throw new Error(`no origin ${name}`);
  return status;
}
