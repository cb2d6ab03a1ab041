/** `cors` of a route: which sites' scripts may read its answers. Preflights are answered by Weir. */
import type { CorsOrigins, CorsPolicy } from "../../../core/headers/cors.ts";
import { corsOrigin, type CorsOriginPattern } from "../kinds/cors-origin.ts";
import { checkedText, duration, flag, list } from "../kinds/fields.ts";
import { isMethod, isToken } from "../kinds/http-syntax.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";

const methodExpected = 'a method in capitals, such as "PUT", or "*" for any';
const method = checkedText(methodExpected, (written) => written === "*" || isMethod(written)).meta({
  examples: ["GET", "PUT"],
});

const header = checkedText('a header\'s name, or "*" for any', isToken).meta({
  examples: ["Content-Type", "Authorization"],
});
const exposed = checkedText("a header's name", isToken).meta({ examples: ["Retry-After", "X-Total"] });

export const cors = section(
  "WeirCors",
  {
    /** The origins of these sites, as browsers send them: `"https://app.example.com"`; `"https://*.example.com"`, all names below it; `"*"`, any, without credentials. */
    origins: required(list(corsOrigin, 1, 100, "origins")),
    /** The methods that scripts may use; `"*"`: any. */
    methods: optional(
      list(method, 1, 32, "methods"),
      "`methods` of the route; without them `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`",
    ),
    /** The request headers that scripts may send; `"*"`: any. */
    headers: option(list(header, 0, 64, "names"), ["*"]),
    /** Headers of answers that scripts may read, beside those that they always may (`Content-Type`, `Cache-Control` …). */
    exposeHeaders: option(list(exposed, 0, 64, "names"), []),
    /** Scripts may send cookies and logins. Not with `"*"` in `origins`. */
    credentials: option(flag(), false),
    /** How long browsers remember the answer to a preflight; they have limits of their own (Chrome 2 h). */
    maxAge: option(duration("0s", "24h"), "1h"),
  },
  {
    rules: [
      ({ origins, credentials }) =>
        credentials &&
        origins.some(({ is }) => is === "any") && {
          path: ["credentials"],
          expected:
            'false beside "*": every site could read what the user may read. List the sites in origins',
        },
      ({ origins }) =>
        origins.length > 1 &&
        origins.some(({ is }) => is === "any") && {
          path: ["origins"],
          expected: '"*" alone, or sites without it',
        },
    ],
  },
);

const usualMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** @param routeMethods those that the route serves; absent: all. */
export function compileCors(
  values: ValuesOf<typeof cors>,
  routeMethods: readonly string[] = usualMethods,
): CorsPolicy {
  const { origins, methods = routeMethods, headers, exposeHeaders, credentials, maxAge } = values;
  return {
    origins: origins.some(({ is }) => is === "any") ? "any" : compileOrigins(origins),
    methods: methods.includes("*") ? "any" : methods,
    headers: headers.includes("*") ? "any" : headers,
    exposed: exposeHeaders,
    credentials,
    maxAgeSeconds: Math.floor(maxAge / 1_000),
  };
}

function compileOrigins(patterns: readonly CorsOriginPattern[]): CorsOrigins {
  return {
    exact: new Set(patterns.flatMap((pattern) => (pattern.is === "exact" ? pattern.origin : []))),
    below: patterns.flatMap((pattern) => (pattern.is === "below" ? pattern : [])),
  };
}
