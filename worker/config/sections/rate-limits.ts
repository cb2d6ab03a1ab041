/** `rateLimits` of a route: how many requests of one key the whole fleet takes in a time. */
import { present } from "../present.ts";
import { duration, flag, integer, oneOf } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import { rate } from "../kinds/rate.ts";
import { limitKey } from "../kinds/request-key.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";
import { compileWhen, when } from "./when.ts";

export const rateLimit = section(
  "WeirRateLimit",
  {
    /** What [logs](logs.md) and the `RateLimit` fields call it. Limits of one name count together, on whichever routes they are, and must be alike. */
    name: optional(name, "`ROUTE#0`, `ROUTE#1` … by the route's name"),
    /** What is counted by: `"address"` (of IPv6 the /64), `"header:NAME"`, `"cookie:NAME"`, `"query:NAME"`, `"path"`, or a list of several, which then count together; `"route"`: all requests of the route. A part that a request lacks is replaced by its client's address. A client that can make up values of a header has a limit for each: beside such a limit put one by `"address"`. */
    key: option(limitKey, "address"),
    /** How many requests in a time. */
    rate: required(rate),
    /** How many requests may come at once; after them, one at a time at the rate. In any time T there are at most burst + rate × T. */
    burst: optional(integer(1, 1e6), "the number of `rate`"),
    /** How long a request that comes too early is held back until its turn, instead of being refused. Only with `exact`. */
    delay: optional(duration("1ms", "60s"), "it is refused"),
    /** `true`: the limit's object is asked for each request that may pass, so that the limit is never exceeded. `false`: keys that are busy are lent to isolates in advance; in any time T there are at most burst + rate × (T + 1 s) ([limiting.md](limiting.md#what-the-whole-fleet-means)). */
    exact: option(flag(), false),
    /** Only requests that meet these conditions count. */
    when: optional(when, "all requests"),
    /** Refuse nothing; the log says what would have been refused. */
    dryRun: option(flag(), false),
    /** The status of a refusal. */
    status: option(integer(400, 599), 429),
    /** Whether answers have `RateLimit` and `RateLimit-Policy`, which tell clients of the limit. */
    headers: option(flag(), true),
    /** When the limit's object cannot be reached: let pass what conforms as each isolate counts by itself (`"allow"`), or refuse all with `503` (`"refuse"`). */
    onFailure: option(oneOf(["allow", "refuse"]), "allow"),
  },
  {
    rules: [
      ({ delay, exact }) =>
        delay !== undefined &&
        !exact && {
          path: ["delay"],
          expected: "exact: true beside it: only the object of the limit knows whose turn it is",
        },
    ],
  },
);

export type RateLimitValues = ValuesOf<typeof rateLimit>;
export type RateLimitConfig = ReturnType<typeof compileRateLimit>;

/** @param of the name of the route, and the limit's place in its list. */
export function compileRateLimit(
  values: RateLimitValues,
  of: { readonly route: string; readonly nth: number },
) {
  const { name, key, rate, burst = rate.requests, delay = 0, exact, when, ...rest } = values;
  return present({
    ...rest,
    /** What logs call it. */
    name: name ?? `${of.route}#${of.nth}`,
    /** What clients are told: nothing of routes. */
    policy: name ?? (of.nth === 0 ? "default" : `default-${of.nth}`),
    key,
    terms: { intervalMs: rate.perMs / rate.requests, burst, delayMs: delay, isExact: exact },
    quota: { requests: rate.requests, windowS: rate.perMs / 1_000 },
    when: when && compileWhen(when),
  });
}

/** What limits of one name must have alike: what they count, and how. */
export function countedAs({
  name,
  key,
  rate,
  burst,
  delay,
  exact,
}: RateLimitValues): { readonly name: string; readonly as: string } | undefined {
  return name === undefined ? undefined : { name, as: JSON.stringify([key, rate, burst, delay, exact]) };
}
