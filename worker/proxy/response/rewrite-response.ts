/**
 * What an origin says of itself, made true for the client: redirects that lead to an origin lead to Weir (as with nginx's
 * `proxy_redirect`), and cookies for an origin's domain or path are for Weir's (`proxy_cookie_domain`, `proxy_cookie_path`, `proxy_cookie_flags`).
 * A public fetch cannot keep the client's Host, so applications do name the origin in redirects.
 *
 * Only what surely names an origin of this upstream is touched; everything else is left byte for byte.
 */
import { withFlags } from "../../../core/headers/cookie-flags.ts";
import type { RewriteConfig } from "../../config/sections/rewrite.ts";
import { canBeRewritten } from "./rewritable.ts";
import type { RequestSource } from "../request/request-source.ts";

type ClientSide = Pick<RequestSource, "scheme" | "authority">;

/** Rewrites Location and Refresh, but for values that cannot be written again (`rewritable.ts`). `served` is the URL of the origin that answered, `origins` those of all of its upstream. */
export function rewriteRedirects(
  headers: Headers,
  served: string,
  origins: readonly string[],
  client: ClientSide,
): void {
  const location = headers.get("Location");
  if (location !== null)
    setIfNew(headers, "Location", location, rewriteUrl(location, served, origins, client));
  const refresh = headers.get("Refresh");
  if (refresh === null) return;
  const { before, url, after } = refreshSyntax.exec(refresh)?.groups ?? {};
  if (before === undefined || url === undefined) return;
  const rewritten = `${before}${rewriteUrl(url, served, origins, client)}${after ?? ""}`;
  setIfNew(headers, "Refresh", refresh, rewritten);
}

/** `5; url=http://…`, with quotes or without. */
const refreshSyntax =
  /^(?<before>\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?["']?)(?<url>[^"'\s]+)(?<after>["']?\s*)$/i;

function setIfNew(headers: Headers, name: string, value: string, rewritten: string): void {
  if (rewritten !== value && canBeRewritten(value)) headers.set(name, rewritten);
}

/**
 * The URL as it is for the client: an origin's scheme, host and path prefix give way to the client's scheme and host. A path
 * alone is relative to the origin that said it, and loses that one's prefix.
 */
export function rewriteUrl(
  text: string,
  served: string,
  origins: readonly string[],
  { scheme, authority }: ClientSide,
): string {
  if (text.startsWith("/") && !text.startsWith("//")) {
    const rest = behindPrefix(text, pathOf(served));
    // Two slashes at its beginning would make it the name of a foreign host, also with tabs between, which browsers take out.
    return rest === undefined || /^\/[\t\n\r]*[/\\]/.test(rest) ? text : rest;
  }
  const absolute = text.startsWith("//") ? `${served.slice(0, served.indexOf(":"))}:${text}` : text;
  if (!/^https?:\/\//i.test(absolute)) return text;
  const url = URL.parse(absolute);
  if (url === null || url.username !== "" || url.password !== "") return text;
  const target = url.href.slice(url.origin.length);
  for (const origin of [served, ...origins]) {
    if (!startsWithOrigin(origin, url.origin)) continue;
    const rest = behindPrefix(target, pathOf(origin));
    if (rest !== undefined) return `${scheme}://${authority}${rest}`;
  }
  return text;
}

function startsWithOrigin(url: string, origin: string): boolean {
  return url === origin || url.startsWith(`${origin}/`);
}

/** The path prefix of an origin's URL, which never ends in a slash; `""` if it has none. */
function pathOf(url: string): string {
  const slash = url.indexOf("/", url.indexOf("//") + 2);
  return slash === -1 ? "" : url.slice(slash);
}

/** What follows the prefix, from its slash; `undefined` if the path is not below it. */
function behindPrefix(path: string, prefix: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined;
  const rest = path.slice(prefix.length);
  if (rest === "" || rest.startsWith("?") || rest.startsWith("#")) return `/${rest}`;
  return rest.startsWith("/") ? rest : undefined;
}

/** Whether there is anything to do for cookies. */
export function rewritesCookies({ cookieDomains, cookiePaths, cookieFlags }: RewriteConfig): boolean {
  return cookieDomains.length > 0 || cookiePaths.length > 0 || cookieFlags.length > 0;
}

/** Rewrites Domain, Path and flags of every Set-Cookie, in their order; of none, if one of them cannot be written again. */
export function rewriteCookies(headers: Headers, rules: RewriteConfig, isHttps: boolean): void {
  if (!rewritesCookies(rules)) return;
  const cookies = headers.getSetCookie();
  // All are written again, or none.
  if (!cookies.every(canBeRewritten)) return;
  const rewritten = cookies.map((cookie) =>
    withFlags(rewriteCookie(cookie, rules), rules.cookieFlags, isHttps),
  );
  if (rewritten.every((cookie, index) => cookie === cookies[index])) return;
  headers.delete("Set-Cookie");
  for (const cookie of rewritten) headers.append("Set-Cookie", cookie);
}

/** One Set-Cookie field (RFC 6265 §4.1.1). Name and value, and attributes that are not meant, stay as they are. */
export function rewriteCookie(
  cookie: string,
  { cookieDomains, cookiePaths }: Pick<RewriteConfig, "cookieDomains" | "cookiePaths">,
): string {
  const [pair = "", ...attributes] = cookie.split(";");
  const kept = attributes.flatMap((attribute) => {
    const equals = attribute.indexOf("=");
    const name = attribute.slice(0, equals).trim().toLowerCase();
    const value = attribute.slice(equals + 1).trim();
    if (equals === -1 || (name !== "domain" && name !== "path")) return attribute;
    if (name === "domain") {
      const bare = value.replace(/^\./, "").toLowerCase();
      const rule = cookieDomains.find(({ from }) => from === bare);
      if (rule === undefined) return attribute;
      return rule.to === "" ? [] : ` Domain=${rule.to}`;
    }
    const rule = cookiePaths.find(({ from }) => isBelow(value, from));
    return rule === undefined ? attribute : ` Path=${joined(rule.to, value.slice(rule.from.length))}`;
  });
  return [pair, ...kept].join(";");
}

/** RFC 6265 §5.1.4: `/app` is the path of `/app` and `/app/x`, not of `/apple`. */
function isBelow(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return path.length === prefix.length || prefix.endsWith("/") || path[prefix.length] === "/";
}

function joined(to: string, rest: string): string {
  if (rest === "") return to;
  return `${to.replace(/\/$/, "")}/${rest.replace(/^\//, "")}`;
}
