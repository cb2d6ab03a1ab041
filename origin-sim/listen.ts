/**
 * A TCP server that can be taken away and brought back on the same port, as when a process dies and is restarted.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

export class Listener {
  readonly #server: Server;
  readonly #owner: string;
  readonly #host: string;
  readonly #sockets = new Set<Socket>();

  /** `owner` names the server in error messages. */
  constructor(server: Server, owner: string, host: string) {
    this.#server = server;
    this.#owner = owner;
    this.#host = host;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      // A reset by the other side matters only to the reader of the socket, which is told of its end.
      socket.on("error", () => undefined);
    });
  }

  /** Listens on the port (0: any free one) and returns it. Rejects with a message for the user if it cannot. */
  open(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => reject(this.#explain(error, port));
      this.#server.once("error", onError);
      this.#server.listen(port, this.#host, () => {
        this.#server.off("error", onError);
        const address = this.#server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  }

  /** Stops listening and destroys every connection, upgraded ones too. Settles when the port is free. */
  close(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #explain(error: NodeJS.ErrnoException, port: number): Error {
    const where = `port ${port} on ${this.#host}`;
    const advice = `stop what listens there (lsof -i :${port} names it) or choose another port`;
    const messages: Record<string, string> = {
      EADDRINUSE: `${this.#owner}: ${where} is taken; ${advice}`,
      EACCES: `${this.#owner}: no permission to listen on ${where}; choose one above 1023`,
    };
    const message =
      messages[error.code ?? ""] ?? `${this.#owner}: cannot listen on ${where}: ${error.message}`;
    return new Error(message, { cause: error });
  }
}
