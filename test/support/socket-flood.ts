/** One WebSocket through Weir that carries much: messages to an origin that says them back, and what workerd has of memory meanwhile. */
import { once } from "node:events";

import { WebSocket } from "ws";

import { residentBytes } from "./resident-memory.ts";
import type { Stack } from "./stack.ts";

export interface Flood {
  /** The host of the route to an origin that says back what it hears. */
  readonly host: string;
  /** Messages of 1 MiB, each way. */
  readonly count: number;
}

export interface FloodMemory {
  /** The memory of workerd in bytes: before, at most, and when the socket is closed. */
  readonly before: number;
  readonly most: number;
  readonly after: number;
}

/** So many messages are under way at most. */
const window = 4;
const lookEvery = 8;

/** Sends all of them. Rejects if one does not come back as it was sent. */
export async function runSocketFlood(stack: Stack, { host, count }: Flood): Promise<FloodMemory> {
  const resident = (): Promise<number> => residentBytes(stack.weir.pid);
  const before = await resident();
  let most = before;
  const socket = new WebSocket(stack.url.replace("http", "ws"), {
    headers: { host },
    perMessageDeflate: false,
  });
  await once(socket, "open");
  const message = Buffer.alloc(2 ** 20, "flood");
  for (let sent = 0; sent < window; sent++) socket.send(message);
  let heard = 0;
  await new Promise<void>((resolve, reject) => {
    socket.on("message", (echo: Buffer) => {
      heard++;
      if (!message.equals(echo)) reject(new Error(`message ${heard} came back as another one`));
      if (heard + window <= count) socket.send(message);
      if (heard % lookEvery === 0) void resident().then((bytes) => (most = Math.max(most, bytes)));
      if (heard === count) resolve();
    });
    socket.on("close", () => reject(new Error(`closed after ${heard} messages`)));
  });
  const closed = once(socket, "close");
  socket.close();
  await closed;
  return { before, most, after: await resident() };
}
