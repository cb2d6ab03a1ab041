/**
 * The joint of two WebSockets. The sockets are stand-ins that close as workerd's do (compatibility date 2026-04-07
 * and later): a close frame is echoed by itself, and codes that stand for the absence of one are refused.
 */
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";

import { socketBytes } from "../../../../../core/websocket/unread.ts";
import { joinSockets } from "../../../../../worker/proxy/response/websocket-bridge.ts";

const refusedCodes: ReadonlySet<number> = new Set([
  1004,
  1005,
  1006,
  1015,
  ...Array.from({ length: 3_000 - 1_016 }, (_, index) => 1_016 + index),
]);

class FakeSocket extends EventTarget {
  readonly sent: unknown[] = [];
  readonly closes: (readonly [code?: number, reason?: string | undefined])[] = [];
  open = true;

  send(message: unknown): void {
    if (!this.open) throw new TypeError("Can't call WebSocket send() after close().");
    // The runtime has the bytes from now on, whatever becomes of the buffer.
    this.sent.push(message instanceof ArrayBuffer ? message.slice() : message);
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && (code < 1000 || code > 4999 || refusedCodes.has(code))) {
      throw new DOMException(`Invalid WebSocket close code: ${code}.`, "InvalidAccessError");
    }
    if (new TextEncoder().encode(reason).byteLength > 123) throw new DOMException("too long", "SyntaxError");
    if (!this.open) return;
    this.open = false;
    this.closes.push(code === undefined ? [] : [code, reason]);
  }

  /** The peer's close frame, or its echo. */
  peerCloses(code: number, reason = ""): void {
    this.open = false;
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean: true }));
  }

  peerVanishes(): void {
    const reason = "WebSocket disconnected without sending Close frame.";
    this.dispatchEvent(new CloseEvent("close", { code: 1006, reason, wasClean: false }));
  }

  /** Each message comes in a buffer of its own, which is returned. */
  peerSends(message: unknown): unknown {
    const data = message instanceof ArrayBuffer ? message.slice() : message;
    this.dispatchEvent(new MessageEvent("message", { data }));
    return data;
  }
}

const isFreed = (data: unknown): boolean => data instanceof ArrayBuffer && data.detached;

function joined() {
  const origin = new FakeSocket();
  const client = new FakeSocket();
  const abort = vi.fn<() => void>();
  const closed = joinSockets(origin, client, abort);
  return { origin, client, closed, abort };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("messages", () => {
  test("cross in both directions, as they are and in order", () => {
    const { origin, client } = joined();
    const bytes = Uint8Array.of(0, 255).buffer;
    for (const message of ["a", bytes, ""]) client.peerSends(message);
    origin.peerSends("b");
    expect(origin.sent).toEqual(["a", bytes, ""]);
    expect(new Uint8Array(origin.sent[1] as ArrayBuffer)).toEqual(Uint8Array.of(0, 255));
    expect(client.sent).toEqual(["b"]);
  });

  test("to an end that has closed are dropped", () => {
    const { origin, client } = joined();
    origin.open = false;
    expect(() => client.peerSends("late")).not.toThrow();
    expect(origin.sent).toEqual([]);
  });
});

describe("an end that is sent more than it may not have read", () => {
  test("is cut: both ends are told to try again later, the origin is let go, and neither end is blamed", async () => {
    const { origin, client, closed, abort } = joined();
    const message = new ArrayBuffer(socketBytes / 4);
    for (let sent = 0; sent < 4; sent++) origin.peerSends(message);
    expect(client.closes).toEqual([]);
    origin.peerSends(message);
    expect([client.closes, origin.closes]).toEqual([[[1013, ""]], [[1013, ""]]]);
    expect(abort).toHaveBeenCalledOnce();
    expect(await closed).toBe("unread");
    client.peerVanishes();
    origin.peerVanishes();
  });
});

describe("the end", () => {
  test("that the origin makes reaches the client with its code and reason", async () => {
    const { origin, client, closed } = joined();
    origin.peerCloses(4001, "é".repeat(61));
    expect(client.closes).toEqual([[4001, "é".repeat(61)]]);
    expect(await closed).toBe("complete");
  });

  test("that the client makes reaches the origin, and is complete when the origin has echoed it", async () => {
    const { origin, client, closed } = joined();
    client.peerCloses(1000, "bye");
    expect(origin.closes).toEqual([[1000, "bye"]]);
    expect(await Promise.race([closed, Promise.resolve("open")])).toBe("open");
    origin.peerCloses(1000, "bye");
    expect(await closed).toBe("complete");
  });

  test("of an origin that never answers the client's Close is made for it", async () => {
    vi.useFakeTimers();
    const { origin, client, closed, abort } = joined();
    client.peerCloses(1000, "bye");
    vi.advanceTimersByTime(9_999);
    expect(abort).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(abort).toHaveBeenCalledOnce();
    origin.peerVanishes();
    expect(await closed).toBe("complete");
  });

  test("that the origin answers in time hangs up on no end", () => {
    vi.useFakeTimers();
    const { origin, client, abort } = joined();
    client.peerCloses(1000);
    origin.peerCloses(1000);
    vi.advanceTimersByTime(60_000);
    expect(abort).not.toHaveBeenCalled();
  });

  test.each([1016, 1999, 2999])("by the meaningless code %i is passed on as the gateway's", (code) => {
    const { origin, client } = joined();
    client.peerCloses(code, "odd");
    expect(origin.closes).toEqual([[1014, "odd"]]);
  });

  test("without a code is passed on without a code", async () => {
    const { origin, client, closed } = joined();
    origin.peerCloses(1005);
    expect(client.closes).toEqual([[]]);
    expect(await closed).toBe("complete");
  });

  test("of an origin that vanishes is a cut, and the client hears of a bad gateway and no more", async () => {
    const { origin, client, closed } = joined();
    origin.peerVanishes();
    expect(client.closes).toEqual([[1014, ""]]);
    expect(await closed).toBe("cut-by-origin");
  });

  test("of a client that vanishes counts against no origin", async () => {
    const { origin, client, closed } = joined();
    client.peerVanishes();
    expect(origin.closes).toEqual([[1014, ""]]);
    origin.peerVanishes();
    expect(await closed).toBe("client-gone");
  });

  test("by an error is an end like any other", async () => {
    const { origin, client, closed } = joined();
    origin.dispatchEvent(new Event("error"));
    expect(client.closes).toEqual([[1014, ""]]);
    expect(await closed).toBe("cut-by-origin");
  });

  test("is told once: an error after a clean close changes nothing", async () => {
    const { origin, client, closed } = joined();
    origin.peerCloses(1000, "done");
    origin.dispatchEvent(new Event("error"));
    expect(client.closes).toEqual([[1000, "done"]]);
    expect(await closed).toBe("complete");
  });

  test("that the client makes cleanly stays clean when its connection breaks afterwards", async () => {
    const { origin, client, closed } = joined();
    client.peerCloses(1000, "bye");
    client.dispatchEvent(new Event("error"));
    origin.peerCloses(1000, "bye");
    expect(await closed).toBe("complete");
  });

  test("always comes, in whatever order the two ends finish, and no forbidden code is sent", async () => {
    const event = fc.oneof(
      fc
        .constantFrom(1000, 1001, 1004, 1005, 1006, 1011, 1015, 3000, 4999)
        .map((code) => ["close", code] as const),
      fc.constant(["vanish"] as const),
      fc.constant(["error"] as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), event)), event, async (events, last) => {
        const { origin, client, closed } = joined();
        for (const [atOrigin, [kind, code]] of [...events, [true, last] as const]) {
          const socket = atOrigin ? origin : client;
          if (kind === "close") socket.peerCloses(code);
          else if (kind === "vanish") socket.peerVanishes();
          else socket.dispatchEvent(new Event("error"));
        }
        expect(["complete", "cut-by-origin", "client-gone"]).toContain(await closed);
      }),
    );
  });
});

describe("the memory of a message", () => {
  test("is freed as soon as it has been passed on, and what is passed on is whole", () => {
    const { origin, client } = joined();
    const data = client.peerSends(Uint8Array.of(1, 2, 3).buffer);
    expect(isFreed(data)).toBe(true);
    expect(origin.sent).toEqual([Uint8Array.of(1, 2, 3).buffer]);
  });

  test("is freed, too, when the other end takes no more", () => {
    const { origin, client } = joined();
    origin.open = false;
    expect(isFreed(client.peerSends(new ArrayBuffer(8)))).toBe(true);
  });
});
