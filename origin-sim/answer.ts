/**
 * An answer as a value, and the one place that writes it: with backpressure, or broken off half way when a fault
 * says so.
 */
import type { ServerResponse } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array | BodyStream;
}

export interface BodyStream {
  /** Sent as Content-Length; absent: the body is chunked. */
  readonly length?: number;
  /** `closed` is aborted when the client reads no more; a stream that waits must then end. */
  chunks(closed: AbortSignal): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  return { status, headers: { "Content-Type": "application/json", ...headers }, body };
}

/**
 * Writes a whole answer. `done` is called when its last byte has been handed to the system, and never if the
 * client goes away first.
 */
export async function sendAnswer(response: ServerResponse, answer: Answer, done: () => void): Promise<void> {
  response.once("finish", done);
  writeHead(response, answer);
  const { body } = answer;
  if (body instanceof Uint8Array) {
    response.end(body.length > 0 ? body : undefined);
    return;
  }
  if (response.req.method !== "HEAD") await writeChunks(response, body, Number.POSITIVE_INFINITY);
  response.end();
}

/**
 * Writes the head and half the body (of a body without a length: its first byte), calls `done` and closes the
 * connection. Without a body to cut, the answer itself is missing.
 */
export async function sendCutAnswer(
  response: ServerResponse,
  answer: Answer,
  done: () => void,
): Promise<void> {
  const body = answer.body instanceof Uint8Array ? streamOf(answer.body) : answer.body;
  const hasBody = body.length !== 0 && response.req.method !== "HEAD";
  if (hasBody) {
    writeHead(response, answer);
    await writeChunks(response, body, body.length === undefined ? 1 : Math.floor(body.length / 2));
  }
  done();
  response.socket?.destroySoon();
}

function writeHead(response: ServerResponse, { status, headers, body }: Answer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body.length !== undefined && status !== 204 && status !== 304)
    response.setHeader("Content-Length", body.length);
}

/** Writes at most `limit` bytes of the body, no faster than the client reads. */
async function writeChunks(response: ServerResponse, body: BodyStream, limit: number): Promise<void> {
  const closed = new AbortController();
  const onClose = (): void => closed.abort();
  response.once("close", onClose);
  response.flushHeaders();
  let left = limit;
  for await (const chunk of body.chunks(closed.signal)) {
    if (response.destroyed || left <= 0) break;
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (!response.write(part)) await writable(response);
  }
  response.off("close", onClose);
}

/** Settles when the response takes more, or never will. */
function writable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle);
      response.off("close", settle);
      resolve();
    };
    response.on("drain", settle);
    response.on("close", settle);
  });
}

function streamOf(bytes: Uint8Array): BodyStream {
  return { length: bytes.length, chunks: () => [bytes] };
}
