/** `autoscale`: instances that are ordered for a burst pool, from a forecast of the demand. */
import type { Autoscale } from "../../../core/model/upstream.ts";
import { duration, integer, share } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import { signingSecret } from "../kinds/signing-secret.ts";
import { webhookUrl } from "../kinds/webhook-url.ts";
import { quote } from "../parse/notation.ts";
import { present } from "../present.ts";
import { type Rule, within } from "../rule.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";
import { isHomeLimited, type PoolValues } from "./pool.ts";
import type { UpstreamValues } from "./upstream.ts";

const webhook = section("WeirWebhook", {
  /** Where the orders are sent. */
  url: required(webhookUrl),
  /** The key that signs the orders. */
  secret: required(signingSecret),
});

export const autoscale = section(
  "WeirAutoscale",
  {
    /** The pool that grows, not the first. */
    pool: optional(name, "the second pool"),
    /** Requests that an instance can have open at once. */
    slots: required(integer(1, 1_000_000)),
    /** The time from an order to an instance's first request. */
    startsIn: option(duration("1s", "1h"), "45s"),
    /** Fewer instances are ordered only after fewer would have sufficed for this long. */
    shrinkAfter: optional(duration("1s", "24h"), '`"1m"`'),
    /** The fewest instances, at most `max`. */
    min: option(integer(0, 1000), 0),
    /** The most instances. */
    max: required(integer(1, 1000)),
    /** While home is not enough, the pool has at least this share of home's capacity, for crowds that cannot be forecast ([bursting.md](bursting.md#growing-the-cloud)). */
    reserve: optional(share(10), "0"),
    /** Where the orders are sent, and the key that signs them. */
    webhook: required(webhook),
  },
  {
    rules: [({ min, max }) => min > max && { path: ["min"], expected: "at most autoscale.max" }],
  },
);

/** The rules between `autoscale` and the pools of its upstream. */
export const autoscaleRules: readonly Rule<UpstreamValues>[] = [
  within("autoscale", (_, { pools }) => {
    const expected = "a pool after home that can grow";
    return pools.length === 1 && { path: [], found: "no second pool", expected };
  }),
  within("autoscale", ({ pool }, { pools }) => {
    const later = pools.slice(1).map(({ name }) => name);
    if (pool === undefined || later.length === 0 || later.includes(pool)) return undefined;
    return { path: ["pool"], expected: `the name of a pool after home: ${later.map(quote).join(" or ")}` };
  }),
  // Without a limit home would carry everything, and nothing would ever be ordered.
  within("autoscale", (_, upstream) => {
    const expected = "maxConns for home's origins: instances are ordered for what home cannot carry";
    return !isHomeLimited(upstream) && { path: [], found: "a home without maxConns", expected };
  }),
];

export interface AutoscaleConfig extends Autoscale {
  /** Where orders for instances go, and what they are signed with. */
  readonly webhook: ScaleHookConfig;
}

export type ScaleHookConfig = ValuesOf<typeof webhook>;

export function compileAutoscale(
  { pool, startsIn, shrinkAfter, ...rest }: ValuesOf<typeof autoscale>,
  pools: readonly PoolValues[],
): AutoscaleConfig {
  // The rules have seen to it that there is a second one.
  const grows = pool ?? pools[1]?.name ?? "";
  return present({ ...rest, pool: grows, startsInMs: startsIn, shrinkAfterMs: shrinkAfter });
}
