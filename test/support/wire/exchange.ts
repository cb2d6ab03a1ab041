/** Sends vectors, and says in their own words what came of them. */
import { connect } from "node:net";

import type { Message } from "../fuzz/message.ts";
import { patienceMs } from "../patience.ts";
import { marker, pathOf, type Vector } from "./vector.ts";

const kinds = ["path", "hidden", "next"] as const;

/** The vector's bytes, with the paths of this number. */
export function bytesOf(text: string, index: number): string {
  return kinds.reduce((filled, kind) => filled.replaceAll(`{${kind}}`, pathOf(kind, index)), text);
}

/**
 * Sends the bytes on a connection of their own, and says that no more will come. Resolves with all that is answered before the
 * other end closes the connection as well, which it does when it has answered: so no test has to wait for a silence.
 */
export function sendAll(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = { host: hostname, port: Number(port), allowHalfOpen: true };
    const socket = connect(options, () => socket.end(Buffer.from(bytes, "latin1")));
    let received = "";
    socket
      .setEncoding("latin1")
      .setTimeout(patienceMs, () => socket.destroy(new Error("the connection stays open")));
    socket.on("data", (text: string) => {
      received += text;
    });
    socket.on("end", () => resolve(received));
    socket.on("error", reject);
  });
}

/** As `answered` of a vector has it. */
export function answeredBy(received: string): Vector["answered"] {
  const answers = received.split(/(?=HTTP\/1\.[01] \d{3} )/).filter((answer) => answer !== "");
  return answers.map((answer) => `${answer.slice(9, 12)}${whose(answer)}`).join(", ") || "closed";
}

function whose(answer: string): string {
  if (!/^x-request-id:/im.test(answer)) return " workerd";
  return /^cache-control: no-store/im.test(answer) ? " Weir" : "";
}

/** Whether the request came of the vector of this number. */
export function isOf({ line, fields, body }: Message, index: number): boolean {
  const text = [line, ...fields.map(([, value]) => value), body.toString("latin1")].join("\n");
  return kinds.some((kind) => text.includes(pathOf(kind, index)));
}

/** As `asked` of a vector has it. */
export function askedBy({ line, fields, body }: Message, index: number): string {
  const request = kinds.reduce(
    (filled, kind) => filled.replaceAll(pathOf(kind, index), `{${kind}}`),
    line.replace(/ HTTP\/1\.1$/, ""),
  );
  const own = fields.map(([name, value]) => `${name}: ${value}`).filter((field) => !isExpected(field));
  return [request, ...(body.length > 0 ? [`${body.length} bytes`] : []), ...own].join(", ");
}

/** Whether Weir has written it, of itself. On a connection of the request's own it says that it ends. */
const isExpected = (field: string): boolean =>
  field === "connection: close" || expected.has(field.slice(0, field.indexOf(":")));

/** What any request has when it gets to an origin. */
const expected = new Set([
  "cdn-loop",
  "content-length",
  "host",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "x-request-id",
  marker.toLowerCase(),
]);
