/** From the origin's answer to the client's, and to the end of the slot: with the headers, with the body, or when it is cut. */
import { describe, expect, test, vi } from "vitest";

import type { Pick } from "../../../../../core/protocol/pick.ts";
import { endLater } from "../../../../../worker/proxy/response/slot-end.ts";
import { finishResponse } from "../../../../../worker/proxy/response/finish-response.ts";
import { finishSocket } from "../../../../../worker/proxy/response/finish-socket.ts";
import { attemptInTurn } from "../../../../../worker/proxy/attempt/attempt-loop.ts";
import { prepareRequest } from "../../../../../worker/proxy/request/prepare-request.ts";
import { openSocket } from "../../../../../worker/transport/websocket/open-socket.ts";
import { takeTicket, type Ticket } from "../../../../../worker/transport/websocket/tickets.ts";
import { isPaidByWeight, scales } from "../../../../../worker/proxy/response/answer-weight.ts";
import { inNode, logged, ProxiedSite, shop, toOrigin, type Asking } from "../proxied-site.ts";
import { sourceOf } from "../workerd-streams.ts";

inNode();

interface Given {
  readonly upstream?: object;
  readonly asking?: Asking;
  readonly pick?: Pick;
}

/** A request that an origin has answered, before its answer goes on. */
async function answered(
  response: Response,
  { upstream = {}, asking = {}, pick = toOrigin("a") }: Given = {},
) {
  const site = await ProxiedSite.open(shop(upstream));
  site.picks.push(pick);
  site.origin = () => response;
  const tx = site.enter("/", asking);
  const prepared = await prepareRequest(tx);
  if (!("headers" in prepared)) return expect.unreachable();
  const origin = await attemptInTurn(tx, prepared);
  if (origin.kind !== "served") return expect.unreachable();
  return { site, tx, origin, finish: () => finishResponse(origin, tx, prepared) };
}

const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length);

describe("an answer", () => {
  test("of a known length up to 16 KiB is over with its headers, unless it is in doubt", async () => {
    const { finish, site } = await answered(new Response("short", { headers: { "Content-Length": "5" } }));
    const sent = await finish();
    expect(logged("request")).toMatchObject([{ status: 200 }]);
    expect(logged("request")[0]).not.toHaveProperty("body");
    expect(await sent.text()).toBe("short");
    expect(await site.openSlots()).toBe(0);
  });

  test("that is longer is over with its body", async () => {
    const { stream } = sourceOf([bytes(70_000)]);
    const { finish, site } = await answered(new Response(stream));
    const sent = await finish();
    expect(logged("request")).toEqual([]);
    expect((await sent.arrayBuffer()).byteLength).toBe(70_000);
    await site.settle();
    expect(logged("request")).toMatchObject([{ status: 200, body: "complete" }]);
    expect(await site.openSlots()).toBe(0);
  });

  describe("of middle length, from an origin of few slots,", () => {
    const of = (maxConns: number): object => ({
      pools: [
        { name: "home", origins: [{ name: "a", url: "http://a.test", maxConns, connection: "reuse" }] },
      ],
    });
    const middle = (): Response => {
      const { stream } = sourceOf([bytes(70_000)], "hang");
      return new Response(stream, { headers: { "Content-Length": "70001" } });
    };
    const whole = (): Response => new Response(bytes(70_000), { headers: { "Content-Length": "70000" } });

    test("is over when the origin has given it, though the client has read nothing, while a quarter of the slots are in use", async () => {
      const { finish } = await answered(whole(), { upstream: of(4) });
      const sent = await finish();
      expect(logged("request")).toMatchObject([{ status: 200 }]);
      expect((await sent.arrayBuffer()).byteLength).toBe(70_000);
    });

    test("goes through a pipe below that, and keeps its slot no longer than its length at the least rate allows", async () => {
      const { finish, site } = await answered(middle(), { upstream: of(5) });
      await finish();
      // 30 s, and 70,001 bytes at 500 a second.
      await vi.advanceTimersByTimeAsync(30_000 + 140_000);
      expect(logged("request")).toEqual([]);
      await vi.advanceTimersByTimeAsync(100);
      expect(logged("request")).toMatchObject([{ body: "cut-by-weir" }]);
      expect(await site.openSlots()).toBe(0);
    });
  });

  test("that its origin cuts is cut for the client, and counts against the origin", async () => {
    const { stream } = sourceOf([bytes(10)], "break");
    const { finish, site } = await answered(new Response(stream));
    const sent = await finish();
    await expect(sent.arrayBuffer()).rejects.toThrow();
    await site.settle();
    expect(logged("request")).toMatchObject([{ body: "cut-by-origin" }]);
    expect(site.messages.flatMap((message) => message.outcomes ?? [])).toMatchObject([
      { origin: "a", ok: false },
    ]);
    expect(await site.openSlots()).toBe(0);
  });

  test("that its client leaves counts against no origin", async () => {
    const client = new AbortController();
    const { stream } = sourceOf([bytes(10)], "hang");
    const { finish, site } = await answered(new Response(stream), { asking: { signal: client.signal } });
    const sent = await finish();
    const read = sent.body?.getReader();
    expect((await read?.read())?.value).toHaveLength(10);
    client.abort();
    await site.settle();
    expect(logged("request")).toMatchObject([{ body: "client-gone" }]);
    const outcomes = site.messages.flatMap((message) => message.outcomes ?? []);
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    expect(await site.openSlots()).toBe(0);
  });
});

describe("the answer's head", () => {
  test("loses what belongs to the origin's connection, and says who passed it on", async () => {
    const headers = {
      Connection: "X-Hop",
      "X-Hop": "1",
      "X-Weir-Load": "x",
      "Keep-Alive": "5",
      "X-App": "kept",
    };
    const { finish, tx } = await answered(new Response(null, { headers }));
    const sent = await finish();
    expect(["X-Hop", "X-Weir-Load", "Keep-Alive"].filter((name) => sent.headers.has(name))).toEqual([]);
    expect(sent.headers.get("X-App")).toBe("kept");
    expect(sent.headers.get("X-Request-Id")).toBe(tx.id);
    expect(Date.parse(sent.headers.get("Date") ?? "")).not.toBeNaN();
  });

  test("keeps the origin's date", async () => {
    const date = "Tue, 15 Nov 1994 08:12:31 GMT";
    const { finish } = await answered(new Response(null, { headers: { Date: date } }));
    expect((await finish()).headers.get("Date")).toBe(date);
  });

  test("loses a challenge that no client could answer through a proxy", async () => {
    const headers = { "WWW-Authenticate": 'NTLM, Basic realm="x"' };
    const { finish } = await answered(new Response(null, { status: 401, headers }));
    expect((await finish()).headers.get("WWW-Authenticate")).toBe('Basic realm="x"');
  });
});

describe("a slot that is held for a body", () => {
  test("is renewed for as long as the body goes on, and closed once", async () => {
    const { tx, origin, site } = await answered(new Response(null), {
      upstream: { timeouts: { total: "30s", maxHold: "30s" } },
    });
    const ended = Promise.withResolvers<"complete">();
    const extend = vi.spyOn(tx.client.holder, "extend");
    const close = vi.spyOn(tx.client.holder, "close");
    const ending = endLater(ended.promise, origin, tx);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(extend.mock.calls.length).toBeGreaterThanOrEqual(5);
    expect(close).not.toHaveBeenCalled();
    ended.resolve("complete");
    await vi.advanceTimersByTimeAsync(5_000);
    await ending;
    expect(close).toHaveBeenCalledTimes(1);
    expect(await site.openSlots()).toBe(0);
  });

  test("cuts the body when another request may have the slot by now", async () => {
    const { tx, origin } = await answered(new Response(null));
    const renewal = { keep: () => 10, inMs: () => 10, mayGoOn: () => false, renew: () => undefined };
    vi.spyOn(tx.client, "renewal").mockReturnValue(Object.assign(Object.create(null), renewal));
    const abort = vi.fn<() => void>();
    const ending = endLater(new Promise(() => undefined), { ...origin, abort }, tx);
    await vi.advanceTimersByTimeAsync(10_000);
    await ending;
    expect(abort).toHaveBeenCalledTimes(1);
    expect(logged("request")).toMatchObject([{ body: "cut-by-weir" }]);
  });
});

/** Node has no response that switches protocols. */
class SwitchingResponse extends Response {
  readonly #status: number;
  override readonly webSocket: WebSocket | null;

  constructor(body: BodyInit | null, init: ResponseInit = {}) {
    super(body, { ...init, status: 200 });
    this.#status = init.status ?? 200;
    this.webSocket = init.webSocket ?? null;
  }

  override get status(): number {
    return this.#status;
  }
}

test("a WebSocket of the tunnel goes to the client as it is, and its slot ends with it", async () => {
  const { site, tx, origin } = await answered(new Response(null));
  let ticket: Ticket | undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing looks into it
  const socket = {} as WebSocket;
  const fetch = async (url: string): Promise<Response> => {
    ticket = takeTicket(new URL(url).pathname.slice(1));
    return Object.assign(new Response(null), { webSocket: socket });
  };
  const init = { method: "GET", headers: new Headers(), body: null };
  await openSocket("fetch", "http://a.test/", init, { WEIR_SOCKETS: { fetch } }, 60_000);
  vi.stubGlobal("Response", SwitchingResponse);
  const sent = finishSocket(socket, { ...origin, status: 101 }, tx);
  vi.unstubAllGlobals();
  expect(sent).toMatchObject({ status: 101, webSocket: socket });
  expect(sent.headers.get("X-Request-Id")).toBe(tx.id);
  const closed = Promise.withResolvers<"complete">();
  const cut = vi.fn<() => void>();
  const kept = ticket?.keeper?.(closed.promise, { env: tx.env, waitUntil: tx.waitUntil, cut });
  expect(logged("request")).toEqual([]);
  closed.resolve("complete");
  await vi.advanceTimersByTimeAsync(5_000);
  await kept;
  expect(logged("request")).toMatchObject([{ body: "complete" }]);
  await site.settle();
});

test("an answer of a pool that is paid by the gigabyte goes on the bill while it passes", async () => {
  const free = await answered(new Response(null));
  expect(isPaidByWeight(free.origin, free.tx)).toBe(false);
  const at = (name: string) => [{ name, url: `http://${name}.test`, connection: "reuse" }];
  const upstream = {
    pools: [
      { name: "home", origins: at("a") },
      { name: "cloud", origins: at("b"), cost: { perGb: 1 } },
    ],
  };
  const { tx, origin } = await answered(new Response(null), { upstream, pick: toOrigin("b", "cloud") });
  expect(isPaidByWeight(origin, tx)).toBe(true);
  const count = vi.spyOn(tx.client.holder, "count");
  let passed = 100;
  const weigh = scales(origin, tx, () => passed);
  weigh();
  weigh();
  passed = 250;
  weigh();
  expect(count.mock.calls).toEqual([
    ["bytes", { pool: "cloud" }, 100],
    ["bytes", { pool: "cloud" }, 150],
  ]);
});
