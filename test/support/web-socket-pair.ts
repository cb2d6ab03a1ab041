/** A WebSocket through Weir with both of its ends in hand: the client's, and the origin's. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { WebSocket, type ClientOptions } from "ws";

import type { OriginSocket, SocketOrigin } from "./socket-origin.ts";

export interface End {
  readonly webSocket: WebSocket;
  /** What it goes over. */
  readonly connection: Socket;
  /** Messages so far. */
  readonly messages: readonly { readonly data: Buffer; readonly isBinary: boolean }[];
  /** The close code and the reason, when it has closed. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
}

export interface SocketPair {
  readonly client: End;
  readonly origin: End & OriginSocket;
}

let opened = 0;

/** A path that no other socket of the tests is asked for by. */
export const freshPath = (): string => `/socket-${opened++}`;

/** Opens one, of the host's route. Rejects if the handshake fails. */
export async function openPair(
  url: string,
  origin: SocketOrigin,
  { host = "site.test", ...options }: ClientOptions & { readonly host?: string } = {},
): Promise<SocketPair> {
  const path = freshPath();
  const { port, hostname } = new URL(url);
  const connection = connect(Number(port), hostname);
  const webSocket = new WebSocket(`${url.replace("http", "ws")}${path}`, {
    headers: { host },
    createConnection: () => connection,
    ...options,
  });
  const client = endOf(webSocket, connection);
  await once(webSocket, "open");
  const accepted = await origin.sockets.at(path);
  return { client, origin: { ...accepted, ...endOf(accepted.webSocket, accepted.connection) } };
}

function endOf(webSocket: WebSocket, connection: Socket): End {
  const messages: { data: Buffer; isBinary: boolean }[] = [];
  webSocket.on("message", (data: Buffer, isBinary) => messages.push({ data, isBinary }));
  const closed = new Promise<readonly [number, string]>((resolve) => {
    webSocket.on("close", (code, reason) => resolve([code, reason.toString()]));
  });
  webSocket.on("error", () => webSocket.terminate());
  return { webSocket, connection, messages, closed };
}

/** Messages that are sent here arrive there next, one after the other; resolves with what has come. */
export async function carry(
  from: End,
  to: End,
  messages: readonly (string | Buffer)[],
): Promise<End["messages"]> {
  const before = to.messages.length;
  const last = before + messages.length;
  const arrived = new Promise<void>((resolve) => {
    to.webSocket.on("message", () => {
      if (to.messages.length === last) resolve();
    });
  });
  for (const message of messages) from.webSocket.send(message);
  await arrived;
  return to.messages.slice(before);
}
