/**
 * The flags of an origin's cookies, set or taken off: Secure, HttpOnly, SameSite (RFC 6265bis §4.1.2), Partitioned (CHIPS). As nginx's
 * `proxy_cookie_flags`; other than there, each flag is that of the most specific entry that says it, so that `*` holds for all.
 */

export const sameSites = ["lax", "strict", "none"] as const;

export interface CookieFlags {
  /** `"auto"`: for clients that came by https. */
  readonly secure?: boolean | "auto";
  readonly httpOnly?: boolean;
  readonly sameSite?: (typeof sameSites)[number];
  readonly partitioned?: boolean;
}

/** The flags of the cookie of a name, of those that begin so, or of all (`""` as the beginning). */
export interface FlagRule {
  readonly name: string;
  readonly isPrefix: boolean;
  readonly flags: CookieFlags;
}

const sameSiteWords = { lax: "Lax", strict: "Strict", none: "None" } as const;

/** Returns the Set-Cookie field with its flags; what no rule is about stays as it is. @param rules the most specific first. */
export function withFlags(cookie: string, rules: readonly FlagRule[], isHttps: boolean): string {
  const [pair = "", ...attributes] = cookie.split(";");
  const name = pair.slice(0, Math.max(0, pair.indexOf("="))).trim();
  const flags = flagsOf(name, rules);
  const secure = securityOf(name, flags, isHttps);
  const { httpOnly, sameSite, partitioned } = flags;
  const said: readonly (readonly [attribute: string, value: string | false | undefined])[] = [
    ["secure", secure && "Secure"],
    ["httponly", httpOnly && "HttpOnly"],
    ["samesite", sameSite && `SameSite=${sameSiteWords[sameSite]}`],
    ["partitioned", partitioned && "Partitioned"],
  ];
  const written = said.filter(([, value]) => value !== undefined);
  if (written.length === 0) return cookie;
  const kept = attributes.filter((text) => !written.some(([attribute]) => attribute === attributeOf(text)));
  const added = written.flatMap(([, value]) => (value === false || value === undefined ? [] : ` ${value}`));
  return [pair, ...kept, ...added].join(";");
}

/** As browsers read it (RFC 6265 §5.2). */
function attributeOf(text: string): string {
  const equals = text.indexOf("=");
  return (equals === -1 ? text : text.slice(0, equals)).trim().toLowerCase();
}

function flagsOf(name: string, rules: readonly FlagRule[]): CookieFlags {
  const flags: CookieFlags = {};
  for (const rule of rules.toReversed()) {
    if (rule.isPrefix ? name.startsWith(rule.name) : name === rule.name) Object.assign(flags, rule.flags);
  }
  return flags;
}

/** Browsers drop a cookie that is not Secure, though its name or another flag wants it to be. */
function securityOf(
  name: string,
  { secure, sameSite, partitioned }: CookieFlags,
  isHttps: boolean,
): boolean | undefined {
  if (sameSite === "none" || partitioned === true) return true;
  if (secure === "auto") return isHttps ? true : undefined;
  if (secure === false && /^__(?:host|secure)-/i.test(name)) return undefined;
  return secure;
}
