/**
 * Sessions live in browsers, which drop a cookie that is not as they want it without a word to anybody, and keep one of each name,
 * path and domain. So two sticky upstreams that a browser meets need cookies that it can tell apart: otherwise each would
 * overwrite the other's, and no session would last beyond the next request to the other.
 */
import { defaults } from "./defaults.ts";
import { bareDomain, parseHostPattern } from "../kinds/host.ts";
import { quote } from "../parse/notation.ts";
import { itemsOf, keysOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";

interface StickyUpstream {
  readonly path: Path;
  readonly cookie: Plain;
  readonly cookiePath: Plain;
  /** In canonical form, without a leading dot; `undefined`: the host that was asked. */
  readonly domain: string | undefined;
  /** Host patterns of the routes to it; `null` stands for any. */
  readonly hosts: readonly (string | null)[];
  readonly name: string;
}

/** The problems of sticky upstreams with each other. */
export function stickyProblems(config: Plain): Problem[] {
  const sticky = keysOf(valueAt(config, "upstreams")).flatMap((name) => stickyUpstream(config, name));
  return [
    ...sticky.flatMap(foreignDomain),
    ...sticky.flatMap((one, index) => {
      const other = sticky.slice(0, index).find((earlier) => clash(earlier, one));
      return other === undefined ? [] : sameCookie(one, other);
    }),
  ];
}

function sameCookie({ path, cookie }: StickyUpstream, { name }: StickyUpstream): Problem {
  return {
    path,
    found: `a cookie ${quote(cookie)}, as upstream ${quote(name)} has on the same host`,
    expected: "a cookie or a path of its own: sticky: { cookie: … }",
  };
}

function stickyUpstream(config: Plain, name: string): StickyUpstream[] {
  const sticky = valueAt(config, "upstreams", name, "sticky");
  if (sticky === undefined || sticky === false) return [];
  const routes = itemsOf(valueAt(config, "routes")).filter((route) => valueAt(route, "upstream") === name);
  const hosts = routes.map((route) => {
    const host = valueAt(route, "host");
    return typeof host === "string" ? (parseHostPattern(host) ?? host) : null;
  });
  const { cookie, path } = defaults.sticky;
  const domain = valueAt(sticky, "domain");
  return [
    {
      name,
      hosts,
      domain: typeof domain === "string" ? bareDomain(domain) : undefined,
      path: ["upstreams", name, "sticky"],
      cookie: valueAt(sticky, "cookie") ?? cookie,
      cookiePath: valueAt(sticky, "path") ?? path,
    },
  ];
}

function clash(one: StickyUpstream, other: StickyUpstream): boolean {
  if (one.cookie !== other.cookie || one.cookiePath !== other.cookiePath) return false;
  return placesOf(one).some((a) => placesOf(other).some((b) => meet(a, b) || meet(b, a)));
}

/** Where a browser gets the cookie, and where it keeps it. Without a route nobody gets it. */
function placesOf({ hosts, domain }: StickyUpstream): readonly (string | null)[] {
  return domain === undefined || hosts.length === 0 ? hosts : [...hosts, domain];
}

/** A cookie is kept only where the host that sets it is its domain, or below that (RFC 6265 §5.3, step 6). */
function foreignDomain({ path, domain, hosts }: StickyUpstream): Problem[] {
  if (domain === undefined || hosts.length === 0) return [];
  const isWithin = (host: string | null): boolean =>
    host === null || host === domain || host.endsWith(`.${domain}`) || meet(host, domain);
  if (hosts.some(isWithin)) return [];
  const expected = `a domain that a route's host is in: ${hosts.map(quote).join(", ")}; browsers drop a cookie for any other`;
  return [{ path: [...path, "domain"], expected }];
}

/** What the name of a cookie promises (RFC 6265bis §4.1.3.2), and browsers hold it to. `path` is that of the upstream. */
export function cookieNameProblems(upstream: Plain | undefined, path: Path): Problem[] {
  const [cookie, domain, cookiePath] = ["cookie", "domain", "path"].map((key) =>
    valueAt(upstream, "sticky", key),
  );
  if (typeof cookie !== "string" || !/^__Host-/i.test(cookie)) return [];
  const at = [...path, "sticky"];
  return [
    ...(domain === undefined
      ? []
      : [{ path: [...at, "domain"], expected: `none beside a cookie "__Host-…"` }]),
    ...(cookiePath === undefined || cookiePath === "/"
      ? []
      : [{ path: [...at, "path"], expected: `"/" beside a cookie "__Host-…"` }]),
  ];
}

/** Whether a request can match both patterns, of which the first is the wider. */
function meet(wide: string | null, narrow: string | null): boolean {
  if (wide === null || wide === narrow) return true;
  if (narrow === null || !wide.startsWith("*.")) return false;
  return narrow.endsWith(wide.slice(1));
}
