/**
 * Headers in which a route tells its origins who a request is from: from clients they are taken off, in any spelling, on all routes to the same
 * upstream. An application believes such a header wherever it sees one, so a route without a login must not carry one that a client made up.
 */
import type { RouteConfig } from "../../config/sections/route.ts";
import type { FilterMaker } from "./filter.ts";

export const identityFilter: FilterMaker = ({ config, upstreams }) => {
  const served = new Set(upstreams.map((upstream) => upstream.config.name));
  const routes = config.routes.filter(({ upstream }) => upstream !== undefined && served.has(upstream));
  const names = new Set(routes.flatMap(identityHeadersOf));
  if (names.size === 0) return undefined;
  return {
    name: "identity",
    onThrow: "refuse",
    onRequest: (tx) => {
      tx.editOriginHeaders((headers) => dropAll(headers, names));
      return undefined;
    },
  };
};

/** In lower case. */
function identityHeadersOf({ basicAuth }: RouteConfig): string[] {
  return basicAuth?.userHeader === undefined ? [] : [basicAuth.userHeader.toLowerCase()];
}

/** To CGI and its heirs X_User is X-User. */
function dropAll(headers: Headers, names: ReadonlySet<string>): void {
  for (const name of Array.from(headers.keys())) {
    if (names.has(name.replaceAll(/[^a-z\d]/g, "-"))) headers.delete(name);
  }
}
