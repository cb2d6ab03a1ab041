/**
 * What a config promises to a request: docs/configuration.md as a function. It is written apart from the Worker, and shares
 * nothing with it but the config's types; and the readings of a path, which are too many to write twice, and have tests of their own.
 */
import { otherReadings } from "../../../core/routing/readings.ts";
import type {
  WeirConfig,
  WeirPool,
  WeirRoute,
  WeirUpstreamConfig,
} from "../../../worker/config/weir-config.ts";
import type { Place } from "./echo-site.ts";
import { canonicalPath, expectedRoute } from "./expected-route.ts";

export interface TrialRequest {
  readonly method: string;
  /** As the client writes it. */
  readonly host: string;
  readonly target: string;
  /** A proxy that the config trusts says that a client elsewhere came by https. */
  readonly secure: boolean;
  /** The header, the cookie and the argument that conditions ask for, each with the value that they ask for. */
  readonly told: boolean;
  readonly bodyBytes: number;
  /** Of a field that means nothing. */
  readonly fieldBytes: number;
  /** What an origin is to answer. */
  readonly status: number;
}

export type Expected =
  | { readonly kind: "own"; readonly status: number; readonly fields: Readonly<Record<string, string>> }
  | {
      readonly kind: "origin";
      readonly upstream: string;
      /** Any of these. */
      readonly places: readonly Place[];
      /** Money may be short: then no origin. */
      readonly orNobody: boolean;
      readonly isIntercepted: boolean;
      readonly route: WeirRoute;
      /** Path and query as the origin gets them. */
      readonly target: string;
    };

const own = (status: number, fields: Readonly<Record<string, string>> = {}): Expected => ({
  kind: "own",
  status,
  fields,
});

const bytes = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 };
const millis = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const units: Readonly<Record<string, number>> = { ...bytes, ...millis };

/** A size in bytes, a duration in milliseconds. */
export function amount(written: string): number {
  const { count, unit = "" } = /^(?<count>\d+)(?<unit>[a-zA-Z]+)$/.exec(written)?.groups ?? {};
  return Number(count) * (units[unit] ?? Number.NaN);
}

export function expectedAnswer(config: WeirConfig, request: TrialRequest): Expected {
  const { method, host, target, secure, bodyBytes, fieldBytes } = request;
  if (target.length > amount(config.limits?.target ?? "16KiB")) return own(414);
  const path = target.replace(/\?.*/, "");
  const route = expectedRoute(config.routes, request, canonicalPath(path));
  if (route === undefined) return own(404);
  if (route.ambiguousPaths !== "keep") {
    const readings = otherReadings(canonicalPath(path));
    if (readings?.every((other) => expectedRoute(config.routes, request, other) === route) !== true)
      return own(400);
  }
  // Where the spelling alone leads elsewhere, that one counts by which the route was chosen.
  const spelt = expectedRoute(config.routes, request, path) === route ? path : canonicalPath(path);
  const passed = spelt + target.slice(path.length);
  const { https = false, maintenance = false, methods, maxRequestBody = "5GB" } = route;
  if (https !== false && !secure) {
    const { port = 443 } = https === true ? {} : https;
    return own(308, { location: `https://${host}${port === 443 ? "" : `:${port}`}${passed}` });
  }
  // No trial gives an order.
  if (maintenance === true || (maintenance !== false && maintenance.byOrder !== true)) {
    const { allow = [], retryAfter = "5m" } = maintenance === true ? {} : maintenance;
    // The trial's own address; that of the client elsewhere is in none of the networks.
    const isAllowed = !secure && allow.includes("127.0.0.0/8");
    if (!isAllowed) return own(503, { "retry-after": String(Math.ceil(amount(retryAfter) / 1_000)) });
  }
  const wanted = challenges(route);
  const isOneEnough = route.access?.satisfy === "any" && wanted.length > 0;
  if (isShut(route) && !isOneEnough) return own(403);
  // No trial logs in.
  if (wanted.length > 0 && (isShut(route) || !isOneEnough)) {
    return own(401, { "www-authenticate": (isOneEnough ? wanted : wanted.slice(0, 1)).join(", ") });
  }
  const served = methods?.flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
  if (served?.includes(method) === false) return own(405, { allow: [...new Set(served)].join(", ") });
  if (bodyBytes > amount(maxRequestBody)) return own(413);
  if (fieldBytes > amount(config.limits?.headers ?? "64KiB")) return own(431);
  return fromOrigin(config, route, { ...request, target: passed });
}

/** How each login of the route is asked for. */
function challenges({ basicAuth, jwt, cloudflareAccess }: WeirRoute): string[] {
  const basic = basicAuth && `Basic realm="${basicAuth.realm ?? "Restricted"}", charset="UTF-8"`;
  return [basic, jwt && "Bearer", cloudflareAccess && "Bearer"].filter((each) => each !== undefined);
}

/** No address of a trial is in a network that a config at random names, and nothing tells a country or an operator. */
function isShut({ access }: WeirRoute): boolean {
  if (access === undefined) return false;
  const { allow, deny = [], rules } = access;
  const isNamed = (source: string): boolean => /^(?:all$|country:|asn:)/.test(source);
  if (deny.some(isNamed)) return true;
  const decides = rules?.find((rule) => rule === "allow all" || isNamed(rule.replace(/^deny /, "")));
  return decides === undefined ? (rules ?? allow) !== undefined : decides !== "allow all";
}

/** What browsers are told of https with this answer; `undefined`: nothing. */
export function expectedHsts(config: WeirConfig, request: TrialRequest): string | undefined {
  const { target, secure } = request;
  const { https } = expectedRoute(config.routes, request, canonicalPath(target.replace(/\?.*/, ""))) ?? {};
  if (!secure || typeof https !== "object" || https.hsts === undefined || https.hsts === false)
    return undefined;
  const { maxAge = "8760h", includeSubDomains, preload } = https.hsts === true ? {} : https.hsts;
  const directives = [`max-age=${Math.floor(amount(maxAge) / 1_000)}`];
  if (includeSubDomains === true) directives.push("includeSubDomains");
  if (preload === true) directives.push("preload");
  return directives.join("; ");
}

function fromOrigin(config: WeirConfig, route: WeirRoute, { target, status }: TrialRequest): Expected {
  const { upstream: name = "" } = route;
  const index = Object.keys(config.upstreams).indexOf(name);
  const upstream = config.upstreams[name];
  if (upstream === undefined) throw new TypeError(`there is no upstream ${name}`);
  const { places, orNobody } = candidates(upstream, index);
  if (places.length === 0) return own(503);
  return {
    kind: "origin",
    upstream: name,
    places,
    orNobody,
    isIntercepted: upstream.errors?.intercept?.some((range) => isWithin(status, String(range))) ?? false,
    route,
    target,
  };
}

/** Of the first pool that has an origin that can serve; beyond one that must not cost too much, of the next as well. */
function candidates({ pools }: WeirUpstreamConfig, index: number): { places: Place[]; orNobody: boolean } {
  const places: Place[] = [];
  for (const [p, pool] of pools.entries()) {
    const numbers = serving(pool);
    places.push(...numbers.map((o): Place => `${index}-${p}-${o}`));
    if (numbers.length > 0 && pool.budget === undefined) return { places, orNobody: false };
  }
  return { places, orNobody: true };
}

/** Backups only where there is no other origin; none of weight 0. */
function serving({ origins }: WeirPool): number[] {
  const able = [...origins.entries()].filter(([, { weight = 1 }]) => weight > 0);
  const regular = able.filter(([, { backup = false }]) => !backup);
  return (regular.length > 0 ? regular : able).map(([number]) => number);
}

function isWithin(status: number, range: string): boolean {
  const [from = NaN, to = from] = range.split("-").map(Number);
  return from <= status && status <= to;
}
