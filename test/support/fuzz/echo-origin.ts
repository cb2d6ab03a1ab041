/** An origin that keeps what it gets, and answers what it is told, byte by byte. */
import assert from "node:assert/strict";

import { startStrictOrigin, type StrictOrigin } from "../strict-origin.ts";
import type { FuzzResponse } from "./exchange.ts";
import { bodyBytes, numberField } from "./expected.ts";
import { valuesOf, type Message } from "./message.ts";

export interface EchoOrigin extends StrictOrigin {
  /** Answers the request of this number, to this method. */
  setResponse(number: string, method: string, response: FuzzResponse): void;
  /** What came under this number, which is then forgotten. */
  takeMessages(number: string): Message[];
}

interface Told {
  readonly bytes: Buffer;
  readonly ends: boolean;
}

export async function startEchoOrigin(): Promise<EchoOrigin> {
  const told = new Map<string, Told>();
  const seen = new Map<string, Message[]>();
  const origin = await startStrictOrigin((socket, message) => {
    const number = valuesOf(message, numberField.toLowerCase()).join();
    const response = told.get(number);
    assert(response !== undefined, `no client sends "${message.line}"`);
    seen.set(number, [...(seen.get(number) ?? []), message]);
    socket.write(response.bytes);
    if (response.ends) socket.end();
  });
  return {
    ...origin,
    setResponse: (number, method, response) =>
      void told.set(number, {
        bytes: responseBytes(method, response),
        ends: response.body.framing === "close",
      }),
    takeMessages: (number) => {
      const messages = seen.get(number) ?? [];
      told.delete(number);
      seen.delete(number);
      return messages;
    },
  };
}

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
