/** Requests with bodies as workerd hands them over, made ready under no limit unless the test is about one. */
import { BufferSpace } from "../../../../../core/buffering/buffer-space.ts";
import {
  fromDisk,
  prepareBody as prepare,
  type BodyRules,
  type PreparedBody,
} from "../../../../../worker/proxy/request/request-body.ts";
import type { Source } from "../workerd-streams.ts";

const upload = { idleMs: 30_000, leastBytesPerSecond: 500 };

/** Under no limit, unless the test is about one. */
export const prepareBody = (request: Request, rules: Partial<BodyRules> = {}): Promise<PreparedBody> =>
  prepare(request, {
    maxBytes: Infinity,
    memory: new BufferSpace(10_000_000),
    client: "a",
    upload,
    bufferedBytes: 0,
    spool: undefined,
    waitUntil: () => undefined,
    ...rules,
  });

/** What an attempt would send. */
export function sent(prepared: PreparedBody): BodyInit | null {
  if (prepared.kind === "buffered") return prepared.bytes;
  if (prepared.kind === "stream") return prepared.stream;
  if (prepared.kind === "spooled") return fromDisk(new Request("http://weir.example/"), prepared.file).stream;
  return null;
}

export function requestOf(
  source: Source,
  init: { length?: number; method?: string; signal?: AbortSignal } = {},
): Request {
  const { length, method = "POST", signal } = init;
  const request = new Request("http://weir.example/", {
    method,
    ...(signal && { signal }),
    ...(length !== undefined && { headers: { "Content-Length": String(length) } }),
  });
  // As workerd hands it over; Node's constructor would refuse a body to GET.
  Object.defineProperty(request, "body", { value: source.stream });
  Object.defineProperty(request, "arrayBuffer", { value: () => new Response(source.stream).arrayBuffer() });
  return request;
}

export function streamed(prepared: PreparedBody): Extract<PreparedBody, { kind: "stream" }> {
  if (prepared.kind !== "stream") throw new Error(`a stream was expected, not ${prepared.kind}`);
  return prepared;
}

/** The bytes in pieces of the given sizes, and the rest in one. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let rest = bytes;
  for (const size of sizes) {
    pieces.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return [...pieces, rest];
}

export async function bytesOf(body: BodyInit | null): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

export const turnOfTheLoop = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
