/** Differences in how a path is spelled, whatever the rules. */
import { readAlike } from "../exchange.ts";
import { spelled, asPlain, target, isRefused, type Difference } from "./difference.ts";

export const spellingDifferences: readonly Difference[] = [
  {
    asked: "`/a?`, an empty query",
    weir: "a redirect or a rewrite drops the `?`",
    nginx: "with `$request_uri` it stays",
    apache: "it stays",
    why: "no application can tell the two",
    isIt: ({ weir, other }) => target(other) === `${target(weir)}?`,
  },
  {
    asked: "the same path or query in another spelling: `%7E` for `~`, `%c3` for `%C3`, `é` for `%C3%A9`",
    weir: "goes to the origin as the client has spelled it; what a pattern has captured is encoded anew",
    nginx: "likewise; where `proxy_pass` has a path, or a rule has rewritten it, all of it is encoded anew",
    apache: "all of it is encoded anew",
    why: "applications read the same. A signature of the URL, though, holds only where nothing is encoded anew",
    isIt: ({ weir, other }) => weir.status === other.status && readAlike(weir, other),
  },
  {
    asked: '`<` or `>` as such, or `"` in the query',
    weir: "`400`",
    nginx: "taken as they are",
    apache: "taken as they are",
    why: "no URL has them (RFC 3986), and browsers encode them; workerd refuses them before Weir sees them",
    isIt: (found) =>
      spelled(found, "brackets not encoded", "query with signs that browsers encode") &&
      isRefused(found.weir) &&
      found.other.status !== 400,
  },
  {
    asked: "letters beyond ASCII as such",
    weir: "encoded (URL standard)",
    nginx: "sent on as they are",
    apache: "in the path encoded, in the query sent on as they are",
    why: "many origins refuse the bytes, also the one of the comparison",
    isIt: (found) =>
      spelled(found, "letters not encoded", "query with letters not encoded") &&
      /^[ -~]*%C3%A9[ -~]*$/.test(target(found.weir)) &&
      found.other.status === 400,
  },
  {
    asked: "`/../a`, out of the site",
    weir: "`/a`, as every browser has it (URL standard)",
    nginx: "`400`",
    apache: "`400`",
    why: "nothing is above `/`, so the path leads nowhere else",
    isIt: (found) =>
      spelled(found, "dot segments that lead out") && asPlain(found) && found.other.status === 400,
  },
  {
    asked: "`/./a`, `/x/../a`, `//a`",
    weir: "the origin, or a redirect, gets `/a`",
    nginx: "matches it as `/a`, and sends it on as it came, unless a rule has rewritten it",
    why: "an origin that reads it otherwise would serve another path than the one that was let pass; behind `//` stands the name of a host",
    isIt: (found) =>
      spelled(
        found,
        "dot segment",
        "dot segments that lead back",
        "dots encoded",
        "two slashes at the beginning",
      ) &&
      asPlain(found) &&
      /\/\/|\/(?:\.|%2e)/i.test(target(found.other).replace(/^\w+:\/\//, "")),
  },
  {
    asked: "`/a//b`",
    weir: "matches as `/a/b`, and goes to the origin as it came",
    nginx: "likewise, but `/a/b` where `proxy_pass` has a path",
    apache: "the origin gets `/a/b`",
    why: "some applications tell them apart (a URL within a path)",
    isIt: (found) =>
      spelled(found, "two slashes at the end") &&
      target(found.weir).includes("//") &&
      readAlike(found.other, found.plain),
  },
  {
    asked: "`/a\\b`",
    weir: "`/a/b`, as every browser has it (URL standard)",
    nginx: "a character like others",
    apache: "a character like others",
    why: "what a browser asks for and what a rule sees is then the same",
    isIt: (found) => spelled(found, "backslash") && asPlain(found),
  },
  {
    asked: "`/a%2f../b`, `..` behind an encoded slash",
    weir: "`400`",
    nginx: "matches as `/b`, and sends it on as it came, unless a rule has rewritten it",
    apache: "`404`",
    why: "origins do not agree on what it is",
    isIt: (found) =>
      spelled(found, "dots behind an encoded slash") && isRefused(found.weir) && found.other.status !== 400,
  },
  {
    asked: "`/a%2Fb`, an encoded slash",
    weir: "stays within its segment, for patterns and for origins",
    nginx: "is `/a/b` to its locations and rules; a rewritten path has a slash",
    apache: "`404`, unless `AllowEncodedSlashes` says otherwise",
    why: "npm, GitLab and others have names with a slash in their paths",
    isIt: (found) =>
      spelled(found, "slash encoded") &&
      (target(found.weir).includes("%2F") || found.weir.origin === undefined) &&
      (found.other.status === 404 || readAlike(found.other, found.plain)),
  },
];
