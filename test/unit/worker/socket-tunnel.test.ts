/** What comes on the tunnel's socket is carried in the invocation that workerd makes for it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { SocketTunnel } from "../../../worker/socket-tunnel.ts";
import { issueTicket, type TunnelIo } from "../../../worker/transport/websocket/tickets.ts";
import { FarEnd, playNetwork, settle } from "./far-end.ts";
import { fakeEnv, fakeUpstream } from "./fake-objects.ts";

const network = playNetwork();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a socket with a ticket is carried to its end, with the bindings and the `waitUntil` of its own invocation", async () => {
  const env = fakeEnv(fakeUpstream());
  const promised: Promise<unknown>[] = [];
  const ctx = { waitUntil: (work: Promise<unknown>) => void promised.push(work) };
  const { name, ticket } = issueTicket("http://10.0.0.5/chat", 60_000);
  let io: TunnelIo | undefined;
  ticket.keeper = async (closed, lent) => {
    io = lent;
    lent.waitUntil(closed);
    await closed;
  };
  const runtime = new FarEnd().accepts().says(`GET /${name} HTTP/1.1\r\n\r\n`);
  const over = new SocketTunnel(ctx as ExecutionContext, env).connect(runtime.connection as Socket);
  await settle();
  network.last?.accepts().says("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  await settle();
  expect(io?.env).toBe(env);
  network.last?.ends();
  await over;
  expect(await Promise.all(promised)).toEqual(["cut-by-origin"]);
});
