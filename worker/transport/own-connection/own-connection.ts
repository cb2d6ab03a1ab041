/**
 * The way over a connection of the request's own, beside `fetch`: a URL and an `init` as `fetch` takes them, and the answer as
 * `fetch` gives it, its redirects not followed and its body as the origin encoded it.
 */
import { contentLength } from "../content-length.ts";
import { ConnectionFailed } from "./connection-failed.ts";
import { exchange, type Left } from "./exchange.ts";
import { openConnection, type Connect } from "./open-connection.ts";
import { endpointOf } from "./endpoint.ts";
import { writeRequestHead } from "./request-head.ts";

/** What is sent. A body that is a stream has the length that its Content-Length says, or is sent in chunks. */
export interface OwnInit {
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  readonly signal?: AbortSignal;
}

export interface OwnTerms {
  /** The origin is told that the connection ends behind the answer. */
  readonly close: boolean;
  /** Told once what is left of the connection then. */
  readonly whenOver?: ((left: Left) => void) | undefined;
  /** Sends it in another way if values of the headers have bytes that are no UTF-8, which cannot be written here. */
  readonly otherwise?: (() => Promise<Response>) | undefined;
}

/** Sends a request. Rejects with a `ConnectionFailed`, or with the signal's reason. */
export function sendOnOwnConnection(
  connect: Connect,
  url: string,
  { method, headers, body, signal }: OwnInit,
  { close, whenOver, otherwise }: OwnTerms,
): Promise<Response> {
  const endpoint = endpointOf(url);
  const [stream, bytes] = body instanceof ReadableStream ? [body] : [undefined, body ?? undefined];
  const length = stream === undefined ? bytes?.byteLength : contentLength(headers);
  const framing = length !== undefined ? { bytes: length } : stream && "chunked";
  const { host, target } = endpoint;
  const head = writeRequestHead({ method, target, host, headers, body: framing, close });
  if (head.kind === "unsendable") {
    whenOver?.({ kind: "nothing" });
    const detail = "not a request that can be sent";
    return Promise.reject(new ConnectionFailed({ kind: "unsendable", sent: "no", detail }));
  }
  if (head.kind === "bytes-lost" && otherwise !== undefined) {
    whenOver?.({ kind: "nothing" });
    return otherwise();
  }
  const opening = openConnection(connect, endpoint, signal);
  const request = {
    method,
    head: bytes === undefined ? head.bytes : joined(head.bytes, bytes),
    ...(stream && { stream }),
    isChunked: framing === "chunked",
    signal,
    whenOver,
  };
  if (!(opening instanceof Promise)) return exchange(opening, request);
  return opening.then(
    (opened) => exchange(opened, request),
    (error: unknown) => {
      whenOver?.({ kind: "nothing" });
      throw error;
    },
  );
}

/** At one stroke, since most bodies are small. */
function joined(head: Uint8Array, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.byteLength + body.byteLength);
  bytes.set(head);
  bytes.set(body, head.byteLength);
  return bytes;
}
