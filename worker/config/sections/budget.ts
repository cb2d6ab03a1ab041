/** `cost` and `budget` of a pool: what it costs, and how much may be spent on it. */
import { whenUsedUps } from "../../../core/model/upstream.ts";
import { integer, oneOf, share } from "../kinds/fields.ts";
import { type Rule, inEach } from "../rule.ts";
import { option, optional, section } from "../section.ts";
import { hasQueue } from "./queue.ts";
import type { UpstreamValues } from "./upstream.ts";

const money = share(1_000_000_000, 0, "an amount of money");

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
      ({ requestsPerHour, moneyPerDay }) => {
        const expected = "requestsPerHour, moneyPerDay, or both of them";
        return (requestsPerHour ?? moneyPerDay) === undefined && { path: [], found: "no limit", expected };
      },
    ],
  },
);

/** Only what is spilled is counted. */
const notAtHome = (key: "cost" | "budget"): Rule<UpstreamValues> =>
  inEach("pools", (pool, index) => {
    const expected = `none on the first pool: only what is spilled has a ${key}`;
    return index === 0 && pool[key] !== undefined && { path: [key], found: `a ${key} at home`, expected };
  });

/** The rules between the pools of an upstream and the rest of it. */
export const budgetRules: readonly Rule<UpstreamValues>[] = [
  notAtHome("cost"),
  notAtHome("budget"),
  inEach("pools", ({ cost, budget }, index) => {
    const isFree = cost === undefined || (cost.perRequest === 0 && cost.perGb === 0);
    if (index === 0 || budget?.moneyPerDay === undefined || !isFree) return undefined;
    const expected = "a cost of the pool above 0 to count by (cost.perRequest, cost.perGb)";
    return { path: ["budget", "moneyPerDay"], found: "a pool that costs nothing", expected };
  }),
  inEach("pools", ({ budget }, index, { regions }) => {
    if (index === 0 || budget === undefined || regions.length === 0) return undefined;
    const expected = "no budget where the upstream has regions: one object has to be asked for each request";
    return { path: ["budget"], found: "a budget beside regions", expected };
  }),
  inEach("pools", ({ budget }, index, upstream) => {
    const expected = "a queue of the upstream, for requests to wait in";
    const isInVain = index > 0 && budget?.whenUsedUp === "queue" && !hasQueue(upstream);
    return isInVain && { path: ["budget", "whenUsedUp"], expected };
  }),
];
