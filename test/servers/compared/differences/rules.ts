/** Differences in what rules make of a request. */
import { readAlike } from "../exchange.ts";
import { hostOf } from "../rule-set.ts";
import { argumentsOf, isRefused, spelled, target, type Difference } from "./difference.ts";

export const ruleDifferences: readonly Difference[] = [
  {
    asked:
      "a path that some servers read as one that a rule answers or redirects: `/old;a`, `/old%3Fa`, `/old%23a`, `/old%5Ca`",
    weir: '`400`; with [`ambiguousPaths: "keep"`](configuration.md#ambiguouspaths-paths-that-can-be-read-in-two-ways) it is another path',
    nginx: "another path, for the origin",
    apache: "another path, for the origin",
    why: "no spelling leads around a rule that guards",
    isIt: (found) =>
      spelled(
        found,
        "parameter",
        "parameter in between",
        "hash encoded",
        "question mark encoded",
        "backslash encoded",
      ) &&
      isRefused(found.weir) &&
      found.other.status !== 400,
  },
  {
    asked: "`/plus%2B`, beside a rule that answers `/plus+`",
    weir: "`400`; a `pattern` takes both",
    nginx: "is `/plus+`",
    apache: "is `/plus+`",
    why: "by RFC 3986 (§2.2) these are two paths, and origins do not agree",
    isIt: ({ request, weir, other }) =>
      request.target === "/plus%2B/a" && isRefused(weir) && other.status === 403,
  },
  {
    asked: "`%0A` before a pattern",
    weir: "stays encoded, a character like others",
    nginx: "is a line break, which `.` does not match: the rule is left out",
    apache: "`403` where a rule makes an argument of it",
    why: "a rule that guards holds for such a path, too",
    isIt: (found) =>
      spelled(found, "line break encoded") &&
      found.weir.status === found.plain.status &&
      (["media.example.org", "downloads"].includes(found.request.set.name) ||
        target(found.weir).includes("%0A")),
  },
  {
    asked: "`%00`",
    weir: "`400`",
    apache: "`404`",
    why: "no path has a NUL",
    isIt: (found) => spelled(found, "NUL encoded") && isRefused(found.weir) && found.other.status === 404,
  },
  {
    asked: "`%3F` in what a rule makes a path of",
    weir: "stays encoded",
    nginx: "becomes a `?` in a redirect, and begins a query there",
    apache: "`403`",
    why: "a client cannot begin another part of the URL",
    isIt: (found) =>
      spelled(found, "question mark encoded") &&
      target(found.weir).includes("%3F") &&
      (found.other.status === 403 ||
        readAlike(found.other, { ...found.weir, location: found.weir.location?.replace("%3F", "?") ?? "" })),
  },
  {
    asked: "a query that is kept beside a new argument",
    weir: "stays as it is",
    apache: "a redirect with `QSA` encodes it twice, without the flag `NE`",
    why: "the application would read `%20` for a space",
    isIt: ({ weir, other }) =>
      other.location !== undefined && other.location.replaceAll("%25", "%") === weir.location,
  },
  {
    asked: "`&`, `+`, `#`, `%`, a space or a letter of the path, in what a rule makes an argument of",
    weir: "belongs to the argument's value, escaped",
    nginx: "an `&` begins another argument",
    apache: "not escaped without the flag `B`; a space gets `403`",
    why: "a client cannot add arguments (`/news&admin=1`)",
    isIt: ({ weir, other, plain, request }) =>
      request.spelling !== undefined &&
      target(plain).includes("?") &&
      target(weir).startsWith(target(plain)) &&
      argumentsOf(weir) === argumentsOf(plain) &&
      (target(other).startsWith(target(plain)) || other.status === 403 || other.status === 400),
  },
  {
    asked: "an argument whose name is encoded: `?de%62ug=1`",
    weir: "is `debug` to `when.query`",
    nginx: "is another one to `$arg_debug`",
    apache: "is another one to a pattern for `%{QUERY_STRING}`",
    why: "to the application it is `debug`, so a rule that guards has to see it",
    isIt: ({ request, weir, other }) =>
      request.target === "/?de%62ug=1" && weir.status === 404 && other.status === 200,
  },
  {
    asked: "`/api`, beside a location `/api/` that forwards",
    weir: 'takes the next route; for a redirect write the rule `{ exact: "/api", redirect: "/api/" }`',
    nginx: "redirects to `/api/` by itself (`301`)",
    why: 'a prefix `"/api"` takes both, and what a config does stands in it',
    isIt: ({ request, weir, other }) =>
      other.status === 301 &&
      weir.status !== 301 &&
      other.location === `http://${hostOf(request.set)}${request.target}/`,
  },
  {
    asked: "a text that is answered, by `DELETE`",
    weir: "answered; [`methods`](configuration.md#routes) says which are served",
    apache: "`405`: it is a file",
    why: "`respond` is for every method, as nginx's `return`",
    isIt: ({ request, weir, other }) =>
      request.kind === "delete" && weir.status === 200 && weir.origin === undefined && other.status === 405,
  },
  {
    asked: "the page for an origin's error, by a client that does not ask for HTML",
    weir: "JSON with the same status",
    nginx: "the page",
    apache: "the page",
    why: "programs read no pages",
    isIt: ({ request, weir, other }) =>
      ["post", "delete"].includes(request.kind) &&
      weir.beside?.["body"] === "none" &&
      other.beside?.["body"]?.startsWith("page") === true &&
      weir.status === other.status,
  },
  {
    asked: "… by `HEAD`",
    weir: "the error's status",
    apache: "`200`, the page's own status",
    why: "`HEAD` is answered as `GET` (RFC 9110 §9.3.2)",
    isIt: ({ request, weir, other }) => request.kind === "head" && weir.status >= 400 && other.status === 200,
  },
  {
    asked: "a client that says `X-Forwarded-For` itself",
    weir: "dropped, unless [`forwarding.trusted`](configuration.md#forwarding-where-requests-come-from) names the client",
    nginx: "with `$proxy_add_x_forwarded_for` it stays, in front",
    apache: "stays in front, and so does `X-Forwarded-Host`",
    why: "applications that read the list from the left would believe it",
    isIt: ({ request, weir, other }) =>
      request.kind === "visit" &&
      weir.beside?.["origin x-forwarded-for"] === "127.0.0.1" &&
      other.beside?.["origin x-forwarded-for"] === "192.0.2.1, 127.0.0.1",
  },
  {
    asked: "a body that is larger than allowed",
    weir: "`413`",
    apache: "`LimitRequestBody` does not hold for what is proxied",
    why: "as nginx's `client_max_body_size`",
    isIt: ({ request, weir, other }) =>
      request.kind === "post" && weir.status === 413 && weir.origin === undefined && other.status === 200,
  },
  {
    asked: "the challenge of a `401`",
    weir: 'says `charset="UTF-8"`',
    nginx: "says no charset",
    apache: "says no charset",
    why: "browsers then send letters beyond ASCII in one way (RFC 7617 §2.1)",
    isIt: ({ weir, other }) =>
      weir.status === 401 &&
      other.status === 401 &&
      weir.beside?.["client www-authenticate"] ===
        `${other.beside?.["client www-authenticate"]}, charset="UTF-8"`,
  },
  {
    asked: "a password, on a route that has `basicAuth`",
    weir: "origins do not get it, unless [`forward`](configuration.md#basicauth-a-name-and-a-password) is set",
    nginx: "origins get it",
    apache: "origins get it",
    why: "nobody needs it any more; `userHeader` tells the name",
    isIt: ({ weir, other }) =>
      weir.origin !== undefined &&
      weir.origin === other.origin &&
      weir.beside?.["origin authorization"] === undefined &&
      other.beside?.["origin authorization"]?.startsWith("Basic ") === true,
  },
];
