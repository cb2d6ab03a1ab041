/**
 * Headers that tell an origin who a request is from, as Weir found out. None may be one that already means something: neither one that Weir writes or
 * drops for every request, nor one of HTTP's own. Letters, digits and hyphens only: to CGI and its heirs `X_User` is `X-User`.
 */
import { checkedText } from "./fields.ts";
import { isProbeHeaderName } from "./http-syntax.ts";

const meaningful =
  /^(?:x-(?:forwarded|weir|real|request|original|rewrite)-|cf-|content-|accept|access-control-|sec-|if-|proxy|cdn-)/;

const taken: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "client-ip",
  "cookie",
  "date",
  "forwarded",
  "from",
  "idempotency-key",
  "origin",
  "pragma",
  "range",
  "referer",
  "true-client-ip",
  "user-agent",
  "via",
  "x-client-ip",
]);

/** Whether an identity may stand in this header. */
export function isIdentityHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    /^[a-z][a-z\d-]{0,63}$/.test(lower) &&
    isProbeHeaderName(lower) &&
    !meaningful.test(lower) &&
    !taken.has(lower)
  );
}

export const identityHeader = checkedText(
  'a header\'s name of letters, digits and "-" that means nothing else, such as "X-User"',
  isIdentityHeader,
).meta({ examples: ["X-User", "Remote-User"] });
