export type ProxyError = { kind: "no-route" } | { kind: "misconfigured" } | { kind: "unavailable"; why: "full" | "down" } | { kind: "coordinator-lost" } | { kind: "origin-failed" } | { kind: "origin-timeout" } | { kind: "client-gone" };
export function errorStatus(e: ProxyError): number { return { "no-route": 404, misconfigured: 500, unavailable: 503, "coordinator-lost": 503, "origin-failed": 502, "origin-timeout": 504, "client-gone": 499 }[e.kind]; }
export function errorResponse(e: ProxyError, f: { accept: string | null; requestId: string; method: string }): Response {
  const status = errorStatus(e); const headers = { "X-Request-Id": f.requestId };
  if (f.accept?.includes("html")) return new Response(`<html>${status} ${f.requestId}</html>`, { status, headers });
  return Response.json({ error: { status, requestId: f.requestId } }, { status, headers });
}
