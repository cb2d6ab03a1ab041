/**
 * One request and its answer on a connection of their own (RFC 9112). No other request was ever on it or will be, so none can be
 * lost to an origin that closes it behind an answer, and nothing on it can be taken for another request's. Unlike `fetch` this way
 * tells a connection that could not be opened from one that broke.
 *
 * An origin may answer before it has the whole body: its answer is passed on while the upload goes on, and when the answer is
 * over, the upload ends shortly after.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import { sendableReason } from "../sendable-reason.ts";
import { answerBody } from "./answer-body.ts";
import { bodyFraming, saysClose, type BodyFraming } from "./body-framing.ts";
import { ConnectionFailed, malformed, type ConnectionFailure } from "./connection-failed.ts";
import { HeadBuffer } from "./head-buffer.ts";
import { Incoming } from "./incoming.ts";
import { parseResponseHead, type ResponseHead } from "./response-head.ts";
import { sendBody } from "./upload.ts";

/** The part of a `Socket` that is used. */
export type Connection = Pick<Socket, "readable" | "writable" | "opened" | "closed" | "close">;

/** A connection, and what it means when it does not come about: its `opened` rejects in the same words whatever the cause. */
export interface Opening {
  readonly connection: Connection;
  readonly unopened: Pick<ConnectionFailure, "kind" | "detail">;
}

export interface OwnRequest {
  readonly method: string;
  /** As it is to be written. */
  readonly head: Uint8Array;
  /** Absent: it is in the head already, or there is none. */
  readonly stream?: ReadableStream<Uint8Array>;
  readonly isChunked: boolean;
  readonly signal: AbortSignal | undefined;
  /** Told once what becomes of the connection; absent: it is closed behind the answer. */
  readonly whenOver?: ((left: Left) => void) | undefined;
}

/** What is left of a connection when everything has been said on it. */
export type Left =
  /** The origin had said that it would close it. */
  | { readonly kind: "announced" }
  /** It is still there. `ended` resolves when the origin ends it. */
  | { readonly kind: "silent"; readonly ended: () => Promise<void>; readonly close: () => void }
  /** Nothing that says anything: it broke, or was itself the end of the answer. */
  | { readonly kind: "nothing" };

/** More interim responses than any origin sends before its answer. */
const maxInterim = 16;
/** So long an upload may still go on behind the answer: with most it is over by then, and only not yet known to be. */
const lateUploadMs: Millis = 100;

/** Sends the request; resolves with the answer's head. Rejects with a `ConnectionFailed`, or with the signal's reason. */
export async function exchange(opening: Opening, request: OwnRequest): Promise<Response> {
  const open = new OpenConnection(opening, request);
  try {
    open.send();
    const { head, rest, framing } = await open.receiveHead();
    const body = open.bodyOf(framing, rest, saysClose(head));
    return new Response(body, {
      status: head.status,
      statusText: sendableReason(head.reason),
      headers: headersOf(head, framing),
      encodeBody: "manual",
    });
  } catch (error) {
    open.give({ kind: "nothing" });
    throw await open.reasonOf(error);
  }
}

interface Received {
  readonly head: ResponseHead;
  readonly rest: Uint8Array;
  readonly framing: Exclude<BodyFraming, { kind: "malformed" }>;
}

class OpenConnection {
  readonly #connection: Connection;
  readonly #unopened: Opening["unopened"];
  readonly #request: OwnRequest;
  readonly #incoming: Incoming;
  /** Settles when it is known whether there is a connection. */
  readonly #opened: Promise<boolean>;
  readonly #stopUpload = new AbortController();
  /** Whether all of it has been sent. */
  #uploading: Promise<boolean> | undefined;
  #isOpen = false;

  constructor({ connection, unopened }: Opening, request: OwnRequest) {
    this.#connection = connection;
    this.#unopened = unopened;
    this.#request = request;
    this.#opened = connection.opened.then(
      () => (this.#isOpen = true),
      () => false,
    );
    connection.closed.catch(() => undefined);
    this.#incoming = new Incoming(connection.readable);
    request.signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  send(): void {
    const { head, stream, signal } = this.#request;
    signal?.throwIfAborted();
    const writer = this.#connection.writable.getWriter();
    // If it fails, so does reading, which knows better why; and there may be an answer all the same.
    writer.write(head).catch(() => undefined);
    writer.releaseLock();
    if (stream !== undefined) this.#uploading = this.#upload(stream);
  }

  /** An upload is not touched before there is a connection: if there is none, it can be sent elsewhere. */
  async #upload(stream: ReadableStream<Uint8Array>): Promise<boolean> {
    if (!(await this.#opened)) return false;
    const { isChunked } = this.#request;
    return sendBody(stream, isChunked, this.#connection.writable, this.#stopUpload.signal).then(
      () => true,
      () => false,
    );
  }

  async receiveHead(): Promise<Received> {
    let pieces = new HeadBuffer();
    let piece: Uint8Array | undefined;
    for (let interim = 0; ;) {
      piece ??= await this.#incoming.read();
      if (piece === undefined) throw pieces.isEmpty ? broken("closed without an answer") : broken("head cut");
      const whole = pieces.push(piece);
      piece = undefined;
      if (whole === "too-large") throw malformed("head too large");
      if (whole === "incomplete") continue;
      const head = parseResponseHead(whole.head);
      if (head.kind === "malformed") throw malformed(head.why);
      if (head.status >= 200) {
        const framing = bodyFraming(this.#request.method, head);
        if (framing.kind === "malformed") throw malformed(framing.why);
        return { head, rest: whole.rest, framing };
      }
      // An origin cannot agree to an upgrade that was not asked for (RFC 9110 §7.8); all other interim responses are dropped.
      if (head.status === 101) throw malformed("status 101");
      if (++interim > maxInterim) throw malformed("too many interim responses");
      pieces = new HeadBuffer();
      if (whole.rest.byteLength > 0) piece = whole.rest;
    }
  }

  /** The answer's body. Most are there with their heads. */
  bodyOf(framing: Received["framing"], rest: Uint8Array, isAnnounced: boolean): BodyInit | null {
    if (framing.kind === "none" || (framing.kind === "length" && framing.bytes <= rest.byteLength)) {
      const isOdd = framing.kind === "length" && framing.bytes < rest.byteLength;
      void this.#over(isAnnounced ? "announced" : isOdd ? "nothing" : "silent");
      return framing.kind === "none" ? null : rest.subarray(0, framing.bytes);
    }
    return answerBody(framing, rest, this.#incoming, (end) => {
      if (end === "broken") return this.give({ kind: "nothing" });
      void this.#over(isAnnounced ? "announced" : framing.kind === "until-close" ? "nothing" : "silent");
    });
  }

  /**
   * The answer is over. Where the upload is not, and does not come to its end in a moment, it is broken off, and what the origin does
   * then shows nothing of what it does behind an answer.
   */
  async #over(left: Left["kind"]): Promise<void> {
    const isSent = this.#uploading === undefined || (await this.#isSentSoon(this.#uploading));
    if (left !== "silent") this.give({ kind: left });
    else if (!isSent) this.give({ kind: "nothing" });
    else this.give({ kind: left, ended: () => this.#readToEnd(), close: () => this.close() });
  }

  async #isSentSoon(uploading: Promise<boolean>): Promise<boolean> {
    if (await isTrueSoon(uploading, lateUploadMs)) return true;
    this.#stopUpload.abort();
    // A connection that is closed in the middle of a write stays open until its request ends.
    await isTrueSoon(uploading, lateUploadMs);
    return false;
  }

  /** Gives the connection up, or hands it to the watcher of its end. */
  give(left: Left): void {
    const { whenOver } = this.#request;
    if (left.kind !== "silent" || whenOver === undefined) this.close();
    whenOver?.(left);
  }

  async #readToEnd(): Promise<void> {
    try {
      while ((await this.#incoming.read()) !== undefined);
    } catch {
      // A reset is an end, too.
    }
  }

  /** Ends it, whatever is under way. */
  close(): void {
    this.#stopUpload.abort();
    void this.#incoming.cancel();
    this.#connection.close().catch(() => undefined);
  }

  /** Why there is no answer. */
  async reasonOf(error: unknown): Promise<unknown> {
    const { signal } = this.#request;
    if (signal?.aborted === true) return this.#isOpen ? signal.reason : unopened(late);
    if (!(await this.#opened)) return unopened(this.#unopened);
    return error instanceof ConnectionFailed ? error : broken("connection lost");
  }
}

/** Whether it comes to this within the time: an origin that takes no more of an upload would hold it for ever. */
async function isTrueSoon(known: Promise<boolean>, withinMs: Millis): Promise<boolean> {
  let timer: number | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  const isTrue = await Promise.race([known, late]);
  clearTimeout(timer ?? null);
  return isTrue;
}

/** No connection came about in the time that there was. */
export const late = { kind: "timeout", detail: "no connection in time" } as const;

/** There is no connection, so nothing has been sent. */
export function unopened(failure: Opening["unopened"]): ConnectionFailed {
  return new ConnectionFailed({ ...failure, sent: "no", untouched: true });
}

function broken(detail: string): ConnectionFailed {
  return new ConnectionFailed({ kind: "reset", sent: "maybe", detail });
}

/**
 * As they came: each field its own, but for a length that was said twice, and a Date that says nothing. The runtime would not send
 * that one, and so not add the date that a client must get (RFC 9110 §6.6.1).
 */
function headersOf({ status, fields }: ResponseHead, framing: BodyFraming): Headers {
  const headers = new Headers();
  let hasLength = status === 204 || status === 205 || framing.kind === "chunked";
  for (const [name, value] of fields) {
    const isLength = name.length === 14 && name.toLowerCase() === "content-length";
    if (isLength && hasLength) continue;
    if (value === "" && name.toLowerCase() === "date" && !headers.has(name)) continue;
    hasLength ||= isLength;
    headers.append(name, isLength && framing.kind === "length" ? String(framing.bytes) : value);
  }
  return headers;
}
