/**
 * An origin that reads strictly what it is sent, on connections that stay: where one message has a byte too many, the next one on
 * that connection begins with it.
 */
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

import { readMessage, type Message } from "./fuzz/message.ts";

export interface StrictOrigin {
  readonly url: string;
  /** What came and was no request. */
  readonly nonsense: readonly string[];
  close(): Promise<void>;
}

/** `answer` writes the response to a request; what it throws is taken for the request's fault. */
export async function startStrictOrigin(
  answer: (socket: Socket, message: Message) => void,
): Promise<StrictOrigin> {
  const nonsense: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let data: Buffer = Buffer.alloc(0);
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    socket.on("data", (piece) => {
      data = Buffer.concat([data, Buffer.from(piece)]);
      try {
        for (let message = readMessage(data); message !== undefined; message = readMessage(data)) {
          data = data.subarray(message.bytes);
          answer(socket, message);
        }
      } catch (error) {
        nonsense.push(`${String(error)}: ${data.toString("latin1")}`);
        socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nonsense,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
