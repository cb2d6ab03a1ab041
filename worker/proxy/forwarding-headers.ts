const hop = ["connection","keep-alive","proxy-connection","te","trailer","transfer-encoding","upgrade","proxy-authenticate","proxy-authorization","expect"];
export function isWebSocketUpgrade(request: Request): boolean { return request.headers.get("Upgrade")?.toLowerCase() === "websocket"; }
export function toOriginHeaders(request: Request, facts: { clientAddress: string | undefined; requestId: string }): Headers {
  const h = new Headers(request.headers); const ws = isWebSocketUpgrade(request);
  for (const n of (h.get("connection") ?? "").split(",")) { const t = n.trim(); if (t !== "" && t.toLowerCase() !== "keep-alive") h.delete(t); }
  for (const n of hop) h.delete(n);
  for (const n of ["forwarded","cf-connecting-ip","true-client-ip","x-forwarded-port","x-weir-mode"]) h.delete(n);
  h.set("X-Forwarded-For", facts.clientAddress ?? "unknown"); h.set("X-Real-IP", facts.clientAddress ?? "unknown");
  h.set("X-Forwarded-Proto", request.url.slice(0, request.url.indexOf(":"))); h.set("X-Forwarded-Host", h.get("host") ?? ""); h.set("X-Request-Id", facts.requestId);
  if (ws) h.set("Upgrade", "websocket");
  return h;
}
export function toClientHeaders(response: Response): Headers { const h = new Headers(response.headers); for (const n of hop) h.delete(n); return h; }
