/** All origins of a config in one server: it says in each answer which of them was asked, and what it was told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Where an origin is in its config: the numbers of its upstream, its pool, and itself. */
export type Place = `${number}-${number}-${number}`;

export interface EchoSite {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  close(): Promise<void>;
}

/** An origin's path, by which its requests are told from those of others. */
export const pathOf = (place: Place): string => `/origin-${place}`;

/** Requests of a trial have this field, probes have not; its value is the status that the origin is to answer. */
export const statusField = "X-Trial-Status";

/** What an origin says of a request. */
export interface Echoed {
  readonly place: Place;
  readonly method: string;
  /** Without the origin's own path. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export async function startEchoSite(): Promise<EchoSite> {
  const server = createServer((request, response) => {
    // A route that has not read the body may lose the connection.
    request.resume().on("end", () => answer(request, response));
  });
  // A binding's `connect()` reaches a server as CONNECT: what is dialled through it, whatever its name, is this server.
  server.on("connect", (_request, socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    server.emit("connection", socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer({ url = "", method = "", headers }: IncomingMessage, response: ServerResponse): void {
  const { place, target = "" } = /^\/origin-(?<place>\d+-\d+-\d+)(?<target>.*)$/s.exec(url)?.groups ?? {};
  const told = headers[statusField.toLowerCase()];
  // Orders for instances, and probes.
  if (place === undefined || told === undefined) return void response.writeHead(200).end();
  const echoed = JSON.stringify({ place, method, target, headers });
  response.writeHead(Number(told), { "Content-Type": "application/json", "X-Echo": place }).end(echoed);
}
