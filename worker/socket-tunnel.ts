/** Where workerd hands over what comes on the tunnel's socket (`cli/workerd/capnp.ts`). On Cloudflare nothing calls it. */
import { WorkerEntrypoint } from "cloudflare:workers";

import type { Env } from "./env.ts";
import { serveTunnel } from "./transport/websocket/tunnel.ts";

export class SocketTunnel extends WorkerEntrypoint<Env> {
  override connect(socket: Socket): Promise<void> {
    return serveTunnel(socket, { env: this.env, waitUntil: (work) => this.ctx.waitUntil(work) });
  }
}
