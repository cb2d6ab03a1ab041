/** An origin whose answers are in the test's hands: it says nothing by itself, at no time. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { Arrivals } from "./arrivals.ts";

export interface HeldExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Its connection has ended. */
  readonly isOver: () => boolean;
}

export interface HeldOrigin {
  readonly url: string;
  readonly exchanges: Arrivals<HeldExchange>;
  close(): Promise<void>;
}

export async function startHeldOrigin(): Promise<HeldOrigin> {
  const exchanges = new Arrivals<HeldExchange>();
  const server = createServer((request, response) => {
    // An upload that breaks off is read to that end.
    request.on("error", () => undefined).resume();
    const { socket } = request;
    exchanges.add(request.url ?? "", { request, response, isOver: () => socket.destroyed });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
