/**
 * What a route answers by itself, before any origin is asked: a redirect to https, maintenance, a method that it does not
 * serve, a body that is too large. In this order: a request by http learns nothing else.
 */
import type { RouteConfig } from "../../config/sections/route.ts";
import { isWithin } from "../../config/kinds/network.ts";
import { contentLength } from "../../transport/content-length.ts";
import type { ProxyError } from "../response/error-response.ts";
import type { RequestSource } from "./request-source.ts";
import type { RequestUrl } from "./request-url.ts";

/** Why the request goes no further; `undefined` if it does. */
export function gate(
  route: RouteConfig,
  request: Pick<Request, "method" | "headers">,
  source: RequestSource,
  url: Pick<RequestUrl, "target">,
): ProxyError | undefined {
  const { https, maintenance, methods, maxRequestBytes } = route;
  if (https !== undefined && source.scheme === "http") {
    return { kind: "https-required", location: secureUrl(source.authority, https.port, url.target) };
  }
  if (maintenance !== undefined && !isWithin(source.address ?? "", maintenance.allow)) {
    const { retryAfterMs, page } = maintenance;
    return { kind: "maintenance", retryAfterMs, ...(page !== undefined && { page }) };
  }
  if (methods !== undefined && !methods.includes(request.method)) {
    return { kind: "method-not-allowed", allowed: methods };
  }
  if (maxRequestBytes !== undefined && (contentLength(request.headers) ?? 0) > maxRequestBytes) {
    return { kind: "body-too-large" };
  }
  return undefined;
}

/** The same host, which the route has matched, so that no client is sent to another site; with the port of https in place of its own. */
function secureUrl(authority: string, port: number, target: string): string {
  const host = authority.replace(/:\d*$/, "");
  return `https://${host}${port === 443 ? "" : `:${port}`}${target}`;
}
