/** A client on a connection of its own that sends when it is told to, and goes away as it is told to. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { patienceMs } from "./patience.ts";

/** FIN: it closes the connection in the ordinary way; RST: it resets it. */
export type Leaving = "FIN" | "RST";

export class RawClient {
  readonly #socket: Socket;
  #received = "";
  #isClosed = false;

  constructor(url: string, bytes: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname, () => this.#socket.write(bytes, "latin1"));
    this.#socket.setEncoding("latin1").setNoDelay();
    this.#socket.on("data", (text: string) => (this.#received += text));
    this.#socket.on("close", () => (this.#isClosed = true));
    this.#socket.on("error", () => undefined);
  }

  /** Everything that has come. */
  get received(): string {
    return this.#received;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(bytes: string): void {
    this.#socket.write(bytes, "latin1");
  }

  /** Sends this, and resolves when it may send more. */
  async sends(bytes: string): Promise<void> {
    if (!this.#socket.write(bytes, "latin1")) await once(this.#socket, "drain");
  }

  /** Sends no more, but goes on reading. */
  endSending(): void {
    this.#socket.end();
  }

  /** Waits until this has come; rejects if it does not come. */
  async receives(text: string): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs);
    try {
      while (!this.#received.includes(text)) await once(this.#socket, "data", { signal });
    } catch (error) {
      throw new Error(`${JSON.stringify(text)} has not come`, { cause: error });
    }
  }

  stopReading(): void {
    this.#socket.pause();
  }

  leave(how: Leaving): void {
    if (how === "RST") this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }
}
