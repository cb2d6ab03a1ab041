/**
 * What the request that opens a WebSocket, and the invocation that carries its bytes (`tunnel.ts`), know of each other. Both are in
 * one isolate, but on workerd neither may wait for the other's promises or use its connections: they share plain data.
 *
 * A ticket is good once and for a moment, and its name cannot be guessed: whatever else may dial the tunnel's socket gets nothing.
 */
import type { AnswerEnd } from "../../../core/health/judgement.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { ConnectionFailure } from "../own-connection/connection-failed.ts";
import type { Env } from "../../env.ts";

/** What an invocation lends to the work that ends its WebSocket. */
export interface TunnelIo {
  readonly env: Env;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Ends the WebSocket; both ends are told. */
  readonly cut: () => void;
}

/** Keeps the slot until the WebSocket is over, closes it, and writes the log. */
export type Keeper = (closed: Promise<AnswerEnd>, io: TunnelIo) => Promise<void>;

export interface Ticket {
  /** What the origin is asked for. */
  readonly url: string;
  /** For so long an end may be silent before it is pinged. */
  readonly pingMs: Millis;
  /** There is a connection to the origin. */
  isOpen: boolean;
  /** Why there is no answer. */
  failure: ConnectionFailure | undefined;
  /** Set when the client has been given its end. */
  keeper: Keeper | undefined;
}

const issued = new Map<string, Ticket>();

/** A new ticket, under a name of its own. */
export function issueTicket(url: string, pingMs: Millis): { readonly name: string; readonly ticket: Ticket } {
  const name = crypto.randomUUID();
  const ticket = { url, pingMs, isOpen: false, failure: undefined, keeper: undefined };
  issued.set(name, ticket);
  return { name, ticket };
}

/** The ticket of this name, which is good no more. */
export function takeTicket(name: string): Ticket | undefined {
  const ticket = issued.get(name);
  issued.delete(name);
  return ticket;
}
