/** An origin that answers byte by byte what it is told to, and keeps what it was asked, byte by byte. */
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface RawOrigin {
  readonly url: string;
  /** Answers requests for this path, below any prefix, with these bytes, and closes the connection. */
  answer(path: string, bytes: string | Buffer): void;
  /** The requests so far, head and what has come of the body, in the order of their arrival. */
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

export interface SeenRequest {
  readonly text: string;
  /** The connection has ended. */
  readonly over: boolean;
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** The answer, which says that the connection ends with it: else the next request may be sent on one that is ending. */
function closing(bytes: string | Buffer): Buffer {
  const text = typeof bytes === "string" ? bytes : bytes.toString("latin1");
  const head = text.slice(0, text.lastIndexOf("\r\n\r\n"));
  const said = /^connection:/im.test(head)
    ? text
    : text.replace(/^HTTP\/1\.[01] (?!1\d\d)[^\r\n]*\r\n/m, "$&Connection: close\r\n");
  return Buffer.from(said, "latin1");
}

export async function startRawOrigin(): Promise<RawOrigin> {
  const answers = new Map<string, string | Buffer>();
  const requests: { text: string; over: boolean }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const seen = { text: "", over: false };
    requests.push(seen);
    sockets.add(socket);
    socket.setEncoding("latin1").on("error", () => undefined);
    socket.on("close", () => {
      seen.over = true;
      sockets.delete(socket);
    });
    socket.on("data", (text: string) => {
      const before = isWhole(seen.text);
      seen.text += text;
      if (before || !isWhole(seen.text)) return;
      const path = /^\S+ (\S+)/.exec(seen.text)?.[1] ?? "";
      const known = [...answers.keys()].find((known) => path.endsWith(known));
      socket.end(closing(answers.get(known ?? "") ?? ok));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answer: (path, bytes) => void answers.set(path, bytes),
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whether head and body of a request have arrived. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const head = text.slice(0, end);
  if (/^transfer-encoding: chunked/im.test(head)) return text.includes("\r\n0\r\n", end);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  return text.length >= end + 4 + length;
}
