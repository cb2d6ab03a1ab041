/** `rewrite`: how what an origin says of itself, in redirects and cookies, becomes true for clients. */
import { byName, checkedText, flag, text } from "../kinds/fields.ts";
import { bareDomain, parseCookieDomain } from "../kinds/host.ts";
import { cookiePath, cookiePathExpected } from "../kinds/cookie-path.ts";
import { namedParts, option, section, type ValuesOf } from "../section.ts";
import { compileCookieFlags, cookieFlags, flaggedName } from "./cookie-flags.ts";
import { repeatedKeys } from "./repeated-keys.ts";

const domainExpected = 'a domain name such as "example.com"';
const domains = byName(
  checkedText(domainExpected, (domain) => parseCookieDomain(domain) !== undefined).meta({
    examples: ["origin.internal"],
  }),
  text(`${domainExpected}, or "" for the host that was asked`, (domain) =>
    domain === "" ? "" : parseCookieDomain(domain),
  ).meta({ examples: ["example.com", ""] }),
  { least: 0, most: 32, what: "domains", nameExpected: domainExpected },
);

const paths = byName(cookiePath, cookiePath, {
  least: 0,
  most: 32,
  what: "paths",
  nameExpected: cookiePathExpected,
});

export const rewrite = section(
  "WeirRewrite",
  {
    /** A `Location` or `Refresh` that begins with the `url` of an origin of the upstream is rewritten to the host that the client asked; a path loses the `url`'s prefix. */
    redirects: option(flag(), true),
    /** The `Domain` of cookies, from: to, `{ "origin.internal": "example.com" }`; to `""`: no `Domain`, which means the host of the request. */
    cookieDomains: option(domains, {}),
    /** The beginning of cookies' `Path`, `{ "/app": "/" }`; the longest match counts. */
    cookiePaths: option(paths, {}),
    /** The flags of cookies by their names, `"session"`, `"wp-*"`, or `"*"` for all; each flag is that of the most specific entry that says it. */
    cookieFlags: option(namedParts(flaggedName, cookieFlags, 0, 32, "cookies"), {}),
  },
  { rules: [repeatedKeys("cookieDomains", bareDomain, "the same domain again", "each domain once")] },
);

/** `cookieDomains` are in lower case and without a leading dot, one to `""` is left out; of `cookiePaths` the longest comes first, of `cookieFlags` the most specific. */
export type RewriteConfig = ReturnType<typeof compileRewrite>;

export function compileRewrite(values: ValuesOf<typeof rewrite>) {
  const { redirects, cookieDomains, cookiePaths, cookieFlags: flags } = values;
  return {
    redirects,
    cookieDomains: Object.entries(cookieDomains).map(([from, to]) => ({ from: bareDomain(from), to })),
    cookiePaths: Object.entries(cookiePaths)
      .map(([from, to]) => ({ from, to }))
      .sort((a, b) => b.from.length - a.from.length),
    cookieFlags: compileCookieFlags(flags),
  };
}
