/**
 * `sticky`: sessions. They live in browsers, which drop a cookie that is not as they want it without a word, and keep one of each
 * name, path and domain. So two sticky upstreams that a browser meets need cookies that it can tell apart: otherwise each would
 * overwrite the other's, and no session would last beyond the next request to the other.
 */
import { cookiePath } from "../kinds/cookie-path.ts";
import { checkedText, duration, flag, oneOf, text } from "../kinds/fields.ts";
import { bareDomain, parseCookieDomain } from "../kinds/host.ts";
import { isToken } from "../kinds/http-syntax.ts";
import { quote } from "../parse/notation.ts";
import type { Path, Problem } from "../parse/plain.ts";
import { present } from "../present.ts";
import type { Rule } from "../rule.ts";
import { option, optional, section, switchable, type ValuesOf } from "../section.ts";
import type { ConfigValues } from "./config.ts";

const sameSites = ["lax", "strict", "none"] as const;

export const sticky = switchable(
  section(
    "WeirSticky",
    {
      /** The cookie's name. */
      cookie: option(
        checkedText("a cookie's name: letters, digits and !#$%&'*+-.^_`|~", isToken).meta({
          examples: ["session", "__Host-session"],
        }),
        "weir",
      ),
      /** A session ends this long after it began. */
      ttl: option(duration("1s", "8760h"), "8h", "`idle` if that is longer"),
      /** … or after this long without a request, at most `ttl`. */
      idle: option(duration("1s", "8760h"), "30m", "`ttl` if that is shorter"),
      /** The cookie's path, from `/`, without `;`. */
      path: option(cookiePath, "/"),
      /** The cookie's domain, such as `".example.com"`. */
      domain: optional(
        text('a domain name such as ".example.com"', parseCookieDomain).meta({ examples: [".example.com"] }),
        "the request's host",
      ),
      /** With which requests browsers send the cookie: `"lax"`, with those of the site itself and with links to it; `"strict"`, not with links from other sites; `"none"`, also with forms and frames of other sites, such as the form by which a SAML login comes back. */
      sameSite: option(oneOf(sameSites), "lax"),
      /** `Secure`: browsers send the cookie over https only. */
      secure: optional(
        flag(),
        'for clients that came by https; always with `sameSite: "none"` or `partitioned`',
      ),
      /** `HttpOnly`: scripts of the page cannot read the cookie. */
      httpOnly: option(flag(), true),
      /** `Partitioned` ([CHIPS](https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies)): where the site is a frame of other sites, the browser keeps a cookie for each of these. */
      partitioned: option(flag(), false),
      /** A session that was bound to a later pool is moved home, once, when home has had room for a while ([bursting.md](bursting.md#sessions)); `false`: it stays, for applications that keep a session's state on one server. */
      homecoming: optional(flag(), "`true`; `false` with `burst.sessions: false`"),
    },
    {
      orders: [["idle", "ttl"]],
      // What the name of a cookie promises (RFC 6265bis §4.1.3.2), and browsers hold it to.
      rules: [
        ({ cookie, domain }) => {
          const expected = 'none beside a cookie "__Host-…"';
          return isForOneHost(cookie) && domain !== undefined && { path: ["domain"], expected };
        },
        ({ cookie, path }) =>
          isForOneHost(cookie) &&
          path !== "/" && { path: ["path"], expected: '"/" beside a cookie "__Host-…"' },
        (values) => {
          const reason = whyOnlySecure(values);
          const isWrong = values.secure === false && reason !== undefined;
          return isWrong && { path: ["secure"], expected: `true beside ${reason}` };
        },
      ],
    },
  ),
);

type StickyValues = ValuesOf<typeof sticky>;

/** What makes browsers drop a cookie that is not `Secure` (RFC 6265bis §4.1.2.7, §4.1.3; CHIPS); `undefined`: nothing does. */
function whyOnlySecure({ cookie, sameSite, partitioned }: StickyValues): string | undefined {
  if (sameSite === "none") return 'sameSite: "none"';
  if (partitioned) return "partitioned: true";
  return /^__(?:Host|Secure)-/i.test(cookie) ? 'a cookie "__Host-…" or "__Secure-…"' : undefined;
}

const isForOneHost = (cookie: string): boolean => /^__Host-/i.test(cookie);

/** A session's rules, and what browsers are told of its cookie. */
export type StickyConfig = ReturnType<typeof compileSticky>;

/** `homecoming`: whether sessions are moved home, if the section does not say it. No `secure`: where the client came by https. */
export function compileSticky(values: StickyValues, homecomingByDefault: boolean) {
  const { ttl, idle, homecoming, secure, ...rest } = values;
  const isAlways = rest.sameSite === "none" || rest.partitioned;
  return present({
    ...rest,
    secure: secure ?? (isAlways ? true : undefined),
    ttlMs: ttl,
    idleMs: idle,
    homecoming: homecoming ?? homecomingByDefault,
  });
}

interface StickyUpstream {
  readonly at: Path;
  readonly name: string;
  readonly sticky: StickyValues;
  /** Host patterns of the routes to it; `null` stands for any. */
  readonly hosts: readonly (string | null)[];
}

/** The rules between the sessions of all upstreams and the hosts that browsers meet them on. */
export const stickyRules: readonly Rule<ConfigValues>[] = [
  (sites) => stickyUpstreams(sites).flatMap(foreignDomain),
  (sites) => {
    const sticky = stickyUpstreams(sites);
    return sticky.flatMap((one, index) => {
      const other = sticky.slice(0, index).find((earlier) => clash(earlier, one));
      return other === undefined ? [] : [sameCookie(one, other)];
    });
  },
];

function stickyUpstreams({ upstreams, routes }: ConfigValues): StickyUpstream[] {
  return Object.keys(upstreams).flatMap((name) => {
    const sticky = upstreams[name]?.sticky;
    if (!sticky) return [];
    const hosts = routes.filter(({ upstream }) => upstream === name).map(({ host }) => host ?? null);
    return [{ at: ["upstreams", name, "sticky"], name, sticky, hosts }];
  });
}

function sameCookie({ at, sticky }: StickyUpstream, { name }: StickyUpstream): Problem {
  return {
    path: at,
    found: `a cookie ${quote(sticky.cookie)}, as upstream ${quote(name)} has on the same host`,
    expected: "a cookie or a path of its own: sticky: { cookie: … }",
  };
}

function clash(one: StickyUpstream, other: StickyUpstream): boolean {
  if (one.sticky.cookie !== other.sticky.cookie || one.sticky.path !== other.sticky.path) return false;
  return placesOf(one).some((a) => placesOf(other).some((b) => meet(a, b) || meet(b, a)));
}

/** Where a browser gets the cookie, and where it keeps it. Without a route no browser gets it. */
function placesOf({ hosts, sticky: { domain } }: StickyUpstream): readonly (string | null)[] {
  return domain === undefined || hosts.length === 0 ? hosts : [...hosts, bareDomain(domain)];
}

/** A cookie is kept only where the host that sets it is its domain, or below that (RFC 6265 §5.3, step 6). */
function foreignDomain({ at, hosts, sticky }: StickyUpstream): Problem | [] {
  if (sticky.domain === undefined || hosts.length === 0) return [];
  const domain = bareDomain(sticky.domain);
  const isWithin = (host: string | null): boolean =>
    host === null || host === domain || host.endsWith(`.${domain}`) || meet(host, domain);
  if (hosts.some(isWithin)) return [];
  const expected = `a domain that a route's host is in: ${hosts.map(quote).join(", ")}; browsers drop a cookie for any other`;
  return { path: [...at, "domain"], expected };
}

/** Whether a request can match both patterns, of which the first is the wider. */
function meet(wide: string | null, narrow: string | null): boolean {
  if (wide === null || wide === narrow) return true;
  if (narrow === null || !wide.startsWith("*.")) return false;
  return narrow.endsWith(wide.slice(1));
}
