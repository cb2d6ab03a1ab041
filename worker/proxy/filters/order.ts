/**
 * The list of all filters, in the one order in which each phase of them runs, whatever the order in the config. A request learns as
 * little as it must: a path that cannot be trusted first, then https, so that no password is asked for in the clear, then what closes the route
 * for all, then who may use it (what asks for no credentials must be answered before), then how many
 * requests of a client come in a time (a password is not to be guessed), then what it serves, then what its rules make of the request, then how much one client may have, so that a request that is refused takes no part of it.
 * `cors` stands before all that closes a route: a browser sends its preflight without a login, and must get as far as the request that follows, to
 * see its status. It stands behind `https`, since a browser follows no redirect of a preflight, and by http nothing is told.
 * `headers` stands behind `rules`, whose path its values see, behind `split`, which chooses the upstream, behind `forwardAuth`, whose headers it may change, and behind `cors`, `rewrite` and `security`, so that what is written by name has the
 * last word; `rewrite` and `headers` before `sticky`, whose cookie is Weir's own: it is not rewritten, and no origin gets it.
 */
import { accessFilter } from "./access.ts";
import { ambiguousPathsFilter } from "./ambiguous-paths.ts";
import { clientLimitsFilter } from "./client-limits.ts";
import { corsFilter } from "./cors.ts";
import { debugFilter } from "./debug.ts";
import { errorsFilter } from "./errors.ts";
import type { FilterMaker, RouteFacts } from "./filter.ts";
import { forwardAuthFilter } from "./forward-auth.ts";
import { headersFilter } from "./headers.ts";
import { httpsFilter } from "./https.ts";
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
  accessFilter,
  rateLimitsFilter,
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
