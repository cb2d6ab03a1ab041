/**
 * Whether a browser may have a cookie that it did not send, because another site made it send the request: SameSite (RFC 6265bis §5.8.3)
 * keeps a `Lax` cookie off all requests from other sites but plain navigations, and a `Strict` one off all of them. Browsers say where a
 * request comes from (Fetch Metadata, `Sec-Fetch-Site`); older ones say so of a form at least, by `Origin`. A client that says neither is no
 * browser, or was asked by the site itself.
 */
import { hostnameOf } from "./request-url.ts";

/** Methods by which a navigation brings a `Lax` cookie along (RFC 9110 §9.2.1). */
const safeMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Whether the request may come from a browser that holds a cookie of this kind back.
 * @param authority the host that the client asked for.
 */
export function isWithheld(
  { method, headers }: Pick<Request, "method" | "headers">,
  sameSite: "lax" | "strict" | "none",
  authority: string,
): boolean {
  if (sameSite === "none" || !isFromElsewhere(headers, authority)) return false;
  const isNavigation = (headers.get("Sec-Fetch-Mode") ?? "navigate") === "navigate";
  return sameSite === "strict" || !isNavigation || !safeMethods.has(method);
}

function isFromElsewhere(headers: Headers, authority: string): boolean {
  const site = headers.get("Sec-Fetch-Site");
  if (site !== null) return site === "cross-site";
  const origin = headers.get("Origin");
  // "null": the browser does not tell which site it was.
  return origin !== null && URL.parse(origin)?.hostname !== hostnameOf(authority);
}
