/**
 * The heads of a handshake as bytes: what the tunnel reads, and changes, of the runtime's request and of the origin's answer. All
 * else goes as it is, also a value whose bytes are no UTF-8.
 */
import { endpointOf } from "../own-connection/endpoint.ts";

const latin1 = new TextDecoder("latin1");
const encoder = new TextEncoder();

/** What the runtime asks the tunnel for: a name behind a slash; `undefined`: it is another request. */
export function askedFor(head: Uint8Array): string | undefined {
  return /^GET \/([\w-]{1,64}) HTTP\/1\.1\r\n/.exec(latin1.decode(head.subarray(0, 128)))?.[1];
}

/** The runtime's request as the origin is to get it: for this URL, under its host. */
export function requestTo(url: string, head: Uint8Array): Uint8Array {
  const { host, target } = endpointOf(url);
  const fields = linesOf(head).filter((line) => !isField("host:", line));
  return joined([encoder.encode(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n`), ...fields.slice(1)]);
}

/** The status of an answer; `undefined`: it has none. */
export function statusOf(head: Uint8Array): number | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(latin1.decode(head.subarray(0, 12)))?.[1];
  return status === undefined ? undefined : Number(status);
}

/** The answer's head, but saying that the connection ends behind it: the tunnel serves no second request. */
export function withoutReuse(head: Uint8Array): Uint8Array {
  const fields = linesOf(head).filter((line) => !isField("connection:", line));
  return joined([...fields.slice(0, -1), encoder.encode("Connection: close\r\n\r\n")]);
}

/** The lines, with their ends; the last one is empty. */
function linesOf(head: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < head.byteLength;) {
    const end = head.indexOf(10, at) + 1 || head.byteLength;
    lines.push(head.subarray(at, end));
    at = end;
  }
  return lines;
}

const isField = (name: string, line: Uint8Array): boolean =>
  latin1.decode(line.subarray(0, name.length)).toLowerCase() === name;

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let filled = 0;
  for (const part of parts) {
    bytes.set(part, filled);
    filled += part.byteLength;
  }
  return bytes;
}
