/** Requests at random on the wire: on a connection of its own, one after the other without waiting for answers. */
import { connect } from "node:net";

import { chunked } from "./echo-origin.ts";
import type { FuzzRequest } from "./exchange.ts";
import { bodyBytes, numberField } from "./expected.ts";
import { readMessage, statusOf, type Message } from "./message.ts";
import { patienceMs } from "../patience.ts";

export interface NumberedRequest {
  readonly number: string;
  readonly host: string;
  readonly request: FuzzRequest;
}

/** Sends the requests at once; resolves with their answers, in order. Rejects if Weir hangs, hangs up or talks nonsense. */
export function send(url: string, requests: readonly NumberedRequest[]): Promise<Message[]> {
  const { hostname, port } = new URL(url);
  const bytes = requests.map((numbered, index) => requestBytes(numbered, index === requests.length - 1));
  return new Promise((resolve, reject) => {
    const answers: Message[] = [];
    let data: Buffer = Buffer.alloc(0);
    const socket = connect(Number(port), hostname, () => void socket.write(Buffer.concat(bytes)));
    const isAnswered = (): boolean => answers.length === requests.length && data.length === 0;
    const fail = (why: unknown): void => {
      socket.destroy();
      reject(new Error(`answer ${answers.length + 1} of ${requests.length}: ${String(why)}`));
    };
    const read = (ended: boolean): void => {
      for (;;) {
        const method = requests[answers.length]?.request.method ?? "GET";
        const message = readMessage(data, { answers: method, ended });
        if (message === undefined) break;
        data = data.subarray(message.bytes);
        // 100 is for a client that expects it, and no answer.
        if (statusOf(message) >= 200) answers.push(message);
      }
      if (answers.length < requests.length) return ended ? fail("Weir hung up") : undefined;
      if (answers.length > requests.length || data.length > 0) return fail("more than was asked for");
      if (ended) resolve(answers);
      return undefined;
    };
    const readSafely = (ended: boolean): void => {
      try {
        read(ended);
      } catch (error) {
        fail(error);
      }
    };
    socket.setTimeout(patienceMs, () => fail("Weir hangs"));
    // An origin that answers without reading a body may reset the connection then.
    socket.on("error", (error) => (isAnswered() ? resolve(answers) : fail(error)));
    socket.on("data", (piece) => {
      data = Buffer.concat([data, Buffer.from(piece)]);
      readSafely(false);
    });
    socket.on("end", () => readSafely(true));
    // The last word, if neither an end nor an error has been.
    socket.on("close", () => fail("the connection is gone"));
  });
}

function requestBytes({ number, host, request }: NumberedRequest, isLast: boolean): Buffer {
  const { method, target, fields, body } = request;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    `${numberField}: ${number}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(body.framing === "length" ? [`Content-Length: ${bodyBytes(body).length}`] : []),
    ...(body.framing === "chunked" ? ["Transfer-Encoding: chunked"] : []),
    ...(isLast ? ["Connection: close"] : []),
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return Buffer.concat([head, body.framing === "chunked" ? chunked(body.pieces) : bodyBytes(body)]);
}
