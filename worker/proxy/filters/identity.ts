/**
 * Headers in which a route tells its origins who a request is from: from clients they are taken off, in any spelling, on all routes of
 * the config. An application believes such a header wherever it sees one, so a route without a login must not carry one that a client made up, and by which
 * ways a request gets to an application (`split`, `mirror`), no single route can tell.
 */
import type { RouteConfig } from "../../config/sections/route.ts";
import type { FilterMaker } from "./filter.ts";

export const identityFilter: FilterMaker = ({ config }) => {
  const names = new Set(config.routes.flatMap(identityHeadersOf));
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
function identityHeadersOf({ basicAuth, jwt, cloudflareAccess }: RouteConfig): string[] {
  const told = [...(jwt?.told ?? []), ...(cloudflareAccess?.told ?? [])].map(([header]) => header);
  return [...told, ...(basicAuth?.userHeader === undefined ? [] : [basicAuth.userHeader])].map((name) =>
    name.toLowerCase(),
  );
}

/** To CGI and its heirs X_User is X-User. */
function dropAll(headers: Headers, names: ReadonlySet<string>): void {
  for (const name of Array.from(headers.keys())) {
    if (names.has(name.replaceAll(/[^a-z\d]/g, "-"))) headers.delete(name);
  }
}
