/** A great many WebSockets at once through one workerd: all open, all say something and hear it back, all close. */
import { once } from "node:events";

import { WebSocket } from "ws";

import { residentBytes } from "./resident-memory.ts";
import { startSocketOrigin } from "./socket-origin.ts";
import { eventually, inFlight, startStack, type Stack } from "./stack.ts";

/** Weir before an origin, `site`, that says back what it hears. */
export async function startEchoStack(): Promise<{ readonly stack: Stack; stop(): Promise<void> }> {
  const origin = await startSocketOrigin({ echoes: true });
  const stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        site: { pools: [{ name: "home", origins: [{ name: "site", url: origin.url }] }], health: false },
      },
      routes: [{ upstream: "site" }],
    }),
  });
  return { stack, stop: () => Promise.all([stack.stop(), origin.close()]).then(() => undefined) };
}

export interface Crowd {
  /** The host of their route, and the origin that says back what it hears. */
  readonly host: string;
  readonly origin: string;
  readonly count: number;
}

export interface SocketCrowd {
  /** The first message that each got. */
  readonly firstMessages: readonly string[];
  /** The code that each was closed with. */
  readonly codes: readonly number[];
  /** The memory of workerd, in bytes: before, with all of them open, with none. */
  readonly resident: { readonly before: number; readonly open: number; readonly after: number };
  /** How long the opening took, and all of it. */
  readonly openMs: number;
  readonly totalMs: number;
}

/** Lets them come, all at once. Rejects if there is a time when the object does not count one slot for each of them. */
export async function runSocketCrowd(stack: Stack, { host, origin, count }: Crowd): Promise<SocketCrowd> {
  const resident = (): Promise<number> => residentBytes(stack.weir.pid);
  const slots = (open: number): Promise<void> =>
    eventually(`${open} slots`, async () => (await inFlight(stack))[origin] === open);
  const before = await resident();
  const startedMs = performance.now();
  const url = stack.url.replace("http", "ws");
  // As browsers do, they offer to compress.
  const sockets = Array.from({ length: count }, () => new WebSocket(url, { headers: { host } }));
  await Promise.all(sockets.map((socket) => once(socket, "open")));
  const openMs = performance.now() - startedMs;
  await slots(count);
  const firstMessages = await Promise.all(
    sockets.map(async (socket, index) => {
      const answer = once(socket, "message");
      socket.send(`hello ${index}`);
      return String((await answer)[0]);
    }),
  );
  const open = await resident();
  const codes = await Promise.all(
    sockets.map(async (socket) => {
      const end = once(socket, "close");
      socket.close(4000);
      return Number((await end)[0]);
    }),
  );
  await slots(0);
  const totalMs = performance.now() - startedMs;
  return { firstMessages, codes, resident: { before, open, after: await resident() }, openMs, totalMs };
}
