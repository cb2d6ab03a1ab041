/**
 * The opening of a WebSocket (RFC 6455 §4.2.1), as far as Weir has to know it. On the edge Cloudflare has seen to it;
 * a workerd of one's own hands every Upgrade over, and when the key turns out to be missing after the origin has
 * agreed, there is a socket at the origin, none at the client, and nothing that would ever close it.
 */
import type { Target } from "../../../core/protocol/config-section.ts";
import type { ProxyError } from "../response/error-response.ts";

const version = "13";
/** 16 bytes in base64. */
const keySyntax = /^[\w+/]{22}==$/;

/** Stands for no extension: the runtime agrees to none of the client's that is not named here, and sends no such field. */
const noExtension = "none";

/** Whether the client asks to switch to WebSocket, with that in its Upgrade field. */
export function isWebSocketUpgrade(method: string, upgrade: string): boolean {
  return upgrade !== "" && method === "GET" && upgrade.toLowerCase() === "websocket";
}

/** Why the client cannot be given the WebSocket that it asks for; `undefined` if it can. */
export function handshakeError(headers: Headers, platform: Target): ProxyError | undefined {
  if (platform === "edge") return undefined;
  if (headers.get("Sec-WebSocket-Version") !== version) return { kind: "websocket-version" };
  const key = headers.get("Sec-WebSocket-Key");
  return key !== null && keySyntax.test(key) ? undefined : { kind: "bad-request" };
}

/**
 * The answer to the client's handshake, with the extensions that the origin has agreed to and no others (RFC 6455 §9.1). Left
 * to itself, workerd agrees to all that the client offers: what the origin has declined to compress is compressed, and a socket
 * takes more than twice the memory. On the edge, what is sent to the client is Cloudflare's own to agree on.
 */
export function withAgreedExtensions(sent: Response, fromOrigin: Response, platform: Target): Response {
  const name = "Sec-WebSocket-Extensions";
  if (platform === "workerd") sent.headers.set(name, fromOrigin.headers.get(name) ?? noExtension);
  return sent;
}
