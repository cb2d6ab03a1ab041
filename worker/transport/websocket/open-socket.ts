/**
 * Opens a WebSocket to an origin through the tunnel (`tunnel.ts`), where there is one. The socket that comes of it is handed to the
 * client as it is, so that the runtime passes bytes from one connection to the other and no message is ever held in JavaScript.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import type { OriginConfig } from "../../config/sections/origin.ts";
import { ConnectionFailed } from "../own-connection/connection-failed.ts";
import { late, unopened } from "../own-connection/exchange.ts";
import type { OwnInit } from "../own-connection/own-connection.ts";
import { transportFor } from "../transport.ts";
import { issueTicket, takeTicket, type Keeper, type Ticket } from "./tickets.ts";

const tunnelled = new WeakMap<WebSocket, Ticket>();

/**
 * Gives the slot of a WebSocket, which has been handed on as it is, to the tunnel that it goes through. `false`: it goes through
 * none, and its end is seen only if it is accepted here.
 */
export function keepInTunnel(webSocket: WebSocket, keeper: Keeper): boolean {
  const ticket = tunnelled.get(webSocket);
  if (ticket === undefined) return false;
  ticket.keeper = keeper;
  return true;
}

/** Sends the handshake. Rejects as `Transport.send` does. @param pingMs for so long an end of the WebSocket may be silent before it is pinged. */
export function openSocket(
  via: OriginConfig["via"],
  url: string,
  init: OwnInit,
  bindings: object,
  pingMs: Millis,
): Promise<Response> {
  const tunnel: unknown = Reflect.get(bindings, "WEIR_SOCKETS");
  return via === "fetch" && isTunnel(tunnel)
    ? throughTunnel(tunnel, url, init, pingMs)
    : transportFor(via, bindings).send(url, init);
}

async function throughTunnel(
  tunnel: Pick<Fetcher, "fetch">,
  url: string,
  init: OwnInit,
  pingMs: Millis,
): Promise<Response> {
  const { signal } = init;
  const { name, ticket } = issueTicket(url, pingMs);
  try {
    const response = await tunnel.fetch(`http://tunnel/${name}`, {
      ...init,
      redirect: "manual",
      encodeResponseBody: "manual",
    });
    if (response.webSocket !== null) tunnelled.set(response.webSocket, ticket);
    return response;
  } catch (error) {
    if (signal?.aborted === true && !ticket.isOpen) throw unopened(late);
    throw ticket.failure === undefined ? error : new ConnectionFailed(ticket.failure);
  } finally {
    takeTicket(name);
  }
}

function isTunnel(bound: unknown): bound is Pick<Fetcher, "fetch"> {
  return typeof bound === "object" && bound !== null && "fetch" in bound && typeof bound.fetch === "function";
}
