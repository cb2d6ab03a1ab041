/** Is a port free? Asked before anything is built, so that the answer comes at once and names the port. */
import { createServer } from "node:net";
import { ExpectedError } from "../expected-error.ts";

/** @throws ExpectedError if something listens on this port of 127.0.0.1, or it may not be used. */
export async function requireFreePort(port: number): Promise<void> {
  const code = await listenError(port);
  switch (code) {
    case undefined:
      return;
    case "EADDRINUSE":
      throw new ExpectedError(
        `Port ${port} is taken by another program.`,
        `Stop it (lsof -i :${port} names it), or choose another port: --port ${port < 65_535 ? port + 1 : port - 1}`,
      );
    case "EACCES":
      throw new ExpectedError(
        `Port ${port} may not be used by this user.`,
        "Choose one above 1023 with --port.",
      );
    default:
      throw new ExpectedError(`Port ${port} cannot be used: ${code}.`);
  }
}

export async function isFreePort(port: number): Promise<boolean> {
  return (await listenError(port)) === undefined;
}

async function listenError(port: number): Promise<string | undefined> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((done) => {
    server.once("error", done);
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => done(undefined));
  });
  if (error !== undefined) return error.code ?? error.message;
  await new Promise((done) => server.close(done));
  return undefined;
}
