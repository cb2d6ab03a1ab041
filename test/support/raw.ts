/** Requests byte by byte, for what a well-behaved client never sends. */
import { connect } from "node:net";

import { patienceMs } from "./patience.ts";

/**
 * Sends the bytes on a connection of its own; resolves with all that comes back before it closes.
 * @param isWhole whether what has come is all there will be, for an answer that leaves the connection open.
 */
export function sendRaw(
  url: string,
  bytes: string | Buffer,
  isWhole: (received: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = "";
    const finish = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket
      .setEncoding("latin1")
      .setTimeout(patienceMs, () => socket.destroy(new Error("the connection stays open")));
    socket.on("data", (text: string) => {
      received += text;
      if (isWhole(received)) finish();
    });
    socket.on("end", finish);
    socket.on("error", reject);
  });
}

/** The status of a raw answer; 0: there was none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}

/** Sends a request of these lines on a connection of its own; Host is added where it is missing. */
export function sendRequest(url: string, head: readonly string[], body = ""): Promise<string> {
  const [line = "", ...fields] = head;
  const host = fields.some((field) => /^host:/i.test(field)) ? [] : ["Host: site.test"];
  const text = [line, ...host, "Connection: close", ...fields, "", body].join("\r\n");
  return sendRaw(url, Buffer.from(text, "latin1"));
}

/** The fields of a message, in their order; names in lower case. */
export function fieldsOf(message: string): [string, string][] {
  const [, ...lines] = message.slice(0, message.indexOf("\r\n\r\n")).split("\r\n");
  return lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
}

/** What the fields of a name say, in their order. */
export function values(message: string, name: string): string[] {
  return fieldsOf(message).flatMap(([known, value]) => (known === name ? [value] : []));
}

export function bodyOf(message: string): string {
  return message.slice(message.indexOf("\r\n\r\n") + 4);
}
