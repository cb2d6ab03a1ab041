/**
 * The opening of a WebSocket (RFC 6455 §4.2.1), as far as Weir has to know it. On the edge Cloudflare has seen to it;
 * a workerd of one's own hands every Upgrade over, and when the key turns out to be missing after the origin has
 * agreed, there is a socket at the origin, none at the client, and nobody who would ever close it.
 */
import type { Target } from "../config/config.ts";
import type { ProxyError } from "./error-response.ts";

const version = "13";
/** 16 bytes in base64. */
const keySyntax = /^[\w+/]{22}==$/;

/** Whether the client asks to switch to WebSocket. */
export function isWebSocketUpgrade(request: Request): boolean {
  return request.method === "GET" && request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** Why the client cannot be given the WebSocket that it asks for; `undefined` if it can. */
export function handshakeError(request: Request, platform: Target): ProxyError | undefined {
  if (platform === "edge") return undefined;
  if (request.headers.get("Sec-WebSocket-Version") !== version) return { kind: "websocket-version" };
  const key = request.headers.get("Sec-WebSocket-Key");
  return key !== null && keySyntax.test(key) ? undefined : { kind: "bad-request" };
}
