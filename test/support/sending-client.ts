/**
 * A client that sends all of its request before it reads, as most do (Python's `http.client`, for one): when its connection ends in the
 * meantime, what had come of the answer is lost with it.
 */
import { once } from "node:events";
import { connect } from "node:net";

import { patienceMs } from "./patience.ts";

/** Everything that has come when the connection ends, or when `isWhole` says so; or the system's error code. */
export async function sendThenRead(
  url: string,
  parts: Iterable<string | Buffer>,
  isWhole: (received: string) => boolean,
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).pause();
  const signal = AbortSignal.timeout(patienceMs);
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => (received += text));
  try {
    await once(socket, "connect", { signal });
    for (const part of parts) if (!socket.write(part)) await once(socket, "drain", { signal });
    socket.resume();
    while (!isWhole(received) && !socket.readableEnded) {
      await Promise.race([once(socket, "data", { signal }), once(socket, "end", { signal })]);
    }
    return received;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
  }
}

/** A whole answer with a length, or in chunks, or one that can have no body. */
export function isWholeAnswer(received: string): boolean {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const head = received.slice(0, end);
  if (head.startsWith("HTTP/1.1 204")) return true;
  if (/^transfer-encoding: chunked/im.test(head)) return received.endsWith("0\r\n\r\n");
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  return length !== undefined && received.length >= end + 4 + Number(length);
}

const piece = Buffer.alloc(65_536, "weir");

/** A request with a body of so many pieces of 64 KiB. */
export function* requestWith(
  line: string,
  host: string,
  framing: "length" | "chunked",
  pieces: number,
): Generator<string | Buffer> {
  const framed =
    framing === "length" ? `Content-Length: ${pieces * piece.byteLength}` : "Transfer-Encoding: chunked";
  yield `${line} HTTP/1.1\r\nHost: ${host}\r\n${framed}\r\n\r\n`;
  for (let nth = 0; nth < pieces; nth++) {
    if (framing === "chunked") yield "10000\r\n";
    yield piece;
    if (framing === "chunked") yield "\r\n";
  }
  if (framing === "chunked") yield "0\r\n\r\n";
}
