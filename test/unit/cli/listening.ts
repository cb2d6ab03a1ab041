/** A server on a free port of this machine. */
import { once } from "node:events";
import type { Server } from "node:net";

/** Listens, and says on which port. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}
