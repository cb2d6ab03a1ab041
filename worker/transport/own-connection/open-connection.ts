/**
 * Opens a connection. The runtime says in the same words that a name is unknown, that a port is closed and that a certificate is
 * not believed; so TLS begins as a step of its own, on a connection that is known to be there, and its failure has its own name.
 */
import { late, unopened, type Opening } from "./exchange.ts";
import type { OriginEndpoint } from "./endpoint.ts";

export type Connect = (
  address: SocketAddress,
  options: SocketOptions,
) => Opening["connection"] & Pick<Socket, "startTls">;

const refused = { kind: "refused", detail: "no connection" } as const;
const untrusted = { kind: "tls", detail: "no TLS" } as const;

/** A plain connection is handed on before it is there. Rejects with a `ConnectionFailed`. */
export function openConnection(
  connect: Connect,
  { isSecure, address }: OriginEndpoint,
  signal: AbortSignal | undefined,
): Opening | Promise<Opening> {
  if (isSecure) return openSecurely(connect, address, signal);
  const connection = connect(address, { secureTransport: "off", allowHalfOpen: true });
  return { connection, unopened: refused };
}

async function openSecurely(
  connect: Connect,
  address: SocketAddress,
  signal: AbortSignal | undefined,
): Promise<Opening> {
  const plain = connect(address, { secureTransport: "starttls", allowHalfOpen: true });
  // It ends as soon as TLS takes it over; how it ends the other one tells.
  plain.closed.catch(() => undefined);
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(unopened(late));
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted === true) giveUp();
  try {
    await Promise.race([plain.opened, givenUp]);
  } catch {
    plain.close().catch(() => undefined);
    throw unopened(signal?.aborted === true ? late : refused);
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
  return { connection: plain.startTls(), unopened: untrusted };
}
