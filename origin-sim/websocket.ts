/**
 * The WebSocket at `/ws`: says back what it hears. A connection takes a slot, from the handshake to its close,
 * as a thread of a blocking application server would be taken.
 */
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Driver } from "./driver.ts";

const maxMessageBytes = 2 ** 20;

/** The code of a connection that ended without a close frame (RFC 6455 §7.4.1). */
const abnormalClosure = 1006;

/** Whether a request is an upgrade that this server performs; others are answered as if they had not asked. */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  const path = request.url?.split("?", 1)[0];
  return path === "/ws" && request.headers.upgrade?.toLowerCase() === "websocket";
}

/** Returns the handler of a server's `upgrade` event. `origin` is sent as X-Origin with the handshake. */
export function webSocketEcho(origin: string, driver: Driver) {
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes });
  webSockets.on("headers", (headers) => headers.push(`X-Origin: ${origin}`));

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    let accepted = false;
    const leave = driver.arrive({
      start: () => undefined,
      refuse: () => request.socket.resetAndDestroy(),
      answer({ status, cut }, release) {
        if (status !== undefined) {
          refuseHandshake(socket, origin, status, () => release(status));
          return;
        }
        webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          accepted = true;
          webSocket.on("error", () => webSocket.terminate());
          webSocket.on("close", (code) => (code === abnormalClosure ? leave() : release(101)));
          webSocket.on("message", (message, isBinary) => webSocket.send(message, { binary: isBinary }));
          if (cut) {
            release(101);
            request.socket.destroySoon();
          }
        });
      },
    });
    socket.once("close", () => {
      if (!accepted) leave();
    });
  };
}

function refuseHandshake(socket: Duplex, origin: string, status: number, done: () => void): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    `X-Origin: ${origin}`,
    "Content-Length: 0",
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n`, done);
}
