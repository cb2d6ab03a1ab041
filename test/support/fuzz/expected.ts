/**
 * What must arrive at either end of Weir, by what was sent: docs/http.md as a function. It is written apart from the Worker, and shares
 * nothing with it.
 */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";

import { statusOf, type Message } from "./message.ts";
import type { Body, Exchange, Field, FuzzRequest, FuzzResponse } from "./exchange.ts";

/** A message in the form in which two of them are compared. */
export interface Arrived {
  readonly line: string;
  /** By name; values of one name joined by commas, which means the same, but for cookies that are set. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly framing: Message["framing"];
  /** Its length and its digest: the difference between two large bodies takes minutes to print. */
  readonly body: string;
}

/** What stays on a connection, in either direction. */
const ofConnection = new Set(
  "connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade".split(
    " ",
  ),
);
/** What only Weir says of a client. Prefixes are told by their last character. */
const claims =
  "x-forwarded-* x-real-ip forwarded client-ip true-client-ip proxy x-weir-* cf-* x-request-id host".split(
    " ",
  );
/** Weir takes in as much of a body (`buffer.request`), and then knows its length. */
const takenInBytes = 67_108_864;
/** Each request has a number, by which its origin knows the answer. */
export const numberField = "Fuzz-Number";
/** Whatever it is: of this moment, or made at random. */
const anything = "…";

/** What the origin must get; `undefined`: nothing, for the request is refused with 400. */
export function expectedAtOrigin(
  { connection, request: { method, target, fields, body } }: Omit<Exchange, "response">,
  {
    number,
    originHost,
    clientHost,
  }: { readonly number: string; readonly originHost: string; readonly clientHost: string },
): Arrived | undefined {
  const bytes = bodyBytes(body);
  const hasContent = method !== "GET" && method !== "HEAD";
  if (!hasContent && bytes.length > 0) return undefined;
  const url = new URL(`http://${clientHost}${target}`);
  url.hash = "";
  if (isRefusedPath(url.pathname)) return undefined;
  const kept = sendable(passedOn(fields));
  const loop = kept["cdn-loop"];
  const framing = !hasContent
    ? "none"
    : body.framing === "chunked" && bytes.length > takenInBytes
      ? "chunked"
      : "length";
  return {
    // With one slash at its beginning.
    line: `${method} ${url.href.slice(url.origin.length).replace(/^\/+/, "/")} HTTP/1.1`,
    fields: {
      ...kept,
      [numberField.toLowerCase()]: number,
      host: originHost,
      // The client's is kept, and Weir's is added.
      "cdn-loop": loop === undefined ? anything : `${String(loop)}, ${anything}`,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": clientHost,
      "x-forwarded-proto": "http",
      "x-real-ip": "127.0.0.1",
      "x-request-id": anything,
      ...(goesAlone({ connection, fields }) && { connection: "close" }),
      ...(framing === "length" && { "content-length": String(bytes.length) }),
      ...(framing === "chunked" && { "transfer-encoding": "chunked" }),
    },
    framing,
    body: summary(bytes),
  };
}

/** Of a request's fields those that the origin gets. */
function passedOn(fields: readonly Field[]): Field[] {
  return fields.filter(([name]) => !isNominated(name, fields) && !isOfConnection(name) && !isClaim(name));
}

/** Whether it has a connection of its own: with bytes that are no UTF-8 it goes by `fetch`, which alone keeps them. */
function goesAlone({
  connection,
  fields,
}: Pick<Exchange, "connection"> & Pick<FuzzRequest, "fields">): boolean {
  return connection === "each" && passedOn(fields).every(([, value]) => isUtf8(Buffer.from(value, "latin1")));
}

/** What the client must get for what the origin answers. */
export function expectedAtClient({ connection, request, response }: Exchange): Arrived {
  const { status, reason, fields, body } = response;
  const bytes = bodyBytes(body);
  const isAlone = goesAlone({ connection, fields: request.fields });
  const passed = sendable(
    fields
      .filter(([name]) => !isNominated(name, fields) && !isOfConnection(name) && !/^x-weir-/i.test(name))
      .map(([name, value]): Field => [name, isAlone ? inUtf8(value) : value]),
  );
  const framing = framingAtClient(request, response);
  return {
    line: `HTTP/1.1 ${status} ${reason}`,
    fields: {
      ...passed,
      date: passed["date"] ?? anything,
      "x-request-id": anything,
    },
    framing,
    body: summary(framing === "none" ? Buffer.alloc(0) : bytes),
  };
}

function framingAtClient({ method }: FuzzRequest, { status, body }: FuzzResponse): Message["framing"] {
  if (method === "HEAD" || status === 204 || status === 304) return "none";
  return status === 205 || body.framing === "length" ? "length" : "chunked";
}

/** A message that has come, for comparison. Framing is compared by what it is, and not by its fields. */
export function arrived(message: Message, end: "origin" | "client"): Arrived {
  const { line, framing, body } = message;
  const fields: Record<string, string | readonly string[]> = joined(message.fields);
  if (fields["x-request-id"] !== undefined) fields["x-request-id"] = anything;
  const loop = fields["cdn-loop"];
  if (typeof loop === "string") fields["cdn-loop"] = loop.replace(/weir-[\da-f]{16}$/, anything);
  if (end === "client") {
    for (const name of ["connection", "content-length", "transfer-encoding"]) delete fields[name];
  }
  return { line, fields, framing, body: summary(body) };
}

/** The same, where the origin has not said when: any date will do. */
export function withoutDate(got: Arrived, { response }: Exchange): Arrived {
  const isDated = response.fields.some(
    ([name, value]) => name.toLowerCase() === "date" && value !== "" && !isNominated(name, response.fields),
  );
  return isDated || got.fields["date"] === undefined
    ? got
    : { ...got, fields: { ...got.fields, date: anything } };
}

function summary(bytes: Buffer): string {
  return `${bytes.length} bytes, ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
}

export function bodyBytes({ pieces }: Pick<Body, "pieces">): Buffer {
  return Buffer.concat(pieces);
}

function joined(fields: readonly Field[]): Record<string, string | string[]> {
  const found = Map.groupBy(fields, ([name]) => name.toLowerCase());
  return Object.fromEntries(
    [...found].map(([name, fields]) => {
      const values = fields.map(([, value]) => value);
      // A blank at the end, after the comma of an empty value, is no part of it.
      return [name, name === "set-cookie" ? values : values.join(", ").trimEnd()];
    }),
  );
}

/** A value's bytes as a connection of its own passes them in an answer: those that are no UTF-8 are Latin-1, and written in UTF-8. */
const inUtf8 = (value: string): string =>
  isUtf8(Buffer.from(value, "latin1")) ? value : Buffer.from(value).toString("latin1");

/** Fields whose names workerd has no number for, among those that are tried. */
const unlisted = /^(?:qq|x-|alt-svc$)/i;

/** The fields as the runtime reads them: for those that it has a number for, an empty value is none until there is another. */
function sendable(fields: readonly Field[]): Record<string, string | string[]> {
  const filled = new Set<string>();
  const read = fields.filter(([name, value]) => {
    const key = name.toLowerCase();
    if (value !== "") filled.add(key);
    return value !== "" || unlisted.test(name) || filled.has(key);
  });
  return joined(read);
}

/**
 * Whether some servers read a path otherwise: with dots of its own, or as the name of a host, once `%2F` and `%5C` are slashes and
 * parameters are cut.
 */
function isRefusedPath(path: string): boolean {
  if (/%(?![\da-f]{2})|%00/i.test(path)) return true;
  const decoded = path.replaceAll(/\/+/g, "/").replaceAll(/%2f|%5c/gi, "/");
  if (/^\/(?:;[^/]*)?\//.test(decoded)) return true;
  const segments = decoded.split("/");
  return segments.some((segment) => /^\.{1,2}$/.test(segment.replace(/;.*/, "")));
}

function isOfConnection(name: string): boolean {
  return ofConnection.has(name.toLowerCase());
}

function isNominated(name: string, fields: readonly Field[]): boolean {
  return fields.some(
    ([known, value]) =>
      known.toLowerCase() === "connection" &&
      value.split(",").some((option) => option.trim().toLowerCase() === name.toLowerCase()),
  );
}

function isClaim(name: string): boolean {
  // As CGI reads it.
  const known = name.toLowerCase().replaceAll(/[^a-z\d]/g, "-");
  return claims.some((claim) =>
    claim.endsWith("*") ? known.startsWith(claim.slice(0, -1)) : known === claim,
  );
}

/** Whether an answer is one that Weir makes of a request that `fetch` cannot send. */
export function isRefusal(message: Message): boolean {
  return statusOf(message) === 400;
}
