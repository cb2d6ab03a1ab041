/**
 * `https` of a route: a request that came by http is sent to come again by https, and learns nothing else; browsers are told to
 * use https only (HSTS, RFC 6797), which counts only over https (§7.2).
 */
import { refuse, type FilterMaker } from "./filter.ts";

export const httpsFilter: FilterMaker = ({ route: { https } }) => {
  if (https === undefined) return undefined;
  const { port, hsts } = https;
  return {
    name: "https",
    onThrow: "refuse",
    onRequest: ({ source, url }) =>
      source.scheme === "http"
        ? refuse({ kind: "https-required", location: secureUrl(source.authority, port, url.target) })
        : undefined,
    ...(hsts !== undefined && {
      onSend: ({ source }, { headers }) => {
        if (source.scheme === "https") headers.set("Strict-Transport-Security", hsts);
      },
    }),
  };
};

/** The same host, which the route has matched, so that no client is sent to another site; with the port of https in place of its own. */
export function secureUrl(authority: string, port: number, target: string): string {
  const host = authority.replace(/:\d*$/, "");
  return `https://${host}${port === 443 ? "" : `:${port}`}${target}`;
}
