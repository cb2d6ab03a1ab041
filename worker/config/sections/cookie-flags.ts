/** `rewrite.cookieFlags`: the flags of the origins' cookies. Weir's own cookie has those of `sticky`. */
import * as z from "zod";
import { sameSites, type FlagRule } from "../../../core/headers/cookie-flags.ts";
import { checkedText, flag, oneOf } from "../kinds/fields.ts";
import { isToken } from "../kinds/http-syntax.ts";
import { optional, section, type ValuesOf } from "../section.ts";

const asSaid = "as the origin says";

const secure = z.union([z.boolean(), z.literal("auto")], { error: 'true, false or "auto"' });

/** What makes browsers drop a cookie that is not `Secure` (RFC 6265bis §4.1.2.7, CHIPS). */
const needs = 'true beside sameSite: "none" or partitioned: true';

export const cookieFlags = section(
  "WeirCookieFlags",
  {
    /** `Secure`: browsers send the cookie over https only. `"auto"`: for clients that came by https; `false`: the flag is taken off. */
    secure: optional(secure, `${asSaid}; \`true\` with \`sameSite: "none"\` or \`partitioned\``),
    /** `HttpOnly`: scripts of the page cannot read the cookie. */
    httpOnly: optional(flag(), asSaid),
    /** With which requests browsers send the cookie, as `sameSite` of `sticky`. */
    sameSite: optional(oneOf(sameSites), asSaid),
    /** `Partitioned`: where the site is a frame of other sites, the browser keeps a cookie for each of these. */
    partitioned: optional(flag(), asSaid),
  },
  {
    rules: [
      ({ secure, sameSite, partitioned }) =>
        secure !== undefined &&
        secure !== true &&
        (sameSite === "none" || partitioned === true) && { path: ["secure"], expected: needs },
    ],
  },
);

/** A cookie's name, or the beginning of names. */
export const flaggedName = checkedText(
  'a cookie\'s name, "wp-*" for all that begin so, or "*" for all',
  (written) => isToken(written) && !/\*./.test(written),
).meta({ examples: ["session", "wp-*", "*"] });

/** The most specific comes first. */
export function compileCookieFlags(
  byName: Readonly<Record<string, ValuesOf<typeof cookieFlags>>>,
): readonly FlagRule[] {
  const rules = Object.entries(byName).map(([written, flags]) => {
    const isPrefix = written.endsWith("*");
    return { name: isPrefix ? written.slice(0, -1) : written, isPrefix, flags };
  });
  return rules.sort((a, b) => Number(a.isPrefix) - Number(b.isPrefix) || b.name.length - a.name.length);
}
