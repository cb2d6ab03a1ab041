/** `bandwidth` of a route: which answers are sent at its pace, and how long they keep their slots meanwhile. */
import { describe, expect, test, vi } from "vitest";

import { inNode, logged, ProxiedSite, shop, type Asking } from "../proxied-site.ts";
import { patterned, sourceOf } from "../workerd-streams.ts";

inNode();

const bandwidth = { rate: "100KB/s" };
/** What the rate allows at once. */
const piece = 10_000;

interface Reading {
  /** Bytes that have come. */
  got: number;
  isOver: boolean;
  bytes: Uint8Array[];
}

/** Reads on as fast as it can. */
function read(answer: Response): Reading {
  const reading: Reading = { got: 0, isOver: false, bytes: [] };
  const reader = answer.body?.getReader() ?? expect.unreachable("there is a body");
  const go = async (): Promise<void> => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      reading.got += next.value.byteLength;
      reading.bytes.push(next.value);
    }
    reading.isOver = true;
  };
  go().catch(() => undefined);
  return reading;
}

async function asked(
  origin: () => Response,
  {
    route = { bandwidth },
    upstream = {},
    asking = {},
  }: { route?: object; upstream?: object; asking?: Asking } = {},
) {
  const site = await ProxiedSite.open(shop(upstream, route));
  site.origin = origin;
  const answer = await site.fetch("/", asking);
  return { site, answer };
}

const ofLength = (length: number): Response =>
  new Response(patterned(length), { headers: { "Content-Length": String(length) } });

/** More than Weir takes in. */
const untaken = { buffer: { response: "0B" } };
const unlimited = {
  pools: [{ name: "home", origins: [{ name: "a", url: "http://a.test", connection: "reuse" }] }],
};

describe.each([
  ["from memory", {}],
  ["as the origin sends it", untaken],
  ["from an origin without a limit", unlimited],
])("an answer %s", (_, upstream) => {
  test("is sent at the rate, whole and in order", async () => {
    const { site, answer } = await asked(() => ofLength(300_000), { upstream });
    const reading = read(answer);
    for (let elapsedMs = 0; elapsedMs <= 2_500; elapsedMs += 500) {
      expect(reading.got).toBeLessThanOrEqual((elapsedMs / 1_000) * 100_000 + piece);
      expect(reading.got).toBeGreaterThanOrEqual((elapsedMs / 1_000) * 100_000 - piece);
      await vi.advanceTimersByTimeAsync(500);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(reading.isOver).toBe(true);
    expect(Buffer.concat(reading.bytes).equals(patterned(300_000))).toBe(true);
    await site.settle();
    expect(logged("request")).toMatchObject([{ status: 200 }]);
    expect(await site.openSlots()).toBe(0);
  });

  test("has the bytes that come first at once", async () => {
    const route = { bandwidth: { ...bandwidth, after: "200KB" } };
    const { answer } = await asked(() => ofLength(300_000), { route, upstream });
    const reading = read(answer);
    await vi.advanceTimersByTimeAsync(0);
    expect(reading.got).toBeGreaterThanOrEqual(200_000);
    expect(reading.got).toBeLessThanOrEqual(200_000 + piece);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reading.isOver).toBe(true);
  });

  test("is over when its client goes, without counting against the origin", async () => {
    const client = new AbortController();
    const { site, answer } = await asked(() => ofLength(300_000), {
      upstream,
      asking: { signal: client.signal },
    });
    const reader = answer.body?.getReader();
    await reader?.read();
    client.abort();
    await reader?.cancel().catch(() => undefined);
    await site.settle();
    const outcomes = site.messages.flatMap((message) => message.outcomes ?? []);
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    expect(await site.openSlots()).toBe(0);
  });
});

describe("the slot of such an answer", () => {
  test("ends when Weir has taken the answer in, also from an origin that is idle", async () => {
    const { site, answer } = await asked(() => ofLength(300_000));
    await vi.advanceTimersByTimeAsync(0);
    expect(logged("request")).toMatchObject([{ status: 200 }]);
    const reading = read(answer);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reading.isOver).toBe(true);
    expect(await site.openSlots()).toBe(0);
  });

  test("lasts as long as the answer where that is too large", async () => {
    const { site, answer } = await asked(() => ofLength(300_000), { upstream: untaken });
    const reading = read(answer);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(logged("request")).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(reading.isOver).toBe(true);
    await site.settle();
    expect(logged("request")).toMatchObject([{ body: "complete" }]);
  });
});

test("a rate below the least rate of downloads is no reason to cut a client that reads", async () => {
  const { site, answer } = await asked(() => ofLength(200_000), {
    route: { bandwidth: { rate: "1KB/s" } },
    upstream: untaken,
  });
  const reading = read(answer);
  await vi.advanceTimersByTimeAsync(210_000);
  expect(reading.isOver).toBe(true);
  expect(reading.got).toBe(200_000);
  await site.settle();
  expect(logged("request")).toMatchObject([{ body: "complete" }]);
});

test("a client that reads nothing of such an answer is cut as any other is", async () => {
  const { site } = await asked(() => ofLength(300_000), { upstream: untaken });
  await vi.advanceTimersByTimeAsync(31_000);
  expect(logged("request")).toMatchObject([{ body: "cut-by-weir" }]);
  await site.settle();
});

describe("an answer without a length", () => {
  test("is sent at the rate, too", async () => {
    const { stream } = sourceOf([patterned(60_000), patterned(60_000)]);
    const { answer } = await asked(() => new Response(stream));
    const reading = read(answer);
    await vi.advanceTimersByTimeAsync(500);
    expect(reading.got).toBeLessThanOrEqual(50_000 + piece);
    await vi.advanceTimersByTimeAsync(600);
    expect(reading).toMatchObject({ got: 120_000, isOver: true });
  });

  test("whose events come more slowly than the rate passes each at once", async () => {
    let events: ReadableByteStreamController | undefined;
    const body = new ReadableStream({ type: "bytes", start: (controller) => void (events = controller) });
    const { answer } = await asked(
      () => new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
    );
    const reading = read(answer);
    for (let nth = 1; nth <= 5; nth++) {
      events?.enqueue(patterned(1_000));
      await vi.advanceTimersByTimeAsync(0);
      expect(reading.got).toBe(nth * 1_000);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    events?.close();
  });
});

test("an answer that is shorter than what the rate allows at once goes the usual way", async () => {
  const { site, answer } = await asked(() => ofLength(piece));
  expect((await answer.arrayBuffer()).byteLength).toBe(piece);
  await site.settle();
  expect(logged("request")).toMatchObject([{ status: 200 }]);
});

test("answers without a body wait for nothing", async () => {
  for (const [status, method] of [
    [304, "GET"],
    [200, "HEAD"],
  ] as const) {
    const headers = { "Content-Length": "300000" };
    const { answer } = await asked(() => new Response(null, { status, headers }), { asking: { method } });
    expect(answer.status).toBe(status);
    expect(answer.body).toBeNull();
  }
});

test("what Weir answers by itself is not slowed down", async () => {
  const { answer } = await asked(() => expect.unreachable(), {
    route: { bandwidth: { rate: "1KB/s" }, rules: [{ respond: { status: 200, body: "x".repeat(8_000) } }] },
  });
  expect(await answer.text()).toHaveLength(8_000);
});
