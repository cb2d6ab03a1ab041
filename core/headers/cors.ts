/**
 * Cross-origin requests by the Fetch standard (§3.2, "CORS protocol"): which sites' scripts may read answers, and what a preflight is answered.
 * An origin that is not listed gets no header, by which its browser refuses; nothing else is refused, since CORS guards browsers' users and is no
 * protection against other clients.
 */

export interface CorsPolicy {
  /** `"any"`: `*`, and no credentials. */
  readonly origins: "any" | CorsOrigins;
  /** `"any"`: whichever a preflight asks for. */
  readonly methods: "any" | readonly string[];
  readonly headers: "any" | readonly string[];
  /** What scripts may read beside the headers that they always may. */
  readonly exposed: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
}

export interface CorsOrigins {
  /** As browsers write them: `https://app.example.com`. */
  readonly exact: ReadonlySet<string>;
  /** All names below a host, of `https://*.example.com:8443`. */
  readonly below: readonly { readonly scheme: string; readonly suffix: string }[];
}

/** A preflight as a browser sends it. */
export interface Preflight {
  readonly origin: string;
  readonly method: string;
  /** Absent: it asks for none. */
  readonly headers: string | undefined;
}

type Fields = readonly (readonly [name: string, value: string])[];

/** Longer origins are none. */
const longestOrigin = 300;

/** What Access-Control-Allow-Origin says to this origin; `undefined`: it is not listed. */
export function allowedOrigin({ origins }: CorsPolicy, origin: string): string | undefined {
  if (origins === "any") return "*";
  if (origins.exact.has(origin)) return origin;
  if (origin.length > longestOrigin) return undefined;
  const isBelow = origins.below.some(
    ({ scheme, suffix }) =>
      origin.startsWith(scheme) &&
      origin.endsWith(suffix) &&
      isName(origin.slice(scheme.length, -suffix.length)),
  );
  return isBelow ? origin : undefined;
}

const isName = (text: string): boolean => /^[a-z\d_-]+(?:\.[a-z\d_-]+)*$/.test(text);

/** The headers of an answer to a script of this origin; without Vary, for which see `variesBy`. */
export function answerFields(policy: CorsPolicy, origin: string): Fields {
  const allowed = allowedOrigin(policy, origin);
  if (allowed === undefined) return [];
  const { exposed, credentials } = policy;
  return [
    ["Access-Control-Allow-Origin", allowed],
    ...(credentials ? ([["Access-Control-Allow-Credentials", "true"]] as const) : []),
    ...(exposed.length > 0 ? ([["Access-Control-Expose-Headers", exposed.join(", ")]] as const) : []),
  ];
}

/** The headers of the answer to a preflight. */
export function preflightFields(policy: CorsPolicy, { origin, method, headers }: Preflight): Fields {
  const allowed = allowedOrigin(policy, origin);
  if (allowed === undefined) return [];
  const methods = policy.methods === "any" ? tokensIn(method) : policy.methods.join(", ");
  const named = policy.headers === "any" ? tokensIn(headers ?? "") : policy.headers.join(", ");
  const fields: Fields = [
    ["Access-Control-Allow-Origin", allowed],
    ["Access-Control-Allow-Credentials", policy.credentials ? "true" : ""],
    ["Access-Control-Allow-Methods", methods],
    ["Access-Control-Allow-Headers", named],
    ["Access-Control-Max-Age", String(policy.maxAgeSeconds)],
  ];
  return fields.filter(([, value]) => value !== "");
}

/** A list of tokens (RFC 9110 §5.6.2) as it was asked for; `""` if it is none, or too long to be said again. */
function tokensIn(asked: string): string {
  return asked.length <= 4_096 && /^[!#$%&'*+.^_`|~\w, \t-]*$/.test(asked) ? asked.trim() : "";
}

/** What answers differ by, for caches: the request headers that `Vary` must name. */
export function variesBy(policy: CorsPolicy, isPreflight: boolean): readonly string[] {
  return [
    ...(policy.origins === "any" ? [] : ["Origin"]),
    ...(isPreflight && policy.methods === "any" ? ["Access-Control-Request-Method"] : []),
    ...(isPreflight && policy.headers === "any" ? ["Access-Control-Request-Headers"] : []),
  ];
}

/** Which of the names the field does not have yet; none if it says that the answer goes by everything. */
export function missingInVary(vary: string, names: readonly string[]): readonly string[] {
  const there = new Set(vary.split(",").map((name) => name.trim().toLowerCase()));
  return there.has("*") ? [] : names.filter((name) => !there.has(name.toLowerCase()));
}
