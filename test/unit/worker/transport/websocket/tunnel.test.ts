/** The tunnel of WebSockets between two ends that the test plays: the runtime, which opens the socket, and the origin. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { closeFrame } from "../../../../../core/websocket/frames.ts";
import type { AnswerEnd } from "../../../../../core/health/judgement.ts";
import {
  issueTicket,
  type Keeper,
  type Ticket,
  type TunnelIo,
} from "../../../../../worker/transport/websocket/tickets.ts";
import { serveTunnel } from "../../../../../worker/transport/websocket/tunnel.ts";
import { FarEnd, playNetwork, settle } from "../../far-end.ts";
import { fakeEnv, fakeUpstream } from "../../fake-objects.ts";

const network = playNetwork();
const env = fakeEnv(fakeUpstream());
const waitUntil = (): void => undefined;
const invocation = { env, waitUntil };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: \xe9\r\n\r\n";
const handshake = (name: string): string => `GET /${name} HTTP/1.1\r\nHost: tunnel\r\nCookie: \xe9\r\n\r\n`;
/** A message of one byte, as an origin sends it and as the runtime does. */
const [fromOrigin, fromClient] = ["\x82\x01\x07", "\x82\x81\0\0\0\0\x07"];
const textOf = (frame: Uint8Array): string => Buffer.from(frame).toString("latin1");

interface Dialling {
  readonly runtime: FarEnd;
  readonly origin: FarEnd;
  readonly ticket: Ticket;
  /** Resolves when the invocation is over. */
  readonly over: Promise<void>;
}

/** The runtime dials the tunnel with a ticket, and the tunnel the origin. */
async function dial(url = "http://10.0.0.5:8080/chat?room=1"): Promise<Dialling> {
  const { name, ticket } = issueTicket(url, 60_000);
  const runtime = new FarEnd().accepts().says(handshake(name));
  const over = serveTunnel(runtime.connection, invocation);
  await settle();
  return { runtime, origin: network.last ?? expect.unreachable(), ticket, over };
}

/** The same, and the origin has agreed; the request gives the tunnel the slot to keep. */
async function agree() {
  const dialling = await dial();
  dialling.origin.accepts().says(agreed);
  const kept: { end?: AnswerEnd; io?: TunnelIo } = {};
  const keeper: Keeper = async (closed, io) => {
    kept.io = io;
    kept.end = await closed;
  };
  dialling.ticket.keeper = keeper;
  await settle();
  await vi.advanceTimersByTimeAsync(10);
  return { ...dialling, kept };
}

describe("the handshake", () => {
  test("reaches the origin under its own host, and its answer comes back, both to the byte", async () => {
    const { runtime, origin, ticket } = await dial();
    expect(network.dialled[0]?.address).toEqual({ hostname: "10.0.0.5", port: 8080 });
    expect(ticket.isOpen).toBe(false);
    origin.accepts();
    await settle();
    expect(ticket.isOpen).toBe(true);
    expect(origin.heard).toBe("GET /chat?room=1 HTTP/1.1\r\nHost: 10.0.0.5:8080\r\nCookie: \xe9\r\n\r\n");
    origin.says(agreed.slice(0, 20), agreed.slice(20));
    await settle();
    expect(runtime.heard).toBe(agreed);
  });

  test("is answered once: interim responses are dropped", async () => {
    const { runtime, origin } = await dial();
    origin.accepts().says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: </a>\r\n\r\n", agreed);
    await settle();
    expect(runtime.heard).toBe(agreed);
  });

  test("goes over TLS where the origin speaks it", async () => {
    const { origin } = await dial("https://chat.internal/");
    origin.accepts();
    await settle();
    const secured = origin.secured?.accepts();
    await settle();
    expect([origin.heard, secured?.heard.split("\r\n")[0]]).toEqual(["", "GET / HTTP/1.1"]);
  });

  test("that the origin refuses is refused with its whole answer, and both connections end behind it", async () => {
    const { runtime, origin, over } = await dial();
    origin.accepts().says("HTTP/1.1 403 No\r\nConnection: keep-alive\r\n\r\nnot", " for you").ends();
    await over;
    expect(runtime.heard).toBe("HTTP/1.1 403 No\r\nConnection: close\r\n\r\nnot for you");
    expect([runtime.isEnded, runtime.isClosed, origin.isClosed]).toEqual([true, true, true]);
  });

  test("that is refused is over, too, when the runtime wants no more of the answer", async () => {
    const { runtime, origin, over } = await dial();
    origin.accepts().says("HTTP/1.1 403 No\r\n\r\nnever ending");
    await settle();
    runtime.ends();
    await over;
    expect(origin.isClosed).toBe(true);
  });
});

describe("a handshake without an answer leaves its reason on the ticket, and ends both connections", () => {
  const ok = "HTTP/1.1 103 X\r\n\r\n";

  test.each([
    ["closed without an answer", "reset", (origin: FarEnd) => origin.accepts().ends()],
    ["closed without an answer", "reset", (origin: FarEnd) => origin.accepts().says("HTTP/1.1 1").ends()],
    ["connection lost", "reset", (origin: FarEnd) => origin.accepts().says("HTTP/1.1 1").resets()],
    ["no status line", "malformed", (origin: FarEnd) => origin.accepts().says("SSH-2.0-x\r\n\r\n")],
    ["head too large", "malformed", (origin: FarEnd) => origin.accepts().says("x".repeat(70_000))],
    ["too many interim responses", "malformed", (origin: FarEnd) => origin.accepts().says(ok.repeat(17))],
  ])("%s: %s", async (detail, kind, act) => {
    const { runtime, origin, ticket, over } = await dial();
    act(origin);
    await over;
    expect(ticket.failure).toEqual({ kind, sent: "maybe", detail });
    expect([runtime.heard, runtime.isClosed, origin.isClosed]).toEqual(["", true, true]);
  });

  test("no connection: nothing has been sent", async () => {
    const { runtime, origin, ticket, over } = await dial();
    origin.refuses();
    await over;
    const failure = { kind: "refused", sent: "no", untouched: true, detail: "no connection" };
    expect([ticket.failure, ticket.isOpen]).toEqual([failure, false]);
    expect(runtime.isClosed).toBe(true);
  });

  test("given up before there is a connection", async () => {
    const { runtime, origin, over } = await dial();
    runtime.ends();
    await settle();
    expect(origin.isClosed).toBe(true);
    origin.refuses();
    await over;
    expect([runtime.heard, runtime.isClosed]).toEqual(["", true]);
  });

  test("given up before the answer, for which the origin is heard no more", async () => {
    const { runtime, origin, over } = await dial();
    origin.accepts();
    await settle();
    runtime.ends();
    await over;
    expect([origin.isClosed, origin.isLeft, runtime.heard]).toEqual([true, true, ""]);
  });
});

describe("an agreed socket", () => {
  test("carries what comes from either end, also what came with the answer's head", async () => {
    const { runtime, origin } = await dial();
    origin.accepts().says(agreed + fromOrigin, fromOrigin);
    await settle();
    runtime.says(fromClient, fromClient);
    await settle();
    expect(runtime.heard).toBe(agreed + fromOrigin + fromOrigin);
    expect(origin.heard.endsWith(`\r\n\r\n${fromClient}${fromClient}`)).toBe(true);
  });

  test("has its slot kept to its end, in the tunnel's own invocation", async () => {
    const { origin, runtime, kept, over } = await agree();
    expect(kept.io).toMatchObject({ env, waitUntil });
    expect(kept.end).toBeUndefined();
    origin.ends();
    await over;
    expect(kept.end).toBe("cut-by-origin");
    expect([runtime.isClosed, origin.isClosed]).toEqual([true, true]);
  });

  test("is cut by the request that keeps its slot, and both ends are told", async () => {
    const { origin, runtime, kept, over } = await agree();
    kept.io?.cut();
    await over;
    expect(kept.end).toBe("cut-by-weir");
    expect(runtime.heard).toBe(agreed + textOf(closeFrame(1014, undefined)));
    expect(origin.heard.slice(-8, -6)).toBe(textOf(closeFrame(1014, Uint8Array.of(1, 2, 3, 4))).slice(0, 2));
    expect(origin.isClosed).toBe(true);
  });

  test("that no request claims within five seconds is cut, and its slot is not kept", async () => {
    const { origin, runtime, over } = await dial();
    origin.accepts().says(agreed);
    await settle();
    await vi.advanceTimersByTimeAsync(4_990);
    expect(origin.isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    await over;
    expect(runtime.heard).toBe(agreed + textOf(closeFrame(1014, undefined)));
    expect([runtime.isClosed, origin.isClosed]).toEqual([true, true]);
  });
});

describe("nothing is dialled for", () => {
  test.each([
    ["an unknown ticket", handshake("guessed")],
    ["another request", "POST /x HTTP/1.1\r\n\r\n"],
    ["no request", "\0".repeat(70_000)],
  ])("%s, and the socket is closed", async (_, said) => {
    const stranger = new FarEnd().accepts().says(said);
    await serveTunnel(stranger.connection, invocation);
    expect([network.dialled, stranger.heard, stranger.isClosed]).toEqual([[], "", true]);
  });

  test("a socket that ends or breaks before it has asked", async () => {
    for (const how of ["ends", "resets"] as const) {
      const stranger = new FarEnd().accepts().says("GET /");
      stranger[how]();
      await serveTunnel(stranger.connection, invocation);
      expect([network.dialled, stranger.isClosed]).toEqual([[], true]);
    }
  });

  test("a ticket that was used", async () => {
    const { name } = issueTicket("http://10.0.0.5/", 60_000);
    void serveTunnel(new FarEnd().accepts().says(handshake(name)).connection, invocation);
    await settle();
    const second = new FarEnd().accepts().says(handshake(name));
    await serveTunnel(second.connection, invocation);
    expect([network.dialled.length, second.isClosed]).toEqual([1, true]);
  });
});
