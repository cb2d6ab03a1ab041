/** Which way a WebSocket's handshake goes, and what the request and the tunnel learn of each other. */
import { afterEach, describe, expect, test, vi } from "vitest";

import { ConnectionFailed } from "../../../../../worker/transport/own-connection/connection-failed.ts";
import { keepInTunnel, openSocket } from "../../../../../worker/transport/websocket/open-socket.ts";
import { takeTicket, type Keeper, type Ticket } from "../../../../../worker/transport/websocket/tickets.ts";

afterEach(() => void vi.unstubAllGlobals());

const url = "http://10.0.0.5:8080/chat";
const headers = new Headers({ Upgrade: "websocket" });
const init = { method: "GET", headers, body: null };

/** An answer as the runtime gives it. */
const answer = (webSocket: object | null): Response => Object.assign(new Response(null), { webSocket });

/** A tunnel that does this with the ticket that it is dialled with. */
function tunnelThat(serve: (ticket: Ticket) => Promise<Response>) {
  const calls: { url: string; init: object }[] = [];
  const WEIR_SOCKETS = {
    fetch: (asked: string, sent: object) => {
      calls.push({ url: asked, init: sent });
      const ticket = takeTicket(new URL(asked).pathname.slice(1));
      return serve(ticket ?? expect.unreachable("there is no such ticket"));
    },
  };
  return { calls, bindings: { WEIR_SOCKETS } };
}

const lost = new Error("Network connection lost.");

describe("a handshake goes through the tunnel", () => {
  test("where there is one, with a ticket for its URL and all that the request says", async () => {
    let asked = "";
    const { calls, bindings } = tunnelThat(async (ticket) => {
      asked = ticket.url;
      return answer(null);
    });
    await openSocket("fetch", url, init, bindings, 60_000);
    expect(asked).toBe(url);
    const [call] = calls;
    expect(call?.url).toMatch(/^http:\/\/tunnel\/[\da-f-]{36}$/);
    expect(call?.init).toEqual({ ...init, redirect: "manual", encodeResponseBody: "manual" });
  });

  test("but not where a binding leads to the origin, or there is none", async () => {
    const { calls, bindings } = tunnelThat(() => expect.unreachable());
    const VPC = { fetch: async () => new Response("by the binding") };
    const way = { binding: "VPC" };
    expect(await (await openSocket(way, url, init, { ...bindings, VPC }, 60_000)).text()).toBe(
      "by the binding",
    );
    vi.stubGlobal("fetch", async () => new Response("by fetch"));
    for (const none of [{}, { WEIR_SOCKETS: null }, { WEIR_SOCKETS: "text" }]) {
      expect(await (await openSocket("fetch", url, init, none, 60_000)).text()).toBe("by fetch");
    }
    expect(calls).toEqual([]);
  });
});

describe("the slot of a socket", () => {
  const keeper: Keeper = async () => undefined;

  test("is given to the tunnel that it goes through", async () => {
    let dialled: Ticket | undefined;
    const webSocket = {};
    const { bindings } = tunnelThat(async (ticket) => {
      dialled = ticket;
      return answer(webSocket);
    });
    await openSocket("fetch", url, init, bindings, 60_000);
    expect(dialled?.keeper).toBeUndefined();
    expect(keepInTunnel(webSocket as WebSocket, keeper)).toBe(true);
    expect(dialled?.keeper).toBe(keeper);
  });

  test("stays with a request whose socket goes through none", () => {
    expect(keepInTunnel({} as WebSocket, keeper)).toBe(false);
  });
});

describe("a handshake without an answer fails", () => {
  const failing = async (
    fail: (ticket: Ticket) => Promise<Response>,
    signal?: AbortSignal,
  ): Promise<unknown> => {
    const { bindings } = tunnelThat(fail);
    const sent = { ...init, ...(signal && { signal }) };
    return openSocket("fetch", url, sent, bindings, 60_000).catch((error: unknown) =>
      error instanceof ConnectionFailed ? error.failure : error,
    );
  };

  test("for the reason that the tunnel has seen", async () => {
    const failure = { kind: "refused", sent: "no", detail: "no connection" } as const;
    const thrown = await failing(async (ticket) => {
      ticket.failure = failure;
      throw lost;
    });
    expect(thrown).toBe(failure);
  });

  test("as it was thrown, where the tunnel has seen nothing", async () => {
    expect(await failing(() => Promise.reject(lost))).toBe(lost);
  });

  test("as late, where the time was over before there was a connection: it can be sent elsewhere", async () => {
    const late = { kind: "timeout", sent: "no", untouched: true, detail: "no connection in time" };
    expect(await failing(() => Promise.reject(lost), AbortSignal.abort())).toEqual(late);
    const opened = await failing((ticket) => {
      ticket.isOpen = true;
      return Promise.reject(lost);
    }, AbortSignal.abort());
    expect(opened).toBe(lost);
  });
});

test("a ticket is void when the handshake is over, also where nothing has dialled with it", async () => {
  const names: string[] = [];
  const bindings = {
    WEIR_SOCKETS: {
      fetch: async (asked: string) => {
        names.push(new URL(asked).pathname.slice(1));
        if (names.length > 1) throw lost;
        return answer(null);
      },
    },
  };
  await openSocket("fetch", url, init, bindings, 60_000);
  await expect(openSocket("fetch", url, init, bindings, 60_000)).rejects.toBe(lost);
  expect(names.map(takeTicket)).toEqual([undefined, undefined]);
});
