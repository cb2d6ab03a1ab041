/**
 * A proxy in Node with the floor's duties: Fastify and its `@fastify/reply-from`, which speaks to the origin by
 * undici. Of the proxies for Node that are kept up it is the fastest, half again as fast as `httpxy` and
 * `http-proxy-3`; `fast-proxy`, which it descends from, is archived.
 */
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/free-ports.ts";
import { startServerProcess } from "../../support/server-process.ts";
import type { Rung } from "../rung.ts";

export const nodeProxy: Rung = {
  name: "nodeProxy",
  what: "Node, @fastify/reply-from",
  async start(origin) {
    const port = await freePort();
    const server = fileURLToPath(import.meta.resolve("./node-proxy.server.ts"));
    return startServerProcess(
      process.execPath,
      [server, String(port), origin.url],
      `http://127.0.0.1:${port}`,
    );
  },
};
