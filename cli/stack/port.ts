/** Is a port free? Asked before anything is built, so that the answer comes at once and names the port. */
import { createServer } from "node:net";
import { ExpectedError } from "../expected-error.ts";

/** @throws ExpectedError if something listens on this port of 127.0.0.1, or it may not be used. */
export async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen({ host: "127.0.0.1", port, exclusive: true }, done);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") {
      throw new ExpectedError(
        `Port ${port} is taken by another program.`,
        `Stop it, or choose another port: --port ${port < 65_535 ? port + 1 : port - 1}`,
      );
    }
    if (error.code === "EACCES") {
      throw new ExpectedError(
        `Port ${port} may not be used by this user.`,
        "Choose one above 1023 with --port.",
      );
    }
    throw error;
  });
  await new Promise((done) => server.close(done));
}
