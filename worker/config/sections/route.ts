/** A route: which requests go to which upstream, and what Weir answers by itself. */
import * as z from "zod";
import { securityPresets } from "../../../core/headers/security.ts";
import { priorities } from "../../../core/model/upstream.ts";
import { stemOf } from "../../../core/routing/path.ts";
import { noGroups } from "../../../core/templates/template.ts";
import { checkedText, flag, integer, list, object, oneOf, size } from "../kinds/fields.ts";
import { isMethod, isToken } from "../kinds/http-syntax.ts";
import { name } from "../kinds/name.ts";
import { pattern } from "../kinds/pattern.ts";
import { hostPattern, path } from "../kinds/route-match.ts";
import { formatPath } from "../parse/notation.ts";
import type { Path } from "../parse/plain.ts";
import { present } from "../present.ts";
import { type Rule, distinct, inEach } from "../rule.ts";
import { listOf, option, optional, ruled, section, type ValuesOf } from "../section.ts";
import { access, compileAccess } from "./access.ts";
import { basicAuth, compileBasicAuth } from "./basic-auth.ts";
import { bandwidth, compileBandwidth } from "./bandwidth.ts";
import { compileConcurrency, concurrencyLimit } from "./concurrency.ts";
import type { ConfigValues } from "./config.ts";
import { compileForwardAuth, forwardAuth } from "./forward-auth.ts";
import { compileCors, cors } from "./cors.ts";
import { besideOptions } from "./header-rules.ts";
import { compileHeaders, headers } from "./headers.ts";
import { compileHttps, https } from "./https.ts";
import { cloudflareAccess, compileCloudflareAccess, compileJwt, jwt } from "./jwt.ts";
import { compileMaintenance, maintenance, maintenanceRule } from "./maintenance.ts";
import { likeNamed, namedOnce } from "./limit-names.ts";
import { compileRateLimit, rateLimit } from "./rate-limits.ts";
import { compileMirror, mirror, mirrorRule } from "./mirror.ts";
import { answersAll, captureProblems, compileRule, rule } from "./rules.ts";
import { compileWhen, when } from "./when.ts";
import { split, splitRule } from "./split.ts";
import { unknownUpstream } from "./upstream-name.ts";

/** That of a route's requests: one for all of them, or what a header says. */
const priority = z.union(
  [
    z.enum(priorities),
    object("an object with the key header", {
      header: checkedText("a header's name", isToken).meta({
        description: "The request's header that says `high` or `low`.",
        examples: ["X-Priority"],
      }),
    }),
  ],
  { error: 'one of "high", "normal", "low", or { "header": "NAME" }' },
);

const method = checkedText('a method in capitals, such as "GET"', isMethod).meta({
  examples: ["GET", "POST"],
});

const options = section("WeirRoute", {
  /** What [logs](logs.md) and the API call the route. */
  name: optional(name, "what it matches, as `shop.example.com/api/*`"),
  /** The host to match, without a port. `"*.example.com"` is every name below `example.com`, at any depth, but not `example.com` itself. */
  host: optional(hostPattern, "any"),
  /** This path only, `"/login"`. At most one of `exact`, `prefix`, `startsWith` and `pattern`; none: any path. */
  exact: optional(path, "any path"),
  /** The path and all paths below it: `"/api"` matches `/api` and `/api/x`, not `/apix`. */
  prefix: optional(path, "any path"),
  /** All paths that begin with these characters, as nginx's `location /api`: `"/api"` matches `/apix`, too. */
  startsWith: optional(path, "any path"),
  /** A regular expression (RE2's syntax) that is found in the path, as in [`rules`](#rules-rewrites-redirects-and-answers); a longer path than it is given gets `414`. The templates of those `rules` that have no `pattern` can use what its groups have captured. At most 64 routes of a host have one. */
  pattern: optional(pattern, "any path"),
  /** What else must hold. Where it does not, the next most specific route takes the request. */
  when: optional(when, "nothing else"),
  /** Routes with a greater one are tried first, whatever their host and path. */
  precedence: option(integer(-1_000, 1_000), 0),
  /** The name of the upstream that answers. Required, unless the last of `rules` is for all requests and answers or redirects them. */
  upstream: optional(name, "none"),
  /** The order in which requests wait for a slot: `"high"`, `"normal"` or `"low"` for the whole route, or `{ header: "X-Priority" }`, whose value is one of these words (any other value, or none: normal). **Any client can send this header**, and so go first. */
  priority: optional(priority, "the queue's"),
  /** Who may use the route, by where a request comes from; all others get `403`. */
  access: optional(access, "open to all"),
  /** A name and a password for the route; without them `401`. */
  basicAuth: optional(basicAuth, "no login"),
  /** A signed token of an issuer; without it `401`. */
  jwt: optional(jwt, "no token"),
  /** The same of Cloudflare Access. */
  cloudflareAccess: optional(cloudflareAccess, "no token"),
  /** Rewrites, redirects and answers, in this order. */
  rules: option(listOf(rule, 0, 100, "rules"), []),
  /** How many requests of one client, or of another key, the whole fleet takes in a time; beyond it, `429`. */
  rateLimits: option(listOf(rateLimit, 0, 8, "rate limits"), []),
  /** How many requests of one client, or of another key, may be open at a time in the whole fleet; beyond it, `429`. */
  concurrency: option(listOf(concurrencyLimit, 0, 8, "limits"), []),
  /** A share of the clients goes to other upstreams: a canary, an experiment. */
  split: optional(split, "all to `upstream`"),
  /** Copies of requests for another upstream, whose answers are dropped. */
  mirror: optional(mirror, "no copies"),
  /** A service that decides on each request. */
  forwardAuth: optional(forwardAuth, "none is asked"),
  /** The methods that are served, in capitals; `GET` includes `HEAD`. Others: `405`. `OPTIONS` is a method like any other: list it if your application answers it. */
  methods: optional(list(method, 1, 32, "methods"), "all"),
  /** The largest request body; beyond it, `413`. Cloudflare has a limit of its own: [deploying.md](deploying.md#what-the-platform-refuses). */
  maxRequestBody: optional(size("0B", "5GB"), "no limit"),
  /** How fast each answer of an origin is sent to its client; without it, as fast as the client takes it. */
  bandwidth: optional(bandwidth, "no limit"),
  /** Redirect http requests to https. */
  https: option(https, false),
  /** Maintenance: answer `503` with a page, and send nothing to origins; always, or while [an order](maintenance.md) says so. */
  maintenance: option(maintenance, false),
  /** Which sites' scripts may read the answers (CORS). Weir answers preflights. */
  cors: optional(cors, "what origins say"),
  /** Headers set, completed, added and hidden, on the way to origins and to clients. */
  headers: optional(headers, "as they are"),
  /** [Security headers](#security-security-headers) on every answer, where origins do not say them: `"basic"` breaks no ordinary site, `"strict"` lets pages load from their own host only. */
  security: optional(oneOf(securityPresets), "none"),
  /** A path that an origin could read as one of another route, or as one with `..` in it, by decoding `%2F` or `%5C`, by decoding twice, or by cutting what follows `;`: refuse it with `400` (`"reject"`), or pass it on as it is (`"keep"`). */
  ambiguousPaths: option(oneOf(["reject", "keep"]), "reject"),
  /** Debug headers: responses of origins get `X-Weir-Mode`, `X-Weir-Pool`, `X-Weir-Origin` and `X-Weir-Attempts`, which say how they came about. What Weir answers by itself, a `502` too, only [the log](logs.md) explains. Not for routes that are open to the public. */
  debug: option(flag(), false),
});

export type RouteValues = ValuesOf<typeof options>;

const paths = ["exact", "prefix", "startsWith", "pattern"] as const;

const rulesOfRoute: readonly Rule<RouteValues>[] = [
  (values) => {
    const [first, ...others] = paths.filter((key) => values[key] !== undefined);
    const expected = `at most one of ${paths.join(", ")}`;
    return others.map((key) => ({ path: [key], found: `${key} beside ${first}`, expected }));
  },
  splitRule,
  maintenanceRule,
  mirrorRule,
  ({ access, basicAuth, jwt }) => {
    const isBoth = basicAuth !== undefined && jwt !== undefined && access?.satisfy !== "any";
    const header = jwt?.header ?? (jwt?.cookie === undefined ? "Authorization" : "");
    if (!isBoth || header.toLowerCase() !== "authorization") return undefined;
    const expected = 'another header or a cookie beside basicAuth, or access.satisfy: "any"';
    return { path: ["jwt"], found: "two logins in Authorization", expected };
  },
  ({ upstream, rules }) => {
    if (upstream !== undefined || answersAll(rules)) return undefined;
    const expected = "upstream, or a last rule for all requests that answers or redirects them";
    return { path: ["upstream"], found: "nothing", expected };
  },
  ...namedOnce,
  inEach("rules", (rule, _, route) => {
    const { groups } = rule.pattern ?? route.pattern ?? { groups: noGroups };
    return captureProblems(rule, groups);
  }),
  ({ headers, cors, https }) => {
    const options = { cors: cors !== undefined, hsts: https !== false && https.hsts !== false };
    const found = headers === undefined ? [] : besideOptions(headers.response, options);
    return found.map(({ path, expected }) => ({ path: ["headers", "response", ...path], expected }));
  },
];

export const route = ruled(options, rulesOfRoute);

/** The rules between routes, and between routes and upstreams. */
export const routeRules: readonly Rule<ConfigValues>[] = [
  inEach("routes", (route, _, { upstreams }) =>
    upstreamsOf(route).flatMap(([path, name]) => unknownUpstream(path, name, upstreams)),
  ),
  likeNamed,
  // Two routes of one name would be one in logs and counts.
  distinct(
    "routes",
    ({ name }) => name,
    (first) => ({ path: ["name"], found: `the name of ${formatPath(first)}`, expected: "a name of its own" }),
  ),
];

/** Each place in a route that names an upstream, and the name. */
function upstreamsOf({ upstream, split, mirror, forwardAuth }: RouteValues): (readonly [Path, string])[] {
  return [
    ...(upstream === undefined ? [] : [[["upstream"], upstream] as const]),
    ...Object.keys(split?.shares ?? {}).map((name) => [["split", "shares", name], name] as const),
    ...(mirror === undefined ? [] : [[["mirror", "upstream"], mirror.upstream] as const]),
    ...(forwardAuth === undefined ? [] : [[["forwardAuth", "upstream"], forwardAuth.upstream] as const]),
  ];
}

/**
 * What the route matches, in a form that no written name has: any host is `*`, `/api` with all below it is `/api/*`, all that begins with it
 * `/api*`, `/login` alone `=/login`, and a pattern `~^/shop`.
 */
function matchName({ host = "*", prefix = "", exact, startsWith, pattern }: RouteValues): string {
  if (exact !== undefined) return `${host}=${exact}`;
  if (startsWith !== undefined) return `${host}${startsWith}*`;
  if (pattern !== undefined) return `${host}~${pattern.source}`;
  return `${host}${stemOf(prefix)}/*`;
}

/** The written name, or what the route matches; of several that match the same, the second is `…#2`. */
function namesOf(routes: readonly RouteValues[]): string[] {
  const taken = new Set<string>();
  return routes.map((route) => {
    if (route.name !== undefined) return route.name;
    const match = matchName(route);
    let name = match;
    for (let number = 2; taken.has(name); number++) name = `${match}#${number}`;
    taken.add(name);
    return name;
  });
}

/** `host` is in lower case, exact or `*.suffix`; `exact`, `prefix` and `startsWith` are in the form of a request's routing path; GET has its HEAD. */
export type RouteConfig = ReturnType<typeof compileRoute>;

export function compileRoutes(routes: readonly RouteValues[]): RouteConfig[] {
  const names = namesOf(routes);
  return routes.map((route, index) => compileRoute(route, names[index] ?? ""));
}

function compileRoute(values: RouteValues, name: string) {
  const {
    priority,
    methods,
    mirror,
    forwardAuth,
    maxRequestBody,
    bandwidth,
    https,
    maintenance,
    ambiguousPaths,
    access,
    basicAuth,
    jwt,
    cloudflareAccess,
    rules,
    cors,
    headers,
    rateLimits,
    concurrency,
    ...rest
  } = values;
  const { when, precedence, ...match } = rest;
  return present({
    ...match,
    name,
    when: when && compileWhen(when),
    precedence: precedence === 0 ? undefined : precedence,
    ambiguousPaths: ambiguousPaths === "keep" ? ambiguousPaths : undefined,
    priority: typeof priority === "object" ? { header: priority.header.toLowerCase() } : priority,
    methods: methods && withHead(methods),
    maxRequestBytes: maxRequestBody,
    bandwidth: bandwidth && compileBandwidth(bandwidth),
    access: access && compileAccess(access),
    basicAuth: basicAuth && compileBasicAuth(basicAuth),
    jwt: jwt && compileJwt(jwt),
    cloudflareAccess: cloudflareAccess && compileCloudflareAccess(cloudflareAccess),
    rules: rules.length > 0 ? rules.map(compileRule) : undefined,
    rateLimits:
      rateLimits.length > 0
        ? rateLimits.map((limit, nth) => compileRateLimit(limit, { route: name, nth }))
        : undefined,
    concurrency:
      concurrency.length > 0
        ? concurrency.map((limit, nth) => compileConcurrency(limit, { route: name, nth }))
        : undefined,
    mirror: mirror && compileMirror(mirror),
    forwardAuth: forwardAuth && compileForwardAuth(forwardAuth),
    cors: cors && compileCors(cors, methods && withHead(methods).filter((method) => method !== "OPTIONS")),
    headers: headers && compileHeaders(headers),
    https: https ? compileHttps(https) : undefined,
    maintenance: maintenance ? compileMaintenance(maintenance) : undefined,
  });
}

/** A server of GET serves HEAD (RFC 9110 §9.1). */
const withHead = (methods: readonly string[]): string[] => [
  ...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))),
];
