/** `cost` and `budget` of a pool: what it costs, and how much may be spent on it. */
import { whenUsedUps } from "../../../core/model/upstream.ts";
import { amount, integer, oneOf } from "../kinds/fields.ts";
import type { Path, Problem } from "../parse/plain.ts";
import { type Rule, inEach } from "../rule.ts";
import { option, optional, section, type ValuesOf } from "../section.ts";
import { hasQueue, type QueueAndRegions } from "./queue.ts";

const money = amount("an amount of money");

export const cost = section("WeirCost", {
  /** Money for each attempt that is sent there, in your own currency. */
  perRequest: option(money, 0),
  /** Money for 10^9 bytes of response bodies. */
  perGb: option(money, 0),
});

export const budget = section(
  "WeirBudget",
  {
    /** The most attempts that are sent to the pool in an hour of UTC, over the whole fleet. 0: none. */
    requestsPerHour: optional(integer(0, 1_000_000_000), "no limit"),
    /** The most that these attempts may cost in a day of UTC; needs a `cost` above 0 of the pool. */
    moneyPerDay: optional(money, "no limit"),
    /** `"fail"`: go to the next pool, or answer `503`; `"shed-low-priority"`: the same, but less important requests earlier; `"queue"`: wait at home. */
    whenUsedUp: option(oneOf(whenUsedUps), "fail"),
  },
  {
    rules: [
      ({ requestsPerHour, moneyPerDay }, at) =>
        requestsPerHour === undefined && moneyPerDay === undefined
          ? [{ path: at, found: "no limit", expected: "requestsPerHour, moneyPerDay, or both of them" }]
          : [],
    ],
  },
);

interface PricedPool {
  readonly cost: ValuesOf<typeof cost> | undefined;
  readonly budget: ValuesOf<typeof budget> | undefined;
}

interface PricedPools extends QueueAndRegions {
  readonly pools: readonly PricedPool[];
}

type BudgetRule = (pool: PricedPool, path: Path, upstream: PricedPools) => readonly Problem[];

/** Only what is spilled is counted. */
const homeHas =
  (key: "cost" | "budget"): Rule<PricedPools> =>
  ({ pools }, at) =>
    pools[0]?.[key] === undefined
      ? []
      : [
          {
            path: [...at, "pools", 0, key],
            found: `a ${key} at home`,
            expected: `none on the first pool: only what is spilled has a ${key}`,
          },
        ];

const pricelessBudget: BudgetRule = ({ cost, budget }, path) => {
  if (budget?.moneyPerDay === undefined || (cost && (cost.perRequest > 0 || cost.perGb > 0))) return [];
  const expected = "a cost of the pool above 0 to count by (cost.perRequest, cost.perGb)";
  return [{ path: [...path, "budget", "moneyPerDay"], found: "a pool that costs nothing", expected }];
};

const besideRegions: BudgetRule = ({ budget }, path, { regions }) => {
  if (budget === undefined || regions.length === 0) return [];
  const expected = "no budget where the upstream has regions: one object has to be asked for each request";
  return [{ path: [...path, "budget"], found: "a budget beside regions", expected }];
};

const waitingNowhere: BudgetRule = ({ budget }, path, upstream) => {
  if (budget?.whenUsedUp !== "queue" || hasQueue(upstream)) return [];
  const expected = "a queue of the upstream, for requests to wait in";
  return [{ path: [...path, "budget", "whenUsedUp"], expected }];
};

/** The rules between the pools of an upstream and the rest of it. */
export const budgetRules: readonly Rule<PricedPools>[] = [
  homeHas("cost"),
  homeHas("budget"),
  ...[pricelessBudget, besideRegions, waitingNowhere].map(
    (rule): Rule<PricedPools> =>
      (upstream, at) =>
        inEach(upstream.pools, (pool, index) =>
          index === 0 ? [] : rule(pool, [...at, "pools", index], upstream),
        ),
  ),
];
