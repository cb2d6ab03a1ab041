/** `rewrite` of an upstream: redirects and cookies that name an origin are made true for the client (`rewrite-response.ts`). */
import type { ActiveUpstream } from "../../active-config.ts";
import { baseUrl } from "../../transport/base-url.ts";
import { has } from "../request/forwarding-headers.ts";
import { rewriteCookies, rewriteRedirects, rewritesCookies } from "../response/rewrite-response.ts";
import type { FilterMaker } from "./filter.ts";

export const rewriteFilter: FilterMaker = ({ upstreams }) =>
  upstreams.some(rewrites)
    ? {
        name: "rewrite",
        onThrow: "skip",
        onSend: ({ upstream, source }, { headers, origin, found }) => {
          if (origin === undefined || (found & (has.redirect | has.cookie)) === 0) return;
          const { rewrite } = upstream.config;
          if ((found & has.redirect) !== 0 && rewrite.redirects) {
            const [served, ...others] = originUrls(upstream, origin.pick.origin);
            if (served !== undefined) rewriteRedirects(headers, served, others, source);
          }
          if ((found & has.cookie) !== 0) rewriteCookies(headers, rewrite, source.scheme === "https");
        },
      }
    : undefined;

const rewrites = ({ config: { rewrite } }: ActiveUpstream): boolean =>
  rewrite.redirects || rewritesCookies(rewrite);

/** The URLs of the upstream's origins, that of the named one first. */
function originUrls({ config }: ActiveUpstream, name: string): string[] {
  const origins = config.pools.flatMap((pool) => pool.origins);
  return origins
    .toSorted((a, b) => Number(b.name === name) - Number(a.name === name))
    .map((origin) => baseUrl(origin));
}
