/**
 * An origin that closes its connections behind each answer and says nothing of it, as uWSGI's `http-socket` does. It answers what
 * it was asked, and keeps it.
 */
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface TerseOrigin {
  readonly url: string;
  /** Method, target and body of each request. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

export async function startTerseOrigin(): Promise<TerseOrigin> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let text = "";
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.setEncoding("latin1").on("data", (piece: string) => {
      text += piece;
      const end = text.indexOf("\r\n\r\n");
      const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
      if (end === -1 || text.length < end + 4 + length) return;
      const [method = "", target = ""] = text.split(" ");
      const what = `${method} ${target} ${text.slice(end + 4)}`.trim();
      seen.push(what);
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${what.length}\r\n\r\n${what}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
