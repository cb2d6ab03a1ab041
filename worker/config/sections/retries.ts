/** `retries` on another origin. The budget is Envoy's default; `nonIdempotent` is nginx's `proxy_next_upstream … non_idempotent`. */
import { retryCauses, type Retries } from "../../../core/model/upstream.ts";
import { flag, integer, list, share } from "../kinds/fields.ts";
import { retryCause } from "../kinds/retry-cause.ts";
import { option, section, type ValuesOf } from "../section.ts";

export const retries = section("WeirRetries", {
  /** Further attempts after the first, on origins not yet tried. */
  attempts: option(integer(0, 3), 2),
  /** Failures that are retried. `connect`: any failure of the connection but a timeout; a number from `400` to `599`: the status of the origin's answer, which is then a [failure](#passive-what-real-traffic-shows) too. */
  on: option(list(retryCause, 0, 32, "failures"), [...retryCauses]),
  /** Retries allowed as a share of the requests of the last 10 s, over the whole fleet, and 10 a second besides. 0: none at all. */
  budget: option(share(1), 0.2),
  /** Also a request whose method is not idempotent (`POST`, `PATCH` …) is sent again after a failure, though an origin may have carried it out: **an order may be placed twice**. Only for an application that can tell. */
  nonIdempotent: option(flag(), false),
});

export function compileRetries({ on, ...rest }: ValuesOf<typeof retries>): Retries {
  return { ...rest, on: [...new Set(on)] };
}
