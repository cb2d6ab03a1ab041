/**
 * Writes the head of a request (RFC 9112 §3). Its parts were checked where they were made: the target has the form of the URL
 * standard, and `Headers` takes no CR, LF or NUL. It is looked at once more here, since a line too many is another request.
 */

export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly host: string;
  readonly headers: Headers;
  /** How long the body is; absent: there is none. */
  readonly body: { readonly bytes: number } | "chunked" | undefined;
  /** The connection ends behind the answer. */
  readonly close: boolean;
}

export type WrittenHead =
  | { readonly kind: "head"; readonly bytes: Uint8Array }
  /** It would be none, or two. */
  | { readonly kind: "unsendable" }
  /** A value has bytes that are no UTF-8: `Headers` has replaced them, and only `fetch` still knows them. */
  | { readonly kind: "bytes-lost"; readonly bytes: Uint8Array };

const encoder = new TextEncoder();
const forbidden = /[\0\r\n]/;
/** In place of bytes that are no UTF-8. */
const replacement = "\uFFFD";

/** Framing, Host and the connection are written here, whatever the headers say of them. */
const ownNames: ReadonlySet<string> = new Set(["connection", "content-length", "host", "transfer-encoding"]);

export function writeRequestHead({ method, target, host, headers, body, close }: RequestHead): WrittenHead {
  let text = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n`;
  let isBroken = /[\0- \x7f]/.test(`${method}${target}${host}`);
  // oxlint-disable-next-line unicorn/no-array-for-each -- half the cost of an iterator of Headers
  headers.forEach((value, name) => {
    if (ownNames.has(name)) return;
    isBroken ||= forbidden.test(value);
    text += `${name}: ${value}\r\n`;
  });
  if (isBroken) return { kind: "unsendable" };
  if (close) text += "connection: close\r\n";
  const bytes = encoder.encode(`${text}${framing(method, body)}\r\n`);
  return { kind: text.includes(replacement) ? "bytes-lost" : "head", bytes };
}

function framing(method: string, body: RequestHead["body"]): string {
  if (body === "chunked") return "transfer-encoding: chunked\r\n";
  if (body !== undefined) return `content-length: ${body.bytes}\r\n`;
  // RFC 9110 §8.6: the methods that give a body a meaning say that there is none.
  return method === "GET" || method === "HEAD" ? "" : "content-length: 0\r\n";
}
