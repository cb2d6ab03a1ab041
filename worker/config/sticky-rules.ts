/**
 * Two sticky upstreams that a browser meets on one host need cookies that it can tell apart: of the same name and
 * path each would overwrite the other's, and no session would last beyond the next request to the other.
 */
import { defaults } from "./defaults.ts";
import { parseHostPattern } from "./host.ts";
import { quote } from "./notation.ts";
import { itemsOf, keysOf, valueAt } from "./plain.ts";
import type { Path, Plain, Problem } from "./plain.ts";

interface StickyUpstream {
  readonly path: Path;
  readonly cookie: Plain;
  readonly cookiePath: Plain;
  /** Host patterns of the routes to it; `null` stands for any. */
  readonly hosts: readonly (string | null)[];
  readonly name: string;
}

/** The problems of sticky upstreams with each other. */
export function stickyProblems(config: Plain): Problem[] {
  const sticky = keysOf(valueAt(config, "upstreams")).flatMap((name) => stickyUpstream(config, name));
  return sticky.flatMap((one, index) => {
    const other = sticky.slice(0, index).find((earlier) => clash(earlier, one));
    if (other === undefined) return [];
    return [
      {
        path: one.path,
        found: `a cookie ${quote(one.cookie)}, as upstream ${quote(other.name)} has on the same host`,
        expected: "a cookie or a path of its own: sticky: { cookie: … }",
      },
    ];
  });
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
  return [
    {
      name,
      hosts,
      path: ["upstreams", name, "sticky"],
      cookie: valueAt(sticky, "cookie") ?? cookie,
      cookiePath: valueAt(sticky, "path") ?? path,
    },
  ];
}

function clash(one: StickyUpstream, other: StickyUpstream): boolean {
  if (one.cookie !== other.cookie || one.cookiePath !== other.cookiePath) return false;
  return one.hosts.some((a) => other.hosts.some((b) => meet(a, b) || meet(b, a)));
}

/** Whether a request can match both patterns, of which the first is the wider. */
function meet(wide: string | null, narrow: string | null): boolean {
  if (wide === null || wide === narrow) return true;
  if (narrow === null || !wide.startsWith("*.")) return false;
  return narrow.endsWith(wide.slice(1));
}
