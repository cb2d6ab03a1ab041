/** An origin of WebSockets: its end of each is in the test's hands. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { WebSocketServer, type WebSocket } from "ws";

import { Arrivals } from "./arrivals.ts";

export interface OriginSocket {
  readonly webSocket: WebSocket;
  readonly request: IncomingMessage;
  /** What it goes over. */
  readonly connection: Socket;
}

export interface SocketOrigin {
  readonly url: string;
  readonly sockets: Arrivals<OriginSocket>;
  close(): Promise<void>;
}

export interface SocketOriginOptions {
  /** The subprotocol that it chooses for a path, of those that it is offered; `undefined`: none. */
  readonly choose?: (path: string, offered: readonly string[]) => string | undefined;
  /** Whether it takes permessage-deflate (RFC 7692), if it is offered. */
  readonly deflates?: boolean;
  /** It says back what it hears. */
  readonly echoes?: boolean;
}

/** Agrees to something, but not to the handshake that it got. */
const muddled = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"];

/** Starts it. It refuses `/refused`, and gets the handshake of `/muddled` wrong. */
export async function startSocketOrigin(options: SocketOriginOptions = {}): Promise<SocketOrigin> {
  const { choose = () => undefined, deflates = false, echoes = false } = options;
  const sockets = new Arrivals<OriginSocket>();
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: deflates,
    handleProtocols: (offered, { url }) => choose(url ?? "", [...offered]) ?? false,
  });
  const server = createServer();
  server.on("upgrade", (request: IncomingMessage, connection: Socket, head: Buffer) => {
    // Read on, or its end would not be seen.
    const answer = (text: string): void => void connection.end(text).resume();
    if (request.url === "/refused")
      return answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 8\r\n\r\nnot here");
    if (request.url === "/muddled")
      return answer([...muddled, "Sec-WebSocket-Accept: wrong", "", ""].join("\r\n"));
    webSockets.handleUpgrade(request, connection, head, (webSocket) => {
      webSocket.on("error", () => webSocket.terminate());
      if (echoes) webSocket.on("message", (data, isBinary) => webSocket.send(data, { binary: isBinary }));
      sockets.add(request.url ?? "", { webSocket, request, connection });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sockets,
    close: async () => {
      for (const webSocket of webSockets.clients) webSocket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
