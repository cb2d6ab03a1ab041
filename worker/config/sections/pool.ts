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
      ({ origins, register }, at) =>
        origins.length === 0 && register === undefined
          ? [
              {
                path: [...at, "origins"],
                expected: "a list of 1 to 1000 origins; none only in a pool with register",
              },
            ]
          : [],
      ({ origins }, at) =>
        origins.length > 0 && origins.every(({ weight }) => weight === 0)
          ? [
              {
                path: [...at, "origins"],
                found: "weight 0 for each origin",
                expected: "at least one origin of a weight above 0",
              },
            ]
          : [],
    ],
  },
);

export type PoolValues = ValuesOf<typeof pool>;

interface Pools {
  readonly pools: readonly PoolValues[];
  readonly regions: readonly string[];
}

/** Whether the capacity of the upstream's home is found out. */
export const findsOutHome = ({ pools }: Pick<Pools, "pools">): boolean => pools[0]?.capacity === "auto";

/** Whether it is known what home can carry; a home without origins of its own learns that from those that register. */
export function isHomeLimited(upstream: Pick<Pools, "pools">): boolean {
  const origins = upstream.pools[0]?.origins ?? [];
  return (
    findsOutHome(upstream) || origins.length === 0 || origins.some(({ maxConns }) => maxConns !== undefined)
  );
}

/** The rules between the pools of an upstream. */
export const poolRules: readonly Rule<Pools>[] = [
  ({ pools }, at) =>
    inEach(pools, ({ capacity }, index) => {
      if (capacity === undefined || index === 0) return [];
      const expected = "none on a pool after the first: only home's capacity is found out";
      return [{ path: [...at, "pools", index, "capacity"], found: "a capacity of a later pool", expected }];
    }),
  // The search would have to begin low, and refuse what is beyond.
  ({ pools }, at) =>
    pools.length !== 1 || !findsOutHome({ pools })
      ? []
      : inEach(pools[0]?.origins ?? [], ({ maxConns }, index) => {
          if (maxConns !== undefined) return [];
          const path = [...at, "pools", 0, "origins", index, "maxConns"];
          const expected =
            'the most it may have, or a second pool: with capacity: "auto" the rest must have somewhere to go';
          return [{ path, expected }];
        }),
  // Regions are leased what the root has; who joined meanwhile they would have to be told, and their isolates by them.
  ({ pools, regions }, at) =>
    inEach(pools, ({ register }, index) => {
      if (register === undefined || regions.length === 0) return [];
      const expected = "no register, or no regions: a region's object does not learn of origins that join";
      return [{ path: [...at, "pools", index, "register"], found: "register beside regions", expected }];
    }),
];

export interface PoolConfig extends Pool {
  readonly origins: readonly OriginConfig[];
  /** Absent: none may register itself. */
  readonly register?: RegisterConfig;
}

export function compilePool({ origins, register, price, budget, ...rest }: PoolValues): PoolConfig {
  return present({
    ...rest,
    origins: origins.map(compileOrigin),
    register: register && compileRegister(register),
    priceMs: price,
    budget: budget && present(budget),
  });
}
