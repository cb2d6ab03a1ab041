/**
 * The client's request body, made ready before an origin is asked, so that a slow client holds no slot for it (seed: nginx's
 * `proxy_request_buffering`). It is taken in whole up to `buffer.request`: in memory while it comes fast and there is some (`gather-body.ts`), beyond that on
 * disk where there is one (`spooled-body.ts`); then it has a length, and can be sent again to another origin. A larger one is streamed, once
 * (`upload.ts`), after its first 64 KiB; with a disk after 1 MiB, so that a client which
 * announces a gigabyte and sends it byte by byte holds no slot. A client that pauses for too long, or is too slow, is given up
 * (`core/connections/client-pace.ts`).
 *
 * The rest of a body that is not wanted stays unread here; the answer may read on (`lingering.ts`).
 */

import type { BufferSpace, SpacePart } from "../../../core/buffering/buffer-space.ts";
import { wholeBodyMs, type PaceLimits } from "../../../core/connections/client-pace.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { Alarm } from "../../alarm.ts";
import { contentLength } from "../../transport/content-length.ts";
import { relay, type BodyStream } from "../attempt/upload.ts";
import type { ProxyError } from "../response/error-response.ts";
import { ClientBody } from "./client-body.ts";
import type { SpoolFile } from "./body-spool.ts";
import { endErrors, gatherBody, replayableBytes } from "./gather-body.ts";
import { spoolBody } from "./spooled-body.ts";

/** A body up to this size is taken by one call to the runtime, and its memory at once: that costs the least, and little is lost to a slow client. */
const atOnceBytes = 8_192;

/** A body is kept in memory up to this size, while it comes fast and there is memory. */
const memoryBytes = 1_048_576;

/** A body that has not come by then is that of a slow client, which costs an isolate disk and no memory. */
const slowAfterMs: Millis = 1_000;

/** A body that is too large to be taken in is sent on after so much of it, where there is a disk. */
const earnestBytes = 1_048_576;

/** What a body takes at least, with all that belongs to its request. */
const leastBytes = 1_024;

export type SendableBody =
  | { readonly kind: "none" }
  | { readonly kind: "buffered"; readonly bytes: Uint8Array<ArrayBuffer>; readonly kept: SpacePart }
  /** It is on disk. */
  | { readonly kind: "spooled"; readonly file: SpoolFile }
  | BodyStream;

/** The body, or why it cannot be sent. */
export type PreparedBody =
  | SendableBody
  | Extract<
      ProxyError,
      { kind: "client-gone" | "upload-timeout" | "body-too-large" | "unexpected-content" | "memory-short" }
    >;

export const isSendable = (body: PreparedBody): body is SendableBody =>
  body.kind === "none" || body.kind === "buffered" || body.kind === "spooled" || body.kind === "stream";

export interface BodyRules {
  /** The most that the route allows. */
  readonly maxBytes: number;
  /** The isolate's, for the bodies of all requests. */
  readonly memory: BufferSpace;
  /** Whose body it is: clients share the memory. */
  readonly client: string;
  /** How slow the client may be. */
  readonly upload: PaceLimits;
  /** A body up to this size is taken in before an origin is asked. */
  readonly bufferedBytes: number;
  /** Begins a file for a body that memory does not hold; gives `undefined` if there is no room. Absent: there is no disk. @param giveWay as of `BufferSpace.open`. */
  readonly spool: ((giveWay: () => void) => SpoolFile | undefined) | undefined;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Reads or opens the request's body. Never rejects. */
export async function prepareBody(request: Request, rules: BodyRules): Promise<PreparedBody> {
  if (request.body === null) return { kind: "none" };
  const length = contentLength(request.headers);
  if (request.method === "GET" || request.method === "HEAD")
    return refuseContent(request.body, length, rules.upload);
  return length !== undefined && length <= atOnceBytes
    ? takeAtOnce(request, length, rules)
    : takeIn(request, new ClientBody(request.body, rules.upload), length, rules);
}

async function takeAtOnce(
  request: Request,
  length: number,
  { memory, client, upload }: BodyRules,
): Promise<PreparedBody> {
  const given = Promise.withResolvers<"short">();
  const bytes = Math.max(length, leastBytes);
  const kept = memory.open(client, bytes, Date.now(), () => given.resolve("short"));
  if (kept === undefined) return endErrors.short;
  const taken = await readWhole(request, wholeBodyMs(length, upload), given.promise);
  if (taken instanceof ArrayBuffer) {
    memory.settle(kept);
    return { kind: "buffered", bytes: new Uint8Array(taken), kept };
  }
  memory.giveBack(kept);
  return endErrors[taken];
}

async function readWhole(
  request: Request,
  longestMs: Millis,
  given: Promise<"short">,
): Promise<ArrayBuffer | keyof typeof endErrors> {
  const alarm = new Alarm();
  try {
    const paused = new Promise<"stalled">((resolve) => alarm.set(longestMs, () => resolve("stalled")));
    return await Promise.race([request.arrayBuffer(), paused, given]);
  } catch {
    return "broken";
  } finally {
    alarm.stop();
  }
}

/** Takes the body in, if it ends in time; else relays it behind what was read of it. */
async function takeIn(
  request: Request,
  body: ClientBody,
  length: number | undefined,
  rules: BodyRules,
): Promise<PreparedBody> {
  const { maxBytes, memory, client, bufferedBytes, spool, waitUntil } = rules;
  const isBuffered = length === undefined || length <= bufferedBytes;
  const sinceMs = Date.now();
  const atMost = (): number => {
    const isSlow = spool !== undefined && Date.now() - sinceMs > slowAfterMs;
    return isBuffered && !isSlow ? clamp(bufferedBytes, replayableBytes, memoryBytes) : replayableBytes;
  };
  const gathered = await gatherBody(body, { length, maxBytes, memory, client, atMost });
  if (gathered.kind === "whole") return { kind: "buffered", bytes: gathered.bytes, kept: gathered.kept };
  if (gathered.kind !== "more") return gathered;
  memory.giveBack(gathered.kept);
  const isSpooled = gathered.head.byteLength <= bufferedBytes;
  const file = isSpooled ? spool?.(() => body.stop("short")) : undefined;
  if (file === undefined) return relay(request, body, gathered, length, maxBytes);
  const onDisk = isBuffered ? bufferedBytes : Math.min(earnestBytes, bufferedBytes);
  const spooled = await spoolBody(body, gathered, file, { atMost: onDisk, maxBytes });
  if (spooled.kind === "whole") return { kind: "spooled", file };
  if (spooled.kind !== "beginning") {
    waitUntil(file.remove());
    return spooled;
  }
  const stream = relay(
    request,
    body,
    { head: nothing, beginning: new ClientBody(file.open()) },
    length,
    maxBytes,
  );
  waitUntil(stream.uploaded.then(() => file.remove()));
  return stream;
}

const nothing = new Uint8Array();

const clamp = (bytes: number, least: number, most: number): number => Math.max(least, Math.min(bytes, most));

/**
 * `fetch` sends no content with GET and HEAD, where it means nothing (RFC 9110 §9.3.1). To drop it in silence would be to ask
 * the origin something else than the client did. Content of no bytes is none.
 */
async function refuseContent(
  stream: ReadableStream<Uint8Array>,
  length: number | undefined,
  limits: PaceLimits,
): Promise<PreparedBody> {
  if (length !== undefined) return { kind: length === 0 ? "none" : "unexpected-content" };
  const body = new ClientBody(stream, limits);
  const piece = await body.read(new ArrayBuffer(1));
  body.release();
  if (typeof piece !== "string") return { kind: "unexpected-content" };
  return piece === "end" ? { kind: "none" } : endErrors[piece];
}

/** A body that is on disk, as it is sent in one attempt. */
export const fromDisk = (request: Request, file: SpoolFile): BodyStream =>
  relay(request, new ClientBody(file.open()), { head: nothing }, file.bytes, Infinity);
