/**
 * The far end of a connection, in a test's hands: it says what an origin does, piece by piece, and sees what has reached it. The near
 * end behaves as one of workerd's `connect()`, as far as Weir relies on that: what is written waits until the connection is there; each
 * read gives one piece of what has come; one that is refused or reset breaks in both directions.
 */
import { afterEach, beforeEach } from "vitest";

import type { Connect } from "../../../worker/transport/own-connection/open-connection.ts";
import { connectBy } from "../../support/no-sockets.ts";

type NearEnd = ReturnType<Connect>;

const { setTimeout: setRealTimeout } = globalThis;

/** Lets everything run that waits neither for a far end nor for time. */
export const settle = (): Promise<void> => new Promise((resolve) => void setRealTimeout(resolve, 0));

const lost = (): Error => new Error("Network connection lost.");

export class FarEnd {
  /** What Weir has of it. */
  readonly connection: NearEnd;
  /** What has reached this end so far, a character a byte; and in how many pieces. */
  heard = "";
  pieces = 0;
  /** How often Weir has waited for something to be said. */
  awaited = 0;
  /** Whether Weir has closed the connection, ended or aborted its direction of it, or wants to hear no more. */
  isClosed = false;
  isEnded = false;
  isAborted = false;
  isLeft = false;
  /** The connection that TLS made of this one. */
  secured: FarEnd | undefined;
  readonly #said: (Uint8Array | "end" | "reset")[] = [];
  readonly #opened = Promise.withResolvers<SocketInfo>();
  readonly #closed = Promise.withResolvers<void>();
  #down: ReadableByteStreamController | undefined;
  #up: WritableStreamDefaultController | undefined;
  #isAwaited = false;
  #isTaking = true;
  #untaken: PromiseWithResolvers<void> | undefined;

  constructor() {
    // Not all that reads or writes a connection looks at its end.
    this.#closed.promise.catch(() => undefined);
    this.connection = {
      readable: new ReadableStream(this.#source as object),
      writable: new WritableStream<Uint8Array>(this.#sink),
      opened: this.#opened.promise,
      closed: this.#closed.promise,
      close: async () => {
        this.isClosed = true;
        this.#closed.resolve();
      },
      startTls: () => (this.secured = new FarEnd()).connection as Socket,
    };
  }

  get #source(): UnderlyingByteSource {
    return {
      type: "bytes",
      start: (controller) => void (this.#down = controller),
      pull: () => {
        this.awaited += 1;
        this.#isAwaited = true;
        this.#sayNext();
      },
      cancel: () => void (this.isLeft = true),
    };
  }

  get #sink(): UnderlyingSink<Uint8Array> {
    return {
      start: (controller) => {
        this.#up = controller;
        return this.#opened.promise.then(() => undefined);
      },
      write: async (piece) => {
        const text = Buffer.from(piece).toString("latin1");
        this.pieces += 1;
        if (!this.#isTaking) await (this.#untaken = Promise.withResolvers<void>()).promise;
        this.heard += text;
      },
      close: () => void (this.isEnded = true),
      abort: () => void (this.isAborted = true),
    };
  }

  /** The connection is there. */
  accepts(): this {
    this.#opened.resolve({});
    return this;
  }

  /** There is no connection. */
  refuses(): void {
    const error = new Error("proxy request failed, cannot connect to the specified address");
    this.#opened.reject(error);
    this.#closed.reject(error);
    this.#down?.error(error);
  }

  /** Each piece comes by itself, when it is read; in the text each character is a byte. */
  says(...pieces: readonly (string | Uint8Array)[]): this {
    for (const piece of pieces) {
      const bytes =
        typeof piece === "string" ? Uint8Array.from(piece, (char) => char.charCodeAt(0)) : piece.slice();
      if (bytes.byteLength > 0) this.#said.push(bytes);
    }
    this.#sayNext();
    return this;
  }

  /** Says no more, behind what it has said. */
  ends(): void {
    this.#said.push("end");
    this.#sayNext();
  }

  /** The connection breaks; what was said before still comes. */
  resets(): void {
    const error = lost();
    this.#said.push("reset");
    this.#sayNext();
    this.#up?.error(error);
    this.#untaken?.reject(error);
    this.#closed.reject(error);
  }

  /** Takes nothing of what is written from now on. */
  stalls(): this {
    this.#isTaking = false;
    return this;
  }

  /** Takes what has waited, and what comes. */
  takes(): void {
    this.#isTaking = true;
    this.#untaken?.resolve();
  }

  #sayNext(): void {
    const next = this.#isAwaited && !this.isLeft ? this.#said.shift() : undefined;
    if (next === undefined || this.#down === undefined) return;
    this.#isAwaited = false;
    if (next === "reset") this.#down.error(lost());
    else if (next === "end") {
      this.#down.close();
      this.#down.byobRequest?.respond(0);
    } else this.#down.enqueue(next);
  }
}

/** An address that was dialled, and the far end of that connection. */
export interface Dialled {
  readonly address: SocketAddress;
  readonly options: SocketOptions;
  readonly end: FarEnd;
}

/** A network: each connection that Weir opens has its far end here, in the order in which they were dialled. */
export class FarEnds {
  readonly dialled: Dialled[] = [];
  #onDialled: (end: FarEnd) => void = () => undefined;

  readonly connect: Connect = (address, options) => {
    const end = new FarEnd();
    this.dialled.push({ address, options, end });
    this.#onDialled(end);
    return end.connection;
  };

  get last(): FarEnd | undefined {
    return this.dialled.at(-1)?.end;
  }

  /** The far end of the next connection that Weir opens. */
  next(): Promise<FarEnd> {
    return new Promise((resolve) => {
      this.#onDialled = resolve;
    });
  }
}

/** Puts a network in the place of the public one, for every test of the file. */
export function playNetwork(): FarEnds {
  const network = new FarEnds();
  beforeEach(() => {
    network.dialled.length = 0;
    connectBy(network.connect);
  });
  afterEach(() => {
    connectBy();
  });
  return network;
}
