/**
 * The list of all filters, in the one order in which each phase of them runs, whatever the order in the config. A request learns as little as
 * it must, and costs as little as it can:
 *
 * - A path that cannot be trusted is refused first, then http is sent to https, so that no password is asked for in the clear.
 * - `cors` stands before all that closes a route: a browser sends its preflight without a login, and must get as far as the request that
 *   follows, to see its status. It stands behind `https`, since a browser follows no redirect of a preflight.
 * - `maintenance` closes the route for all; then come the guards, the cheap ones first: where a request comes from, how many come in a time
 *   (so that a password is not to be guessed), then the logins. `concurrency` stands behind those that Weir judges itself, so that a request
 *   without a login takes no place, and before `forwardAuth`, whose service has its limits, too.
 * - `identity` stands before the guards, which write the headers that it takes off clients' requests.
 * - Then what the route serves, what its rules make of the request, which upstream it goes to, and last how much one client may have, so
 *   that a request that is refused takes no part of it.
 * - `headers` stands behind all whose answers or requests it may change: `rules`, whose path its values see, `split`, which chooses the
 *   upstream, the guards, which say who the client is, `cors`, `rewrite` and `security`. So what is written by name has the last word.
 * - `rewrite` and `headers` stand before `sticky`, whose cookie is Weir's own: it is not rewritten, and no origin gets it.
 */
import { accessFilter } from "./access.ts";
import { ambiguousPathsFilter } from "./ambiguous-paths.ts";
import { basicAuthFilter } from "./basic-auth.ts";
import { clientLimitsFilter } from "./client-limits.ts";
import { concurrencyFilter } from "./concurrency.ts";
import { corsFilter } from "./cors.ts";
import { debugFilter } from "./debug.ts";
import { errorsFilter } from "./errors.ts";
import type { FilterMaker, RouteFacts } from "./filter.ts";
import { forwardAuthFilter } from "./forward-auth.ts";
import { headersFilter } from "./headers.ts";
import { httpsFilter } from "./https.ts";
import { identityFilter } from "./identity.ts";
import { cloudflareAccessFilter, jwtFilter } from "./jwt.ts";
import { loadReportsFilter } from "./load-reports.ts";
import { maintenanceFilter } from "./maintenance.ts";
import { maxRequestBodyFilter } from "./max-request-body.ts";
import { methodsFilter } from "./methods.ts";
import { rateLimitsFilter } from "./rate-limits.ts";
import { mirrorFilter } from "./mirror.ts";
import { inPhases, type RouteFilters } from "./phases.ts";
import { rewriteFilter } from "./rewrite.ts";
import { rulesFilter } from "./rules.ts";
import { splitFilter } from "./split.ts";
import { securityFilter } from "./security.ts";
import { stickyFilter } from "./sticky.ts";

export const filterOrder: readonly FilterMaker[] = [
  ambiguousPathsFilter,
  httpsFilter,
  corsFilter,
  maintenanceFilter,
  identityFilter,
  accessFilter,
  rateLimitsFilter,
  basicAuthFilter,
  jwtFilter,
  cloudflareAccessFilter,
  concurrencyFilter,
  forwardAuthFilter,
  methodsFilter,
  rulesFilter,
  splitFilter,
  maxRequestBodyFilter,
  clientLimitsFilter,
  rewriteFilter,
  securityFilter,
  headersFilter,
  stickyFilter,
  loadReportsFilter,
  errorsFilter,
  mirrorFilter,
  debugFilter,
];

/** The filters that a route needs, made for it. @param order another list than Weir's own, for tests. */
export function filtersOf(facts: RouteFacts, order: readonly FilterMaker[] = filterOrder): RouteFilters {
  return inPhases(order.flatMap((make) => make(facts) ?? []));
}
