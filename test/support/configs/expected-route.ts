/**
 * Which route a config promises to a request: docs/routing.md as a function, written apart from the Worker. The routes are ranked, and the first
 * whose conditions hold takes the request.
 */
import type { WeirNotWhen, WeirRoute } from "../../../worker/config/weir-config.ts";
import type { TrialRequest } from "./expected-answer.ts";

type Asked = Pick<TrialRequest, "host" | "method" | "target" | "secure" | "told">;

/** The host as a request's URL has it. */
export const canonicalHost = (host: string): string =>
  host.startsWith("*.") ? `*.${canonicalHost(host.slice(2))}` : new URL(`http://${host}`).hostname;

/** The path as routes are compared: RFC 3986 §6.2.2, and empty segments are none. */
export const canonicalPath = (path: string): string =>
  path
    .replaceAll(/%[\da-f]{2}/gi, (encoded) => {
      const char = decodeURIComponent(encoded.replace(/%[89a-f]./i, "%25"));
      return /[\w.~-]/.test(char) ? char : encoded.toUpperCase();
    })
    .replaceAll(/\/{2,}/g, "/");

/** The route of a request, were this its path. */
export function expectedRoute(
  routes: readonly WeirRoute[],
  request: Asked,
  path: string,
): WeirRoute | undefined {
  const host = canonicalHost(request.host);
  const ranked = routes.flatMap((route, place) => {
    const [ofHost, ofPath] = [hostRank(route, host), pathRank(route, path)];
    if (ofHost < 0 || ofPath < 0) return [];
    const { precedence = 0, pattern, when } = route;
    const likeThis = routes.findIndex(
      (other) =>
        other.pattern === pattern && sameHost(other, route) && (other.precedence ?? 0) === precedence,
    );
    const inFile = pattern === undefined ? 0 : -likeThis;
    return [{ route, rank: [precedence, ofHost, ofPath, inFile, when === undefined ? 0 : 1, -place] }];
  });
  const [best] = ranked
    .filter(({ route: { when } }) => when === undefined || holds(when, request))
    .sort((a, b) => compare(b.rank, a.rank));
  return best?.route;
}

const sameHost = (one: WeirRoute, other: WeirRoute): boolean =>
  canonicalHost(one.host ?? "any") === canonicalHost(other.host ?? "any");

/** Exact, wildcard by its length, any; below 0: not this one. */
function hostRank({ host }: WeirRoute, asked: string): number {
  if (host === undefined) return 0;
  const pattern = canonicalHost(host);
  if (pattern.startsWith("*.")) return asked.endsWith(pattern.slice(1)) ? pattern.length : -1;
  return pattern === asked ? 1_000 : -1;
}

/** Exact, prefixes by their length, pattern, any; below 0: not this one. */
function pathRank({ exact, prefix, startsWith, pattern }: WeirRoute, asked: string): number {
  if (exact !== undefined) return canonicalPath(exact) === asked ? 10_000 : -1;
  if (pattern !== undefined) return new RegExp(pattern).test(asked) ? 0.75 : -1;
  if (startsWith !== undefined) {
    const start = canonicalPath(startsWith);
    return asked.startsWith(start) ? lengthRank(start.length - 0.5) : -1;
  }
  const stem = canonicalPath(prefix ?? "/").replace(/\/$/, "");
  return `${asked}/`.startsWith(`${stem}/`) ? lengthRank(stem.length) : -1;
}

/** What takes all paths is the same, however it is written. */
const lengthRank = (length: number): number => (length < 1 ? 0.5 : length);

/** `not` is the opposite of its conditions taken together. */
function holds(
  { not, ...when }: WeirNotWhen & { readonly not?: WeirNotWhen },
  { method, target, secure, told }: Asked,
): boolean {
  const { methods, headers = {}, query = {}, cookies = {}, clients, scheme } = when;
  const page = new URLSearchParams(target.replace(/^[^?]*/, "")).get("page") ?? undefined;
  const said = told ? "de" : undefined;
  return (
    methods?.includes(method) !== false &&
    (scheme === undefined || scheme === (secure ? "https" : "http")) &&
    // The trial's own address; that of the client elsewhere is in none of the networks.
    (clients === undefined || (!secure && clients.includes("127.0.0.0/8"))) &&
    Object.values(headers).every((test) => isLike(test, said)) &&
    Object.values(query).every((test) => isLike(test, page)) &&
    Object.values(cookies).every((test) => isLike(test, said)) &&
    !(not !== undefined && holds(not, { host: "", method, target, secure, told }))
  );
}

type ValueTest = NonNullable<WeirNotWhen["headers"]>[string];

function isLike(test: ValueTest, value: string | undefined): boolean {
  if (typeof test === "boolean") return test === (value !== undefined);
  if (value === undefined) return false;
  if (typeof test === "string") return test === value;
  return "pattern" in test ? new RegExp(test.pattern).test(value) : test.includes(value);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((part, at) => part !== b[at]);
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
