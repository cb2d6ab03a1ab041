/** From an origin's 101 to the client's WebSocket; the slot is closed when it ends. */
import { Alarm } from "../../alarm.ts";
import { keepInTunnel } from "../../transport/websocket/open-socket.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import { withAgreedExtensions } from "../request/websocket-handshake.ts";
import type { Transaction } from "../transaction.ts";
import { withClientHeaders } from "./client-headers.ts";
import { endLater } from "./slot-end.ts";
import { bridgeWebSocket } from "./websocket-bridge.ts";

/** The client's response, with its end of the WebSocket. */
export function finishSocket(socket: WebSocket, origin: OriginResponse, tx: Transaction): Response {
  const { response, status, slot, sentMs, answeredMs } = origin;
  const outcome = { origin: slot.origin, ok: true, client: tx.clientNumber, headerMs: answeredMs - sentMs };
  tx.client.holder.recordOutcome(outcome, answeredMs);
  const webSocket = carried(socket, origin, tx);
  const sent = new Response(null, { status, headers: response.headers, webSocket });
  return withAgreedExtensions(withClientHeaders(sent, origin, tx), response, tx.config.target);
}

/** The client's end of the WebSocket; its slot is closed when the WebSocket ends. */
function carried(socket: WebSocket, origin: OriginResponse, tx: Transaction): WebSocket {
  // No more than is needed: it lasts as long as the socket.
  const { pick, slot, status, sentMs, answeredMs, abort, isBound } = origin;
  const { client, clientNumber, upstream, event, uploaded, reading, onEnd } = tx;
  const kept = { pick, slot, status, sentMs, answeredMs, isBound };
  const isKept = keepInTunnel(socket, (closed, { cut, ...io }) => {
    const end = {
      client,
      clientNumber,
      upstream,
      event,
      uploaded,
      reading,
      onEnd,
      alarm: new Alarm(),
      ...io,
    };
    return endLater(closed, { ...kept, abort: cut }, end);
  });
  if (isKept) {
    tx.alarm.stop();
    return socket;
  }
  const { webSocket, closed } = bridgeWebSocket(socket, abort);
  tx.waitUntil(endLater(closed, origin, tx));
  return webSocket;
}
