/** A pool of an upstream: servers that are alike, what they can carry, and what they cost. */
import * as z from "zod";
import type { Pool } from "../../../core/model/upstream.ts";
import { duration } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import { present } from "../present.ts";
import { type Rule, inEach } from "../rule.ts";
import { listOf, optional, required, section, type ValuesOf } from "../section.ts";
import { budget, cost } from "./budget.ts";
import { compileOrigin, origin, type OriginConfig } from "./origin.ts";
import { compileRegister, register, type RegisterConfig } from "./register.ts";
import type { UpstreamValues } from "./upstream.ts";

const capacity = z.literal("auto", { error: '"auto", or nothing: then maxConns of each origin says it' });

export const pool = section(
  "WeirPool",
  {
    /** Unique in its upstream. */
    name: required(name),
    /** Servers that are alike: at least one, of a weight above 0, unless there is `register`; at most 1000 in all pools together. */
    origins: required(listOf(origin, 0, 1000, "origins")),
    /** `"auto"`: Weir finds out how many requests each origin can have open, from the times of its answers, `maxConns` at most ([bursting.md](bursting.md#what-home-can-do)). Only on the first pool; without a second one each origin needs `maxConns`. */
    capacity: optional(capacity, "`maxConns` says it"),
    /** Further origins may register themselves. Such a pool may have `origins: []`. Not with `regions`. */
    register: optional(register, "none may"),
    /** What a request costs here, as the time that its user may wait at home instead ([bursting.md](bursting.md#waiting)). It has an effect where requests may [wait](#queue-requests-that-wait). */
    price: optional(duration("0ms", "60s"), '`"0ms"`'),
    /** What the pool costs in your own currency; not for the first pool. */
    cost: optional(cost, "nothing"),
    /** How much may be spent on the pool, in requests, in money, or both; not for the first pool, nor with `regions`. */
    budget: optional(budget, "no limit"),
  },
  {
    rules: [
      ({ origins, register }) => {
        const expected = "a list of 1 to 1000 origins; none only in a pool with register";
        return origins.length === 0 && register === undefined && { path: ["origins"], expected };
      },
      ({ origins }) => {
        const isIdle = origins.length > 0 && origins.every(({ weight }) => weight === 0);
        const expected = "at least one origin of a weight above 0";
        return isIdle && { path: ["origins"], found: "weight 0 for each origin", expected };
      },
    ],
  },
);

export type PoolValues = ValuesOf<typeof pool>;

/** Whether it is known what home can carry; a home without origins of its own learns that from those that register. */
export function isHomeLimited({ pools: [home] }: UpstreamValues): boolean {
  const { capacity, origins = [] } = home ?? {};
  return (
    capacity === "auto" || origins.length === 0 || origins.some(({ maxConns }) => maxConns !== undefined)
  );
}

const limited: Rule<PoolValues> = inEach("origins", ({ maxConns }) => {
  const expected =
    'the most it may have, or a second pool: with capacity: "auto" the rest must have somewhere to go';
  return maxConns === undefined && { path: ["maxConns"], expected };
});

/** The rules between the pools of an upstream. */
export const poolRules: readonly Rule<UpstreamValues>[] = [
  inEach("pools", ({ capacity }, index) => {
    const expected = "none on a pool after the first: only home's capacity is found out";
    const isLater = capacity !== undefined && index > 0;
    return isLater && { path: ["capacity"], found: "a capacity of a later pool", expected };
  }),
  // The search would have to begin low, and refuse what is beyond.
  inEach("pools", (pool, _, { pools }, ...place) => {
    return pools.length === 1 && pool.capacity === "auto" && limited(pool, ...place);
  }),
  // A region's object would have to be told of origins that register, and would have to tell its isolates.
  inEach("pools", ({ register }, _, { regions }) => {
    if (register === undefined || regions.length === 0) return undefined;
    const expected = "no register, or no regions: a region's object does not learn of origins that join";
    return { path: ["register"], found: "register beside regions", expected };
  }),
];

export interface PoolConfig extends Pool {
  readonly origins: readonly OriginConfig[];
  /** Absent: none may register itself. */
  readonly register?: RegisterConfig;
}

export function compilePool({ origins, register, price, ...rest }: PoolValues): PoolConfig {
  return present({
    ...rest,
    origins: origins.map(compileOrigin),
    register: register && compileRegister(register),
    priceMs: price,
  });
}
