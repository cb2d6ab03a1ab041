/**
 * A WebSocket between client and origin, joined in JavaScript, where there is no tunnel (`transport/websocket/`): at the edge, and on the
 * ways to an origin that are bindings. Handing the origin's socket straight to the client would be cheaper, but then nothing sees it
 * close, and its slot would stay open for good. So messages go across as they are, text as text and binary as binary, and so do the
 * close code and the reason. The runtime has no back-pressure here and answers pings itself: what an end has not read is
 * estimated, and has a bound (`core/websocket/unread.ts`).
 *
 * The subprotocol is agreed in the handshake's headers, which are the pipeline's to pass on
 * (`forwarding-headers.ts`); compression the runtime negotiates with each side by itself.
 */
import type { AnswerEnd } from "../../../core/health/judgement.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { UnreadBytes, type DebtLine } from "../../../core/websocket/unread.ts";

export interface BridgedSocket {
  /** The client's end, for the 101 response. */
  readonly webSocket: WebSocket;
  /** Settles when the origin is done with the socket: that is what its slot stands for. Never rejects. */
  readonly closed: Promise<AnswerEnd>;
}

/** Of all sockets of the isolate. */
const allUnread = new UnreadBytes();

/** How long an origin may take to answer a Close: RFC 6455 §7.1.1 leaves it open, and some never do. */
const closeTimeoutMs: Millis = 10_000;

/** Joins the origin's socket, not yet accepted, to a new one for the client. `abort` ends the origin's connection. */
export function bridgeWebSocket(origin: WebSocket, abort: () => void): BridgedSocket {
  const [webSocket, client] = Object.values(new WebSocketPair());
  if (webSocket === undefined || client === undefined) throw new TypeError("a WebSocketPair has two ends");
  for (const socket of [origin, client]) {
    // The default would make a Blob of every message, to be read asynchronously and out of order.
    socket.binaryType = "arraybuffer";
    socket.accept();
  }
  return { webSocket, closed: joinSockets(origin, client, abort) };
}

/** What a bridge needs of a socket. */
export type Joinable = Pick<WebSocket, "send" | "close" | "addEventListener">;

/**
 * Passes on everything that comes from either accepted socket to the other, until both have been told the end. An
 * origin that does not answer the client's end in time is hung up on.
 */
export function joinSockets(
  origin: Joinable,
  client: Joinable,
  abort: () => void,
  unread: UnreadBytes = allUnread,
): Promise<AnswerEnd> {
  return new Promise((settle) => {
    let gone: AnswerEnd | undefined;
    let hangUp: ReturnType<typeof setTimeout> | undefined;
    const cut = (): void => {
      gone = "unread";
      for (const socket of [client, origin]) tellClose(socket, tryAgainLater, "");
      abort();
      settle(gone);
    };
    const [toOrigin, toClient] = [unread.open(cut, Date.now()), unread.open(cut, Date.now())];
    relay(client, origin, toOrigin, (clean) => {
      toClient.close();
      gone ??= clean ? "complete" : "client-gone";
      hangUp = setTimeout(abort, closeTimeoutMs);
    });
    relay(origin, client, toClient, (clean) => {
      toOrigin.close();
      clearTimeout(hangUp ?? null);
      // After the client's end it is no news how the origin ends.
      settle(gone ?? (clean ? "complete" : "cut-by-origin"));
    });
  });
}

/** Close codes (RFC 6455 §7.4). Those that stand for the absence of one must not be sent, nor those of no meaning. */
const noStatus = 1005;
const unsendable: ReadonlySet<number> = new Set([1004, noStatus, 1006, 1015]);
const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1015 && !unsendable.has(code)) || (code >= 3000 && code <= 4999);
/** Of an end that vanished without a close frame, its peer is told that the gateway lost it (IANA registry, 1014). */
const badGateway = 1014;
/** Of an end that does not read both are told that this was too much. */
const tryAgainLater = 1013;

function relay(from: Joinable, to: Joinable, debt: DebtLine, onEnd: (clean: boolean) => void): void {
  let ended = false;
  const end = (code: number, reason: string): void => {
    if (ended) return;
    ended = true;
    tellClose(to, code, reason);
    onEnd(code !== 1006);
  };
  from.addEventListener("message", ({ data }) => {
    passOn(data, to, debt);
    // Its memory is freed now, and not when V8 next looks for garbage: a message costs it next to nothing, and the runtime much.
    if (typeof data !== "string") data.transfer(0);
  });
  from.addEventListener("close", ({ code, reason, wasClean }) => {
    end(wasClean ? code : 1006, wasClean ? reason : "");
  });
  from.addEventListener("error", () => end(1006, ""));
}

function passOn(data: string | ArrayBuffer, to: Joinable, debt: DebtLine): void {
  try {
    to.send(data);
  } catch {
    // The other end has closed already, and its own close event is on the way.
    return;
  }
  // A character is at most three bytes; nearly always it is one.
  debt.sent(typeof data === "string" ? data.length : data.byteLength, Date.now());
}

function tellClose(to: Joinable, code: number, reason: string): void {
  try {
    if (code === noStatus) to.close();
    else to.close(isSendable(code) ? code : badGateway, reason);
  } catch {
    // It closed by itself in the meantime.
  }
}
