/**
 * The tunnel of WebSockets, on a workerd of one's own. The runtime gives JavaScript either a WebSocket's messages, without
 * back-pressure, or nothing at all, not even its end. So the runtime is let to speak WebSocket with the client and with the tunnel, as
 * if that were the origin, and hands bytes from one to the other; the tunnel is a socket of workerd's that leads back into this
 * isolate, where the bytes go to the origin's connection and back (`relay.ts`), with back-pressure, pings and all, and the end
 * is seen.
 *
 * The handshake is the runtime's: the origin gets its request, and it gets the origin's answer, as they are.
 */
import { connect as connectPublicly } from "cloudflare:sockets";

import type { Env } from "../../env.ts";
import { ConnectionFailed, malformed, type ConnectionFailure } from "../own-connection/connection-failed.ts";
import { unopened, type Connection, type Opening } from "../own-connection/exchange.ts";
import { HeadBuffer, type WholeHead } from "../own-connection/head-buffer.ts";
import { Incoming } from "../own-connection/incoming.ts";
import { openConnection } from "../own-connection/open-connection.ts";
import { endpointOf } from "../own-connection/endpoint.ts";
import { askedFor, requestTo, statusOf, withoutReuse } from "./handshake-bytes.ts";
import { SocketRelay, type RelayEnd } from "./relay.ts";
import { takeTicket, type Keeper, type Ticket } from "./tickets.ts";

/** More interim responses than any origin sends before its answer. */
const maxInterim = 16;
/** How often, and for how long at most, the tunnel looks whether it is to keep the slot: the request gives it a moment after the answer. */
const keeperEveryMs = 10;
const keeperLooks = 500;

/** Most sockets say little, and each waits for its next piece with so much memory in each direction. */
const firstBytes = 1_024;

/** What an invocation has. */
export interface Invocation {
  readonly env: Env;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Carries one WebSocket, from the handshake to its end. Never rejects. */
export async function serveTunnel(socket: Connection, invocation: Invocation): Promise<void> {
  const near = new Incoming(socket.readable, firstBytes);
  socket.closed.catch(() => undefined);
  try {
    const { head } = await readHead(near);
    const ticket = takeTicket(askedFor(head) ?? "");
    if (ticket !== undefined) await new Tunnel(socket, near, ticket).carry(head, invocation);
  } catch {
    // What came is no handshake of the runtime's.
  } finally {
    void near.cancel();
    socket.close().catch(() => undefined);
  }
}

interface HandshakeAnswer extends WholeHead {
  readonly status: number;
}

class Tunnel {
  readonly #socket: Connection;
  readonly #near: Incoming;
  readonly #ticket: Ticket;
  readonly #givenUp = new AbortController();
  /** The runtime says nothing before it is answered: what comes before is the end of the attempt. */
  readonly #first: Promise<Uint8Array | undefined>;
  #isAnswered = false;

  constructor(socket: Connection, near: Incoming, ticket: Ticket) {
    this.#socket = socket;
    this.#near = near;
    this.#ticket = ticket;
    this.#first = this.#readFirst();
  }

  async #readFirst(): Promise<Uint8Array | undefined> {
    const piece = await this.#near.read().catch(() => undefined);
    if (!this.#isAnswered) this.#givenUp.abort();
    return piece;
  }

  async carry(request: Uint8Array, invocation: Invocation): Promise<void> {
    let connection: Connection | undefined;
    try {
      const opening = await openConnection(
        connectPublicly,
        endpointOf(this.#ticket.url),
        this.#givenUp.signal,
      );
      ({ connection } = opening);
      const far = new Incoming(connection.readable, firstBytes);
      const status = await this.#answer(await this.#ask(opening, far, request), far);
      if (status === 101) await this.#relay(connection, far, invocation);
      else await this.#rest(far);
    } catch (error) {
      this.#ticket.failure = error instanceof ConnectionFailed ? error.failure : lost;
    } finally {
      connection?.close().catch(() => undefined);
    }
  }

  /** Sends the request, and awaits the origin's answer. */
  async #ask(
    { connection, unopened: unlike }: Opening,
    far: Incoming,
    request: Uint8Array,
  ): Promise<HandshakeAnswer> {
    connection.closed.catch(() => undefined);
    this.#givenUp.signal.addEventListener("abort", () => {
      void far.cancel();
      connection.close().catch(() => undefined);
    });
    await connection.opened.catch(() => {
      throw unopened(unlike);
    });
    this.#ticket.isOpen = true;
    const writer = connection.writable.getWriter();
    // If it fails, so does reading; and there may be an answer all the same.
    writer.write(requestTo(this.#ticket.url, request)).catch(() => undefined);
    writer.releaseLock();
    for (let interim = 0; interim <= maxInterim; interim++) {
      const whole = await readHead(far);
      const status = statusOf(whole.head);
      if (status === undefined) throw malformed("no status line");
      if (status === 101 || status >= 200) return { ...whole, status };
      far.putBack(whole.rest);
    }
    throw malformed("too many interim responses");
  }

  /** Passes the answer's head on. Returns its status. */
  async #answer({ head, rest, status }: HandshakeAnswer, far: Incoming): Promise<number> {
    this.#isAnswered = true;
    far.putBack(rest);
    const writer = this.#socket.writable.getWriter();
    await writer.write(status === 101 ? head : withoutReuse(head));
    writer.releaseLock();
    return status;
  }

  /** The origin has agreed. */
  async #relay(connection: Connection, far: Incoming, invocation: Invocation): Promise<void> {
    let first: Promise<Uint8Array | undefined> | undefined = this.#first;
    const client: RelayEnd = {
      read: () => {
        const piece = first ?? this.#near.read();
        first = undefined;
        return piece;
      },
      giveBack: (piece) => this.#near.giveBack(piece),
      writer: this.#socket.writable.getWriter(),
    };
    const origin: RelayEnd = {
      read: () => far.read(),
      giveBack: (piece) => far.giveBack(piece),
      writer: connection.writable.getWriter(),
    };
    const { env, waitUntil } = invocation;
    const relay = new SocketRelay(client, origin, newMask, this.#ticket.pingMs);
    const cut = (): void => relay.cut();
    void relay.closed.then(() => connection.close()).catch(() => undefined);
    const keeper = await keeperOf(this.#ticket);
    if (keeper === undefined) return cut();
    await keeper(relay.closed, { env, waitUntil, cut });
  }

  /** The origin's answer is another one: the rest of it goes to the runtime, and then the connection is over. */
  async #rest(far: Incoming): Promise<void> {
    const writer = this.#socket.writable.getWriter();
    const isRead = this.#first.then(() => "read" as const);
    for (;;) {
      const piece = await Promise.race([far.read(), isRead]);
      if (piece === undefined || piece === "read") break;
      await writer.write(piece);
    }
    await writer.close();
  }
}

const newMask = (): Uint8Array => crypto.getRandomValues(new Uint8Array(4));

const lost: ConnectionFailure = { kind: "reset", sent: "maybe", detail: "connection lost" };

async function readHead(from: Incoming): Promise<WholeHead> {
  const pieces = new HeadBuffer();
  for (;;) {
    const piece = await from.read();
    if (piece === undefined) throw new ConnectionFailed({ ...lost, detail: "closed without an answer" });
    const whole = pieces.push(piece);
    if (whole === "too-large") throw malformed("head too large");
    if (whole !== "incomplete") return whole;
  }
}

/** The request's keeper, which comes with the client's answer; `undefined`: the request is gone. */
async function keeperOf(ticket: Ticket): Promise<Keeper | undefined> {
  for (let looks = 0; ticket.keeper === undefined && looks < keeperLooks; looks++) {
    await new Promise((resolve) => setTimeout(resolve, keeperEveryMs));
  }
  return ticket.keeper;
}
