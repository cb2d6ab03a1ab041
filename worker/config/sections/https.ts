/**
 * `https` of a route: redirects from http, and what browsers are told of https. The rules of `preload` are those of the list
 * that browsers ship (hstspreload.org): a header that says `preload` and lacks the rest is refused there, and its author learns
 * of it weeks later.
 */
import { duration, flag, integer } from "../kinds/fields.ts";
import { present } from "../present.ts";
import { option, section, switchable, type ValuesOf } from "../section.ts";

const yearMs = 8_760 * 3_600_000;

const hsts = switchable(
  section(
    "WeirHsts",
    {
      /** How long browsers remember it. **Until then it can be changed only over https.** `"0s"`: they forget. */
      maxAge: option(duration("0s", "87600h"), "8760h"),
      /** HSTS holds for all names below the host, too. */
      includeSubDomains: option(flag(), false),
      /** Allows browsers to ship the host in their preload list ([hstspreload.org](https://hstspreload.org)). Only with `includeSubDomains` and at least a year. */
      preload: option(flag(), false),
    },
    {
      rules: [
        ({ preload, maxAge }) =>
          preload && maxAge < yearMs && { path: ["maxAge"], expected: 'at least "8760h", for preload' },
        ({ preload, includeSubDomains }) =>
          preload &&
          !includeSubDomains && { path: ["preload"], expected: "includeSubDomains: true beside it" },
      ],
    },
  ),
);

export const https = switchable(
  section("WeirHttps", {
    /** The port of https. */
    port: option(integer(1, 65_535), 443),
    /** HSTS (RFC 6797): responses over https have `Strict-Transport-Security`, and browsers use https only. */
    hsts: option(hsts, false),
  }),
);

/** `hsts` is the value of Strict-Transport-Security; absent: none is sent. */
export function compileHttps({ port, hsts }: ValuesOf<typeof https>) {
  return present({ port, hsts: hsts ? hstsValue(hsts) : undefined });
}

/** The field's value (RFC 6797 §6.1). */
function hstsValue({ maxAge, includeSubDomains, preload }: ValuesOf<typeof hsts>): string {
  const directives = [`max-age=${Math.floor(maxAge / 1_000)}`];
  if (includeSubDomains) directives.push("includeSubDomains");
  if (preload) directives.push("preload");
  return directives.join("; ");
}
