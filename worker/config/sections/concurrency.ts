/** `concurrency` of a route: how many requests of one key may be open at a time in the whole fleet. */
import { present } from "../present.ts";
import { flag, integer, oneOf } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import { limitKey } from "../kinds/request-key.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";
import { compileWhen, when } from "./when.ts";

export const concurrencyLimit = section("WeirConcurrencyLimit", {
  /** What [logs](logs.md) call it. Limits of one name count together, on whichever routes they are, and must have the same `key` and `most`. */
  name: optional(name, "`ROUTE#open-0` … by the route's name"),
  /** What is counted by, as in [`rateLimits`](#ratelimits-requests-in-a-time). */
  key: option(limitKey, "address"),
  /** How many requests of the key may be open at a time, from when they come until their answer is over. Streams and WebSockets count until they end. */
  most: required(integer(1, 1e6)),
  /** Only requests that meet these conditions count. */
  when: optional(when, "all requests"),
  /** Refuse nothing; the log says what would have been refused. */
  dryRun: option(flag(), false),
  /** The status of a refusal. */
  status: option(integer(400, 599), 429),
  /** When the limit's object cannot be reached: let each isolate go on by what is open there (`"allow"`), or refuse all that need a new place with `503` (`"refuse"`). */
  onFailure: option(oneOf(["allow", "refuse"]), "allow"),
});

export type ConcurrencyValues = ValuesOf<typeof concurrencyLimit>;
export type ConcurrencyConfig = ReturnType<typeof compileConcurrency>;

/** @param of the name of the route, and the limit's place in its list. */
export function compileConcurrency(
  { name, when, ...values }: ConcurrencyValues,
  of: { readonly route: string; readonly nth: number },
) {
  return present({
    ...values,
    name: name ?? `${of.route}#open-${of.nth}`,
    when: when && compileWhen(when),
  });
}

/** What limits of one name must have alike. */
export function heldAs({
  name,
  key,
  most,
}: ConcurrencyValues): { readonly name: string; readonly as: string } | undefined {
  return name === undefined ? undefined : { name, as: JSON.stringify([key, most]) };
}
