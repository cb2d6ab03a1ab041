/** An origin that is well, and has a page for everything that a client may make a server fail by: of each way one path. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface AttackedOrigin {
  readonly name: string;
  readonly url: string;
  close(): Promise<void>;
}

/** Every status that may speak against a server, and some that never do. */
const statuses = [400, 404, 429, 431, 500, 501, 502, 503, 504, 505, 507, 508, 510, 511, 520, 599];

/** What an attacker may ask for. */
export const paths = [
  ...statuses.map((status) => `/status/${status}`),
  "/reset",
  "/once",
  "/cut",
  "/nonsense",
  "/silent",
  "/late",
  "/large",
  "/refuses-uploads",
] as const;

/** What honest clients ask for, and probes; also with anything below it. */
export const goodPath = "/good";

/** Beyond it, it hangs up without a word, as uWSGI does at 4 KB. */
const maxHeaderSize = 8_192;
const lateMs = 30;
const large = Buffer.alloc(1_000_000, "large");

/** Starts it. It says its name on `goodPath`, with the length of the body that it has read. */
export async function startAttackedOrigin(name: string): Promise<AttackedOrigin> {
  const server = createServer({ maxHeaderSize, keepAliveTimeout: 600_000 }, (request, response) => {
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    answer(name, request, response);
  });
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Requests to `/once` that one of the origins has hung up on, by their ids: they are answered when they come again, here or elsewhere. */
const hungUpOn = new Set<string>();

function answer(name: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://origin.test");
  const [, first = "", second] = pathname.split("/");
  const status = first === "status" ? Number(second) : 200;
  switch (first) {
    case "reset":
      return void request.socket.resetAndDestroy();
    case "once": {
      const id = searchParams.get("id") ?? "";
      if (hungUpOn.delete(id)) break;
      hungUpOn.add(id);
      return void request.socket.resetAndDestroy();
    }
    case "cut":
      response.writeHead(200, { "Content-Length": 1_000 }).write("cut");
      return void setImmediate(() => request.socket.destroy());
    case "nonsense":
      return void request.socket.end("this is not HTTP\r\n\r\n");
    case "silent":
      return void request.resume();
    case "late":
      return void setTimeout(() => response.end("late"), lateMs);
    case "large":
      return void response.end(large);
    case "refuses-uploads":
      return void request
        .once("data", () => request.socket.resetAndDestroy())
        .once("end", () => response.end());
    default:
  }
  let bytes = 0;
  request.on("data", (chunk: Buffer) => (bytes += chunk.length));
  request.on("end", () => response.writeHead(status).end(JSON.stringify({ origin: name, bytes })));
}
