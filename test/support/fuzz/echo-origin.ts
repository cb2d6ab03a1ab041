/**
 * An origin that keeps what it gets, and answers what it is told, byte by byte and on connections that stay: a byte too many
 * in one message is one too many before the next.
 */
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

import type { FuzzResponse } from "./exchange.ts";
import { bodyBytes, numberField } from "./expected.ts";
import { readMessage, valuesOf, type Message } from "./message.ts";

export interface EchoOrigin {
  readonly url: string;
  /** Answers the request of this number, to this method. */
  tell(number: string, method: string, response: FuzzResponse): void;
  /** What came under this number, which is then forgotten. */
  take(number: string): Message[];
  /** What was no request at all. */
  readonly nonsense: readonly string[];
  close(): Promise<void>;
}

interface Told {
  readonly bytes: Buffer;
  readonly ends: boolean;
}

export async function startEchoOrigin(): Promise<EchoOrigin> {
  const told = new Map<string, Told>();
  const seen = new Map<string, Message[]>();
  const nonsense: string[] = [];
  const sockets = new Set<Socket>();
  const answer = (socket: Socket, message: Message): void => {
    const number = valuesOf(message, numberField.toLowerCase()).join();
    const { bytes, ends } = told.get(number) ?? { bytes: unknown, ends: false };
    if (bytes === unknown) nonsense.push(message.line);
    seen.set(number, [...(seen.get(number) ?? []), message]);
    socket.write(bytes);
    if (ends) socket.end();
  };
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
        nonsense.push(String(error));
        socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tell: (number, method, response) =>
      void told.set(number, {
        bytes: responseBytes(method, response),
        ends: response.body.framing === "close",
      }),
    take: (number) => {
      const messages = seen.get(number) ?? [];
      told.delete(number);
      seen.delete(number);
      return messages;
    },
    nonsense,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const unknown = Buffer.from("HTTP/1.1 500 Unknown\r\nContent-Length: 0\r\n\r\n");

/** The response to a request of this method, on the wire. */
function responseBytes(method: string, { status, reason, fields, body }: FuzzResponse): Buffer {
  const { framing } = body;
  const content = bodyBytes(body);
  const framed =
    framing === "length"
      ? [`Content-Length: ${content.length}`]
      : framing === "chunked"
        ? ["Transfer-Encoding: chunked"]
        : status === 205
          ? ["Content-Length: 0"]
          : [];
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  // It says so: a response without a body is over before its connection is, which must not be used again.
  if (framing === "close") lines.push("Connection: close");
  const head = [`HTTP/1.1 ${status} ${reason}`, ...lines, ...framed, "", ""].join("\r\n");
  const sent = method === "HEAD" ? Buffer.alloc(0) : framing === "chunked" ? chunked(body.pieces) : content;
  return Buffer.concat([Buffer.from(head, "latin1"), sent]);
}

/** The pieces as chunks; one of no bytes would be the last. */
export function chunked(pieces: readonly Uint8Array[]): Buffer {
  const chunks = pieces
    .filter(({ length }) => length > 0)
    .flatMap((piece) => [Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}
