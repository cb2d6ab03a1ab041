/** The client's body: small ones are kept to be sent again, large ones go through whole or not at all. */
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";

import { BufferSpace } from "../../../../../core/buffering/buffer-space.ts";
import { Lingering } from "../../../../../core/connections/lingering.ts";
import { originStalledMs } from "../../../../../worker/proxy/attempt/upload.ts";
import { replayableBytes as maxBufferedBytes } from "../../../../../worker/proxy/request/gather-body.ts";
import { patterned, sourceOf, standInForWorkerdStreams } from "../workerd-streams.ts";
import { bytesOf, cut, prepareBody, requestOf, sent, streamed, turnOfTheLoop } from "./prepared-bodies.ts";

standInForWorkerdStreams();

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

describe("a request", () => {
  test("without a body has none", async () => {
    expect(await prepareBody(new Request("http://weir.example/", { method: "POST" }))).toEqual({
      kind: "none",
    });
  });

  describe.each(["GET", "HEAD"])("with method %s", (method) => {
    test.each([[{}], [{ length: 0 }]])("has none if it has no bytes: %o", async (init) => {
      expect(await prepareBody(requestOf(sourceOf([]), { ...init, method }))).toEqual({ kind: "none" });
    });

    test.each([[{}], [{ length: 5 }]])("is not sent without what it brings: %o", async (init) => {
      const source = sourceOf([patterned(5)]);
      expect(await prepareBody(requestOf(source, { ...init, method }))).toEqual({
        kind: "unexpected-content",
      });
    });
  });
});

describe("a body of known length", () => {
  test.each([0, 1, maxBufferedBytes])(
    "of %i bytes is buffered, and can be sent more than once",
    async (length) => {
      const bytes = patterned(length);
      const prepared = await prepareBody(requestOf(sourceOf(cut(bytes, [100])), { length }));
      expect(prepared).toMatchObject({ kind: "buffered", bytes });
      if (prepared.kind !== "buffered") return;
      expect(await bytesOf(sent(prepared))).toEqual(bytes);
      expect(await bytesOf(sent(prepared))).toEqual(bytes);
    },
  );

  test("of more than 64 KiB is streamed with its length, byte for byte", async () => {
    const length = maxBufferedBytes * 3 + 1;
    const bytes = patterned(length);
    const prepared = streamed(await prepareBody(requestOf(sourceOf(cut(bytes, [1, 70_000])), { length })));
    expect(prepared.length).toBe(length);
    expect(await bytesOf(sent(prepared))).toEqual(bytes);
    expect(prepared.stopped.aborted).toBe(false);
  });

  test("that the client breaks off is reported, not thrown", async () => {
    const source = sourceOf([patterned(10)], "break");
    expect(await prepareBody(requestOf(source, { length: 20 }))).toEqual({ kind: "client-gone" });
  });
});

describe("a chunked body", () => {
  test("arrives whole however it is cut, buffered up to 64 KiB and streamed beyond", async () => {
    const total = fc.oneof(
      fc.integer({ min: 0, max: 200_000 }),
      fc.integer({ min: maxBufferedBytes - 2, max: maxBufferedBytes + 2 }),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 80_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(total, sizes, async (length, pieces) => {
        const bytes = patterned(length);
        const prepared = await prepareBody(requestOf(sourceOf(cut(bytes, pieces))));
        expect(prepared.kind).toBe(length <= maxBufferedBytes ? "buffered" : "stream");
        expect("length" in prepared).toBe(false);
        if (prepared.kind !== "buffered" && prepared.kind !== "stream") return;
        expect(Buffer.from(await bytesOf(sent(prepared))).equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("that the client breaks off within 64 KiB is reported, not thrown", async () => {
    const source = sourceOf([patterned(maxBufferedBytes)], "break");
    expect(await prepareBody(requestOf(source))).toEqual({ kind: "client-gone" });
  });
});

describe("a client that pauses for too long", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([undefined, 20, 100_000])("before 64 KiB (length %s) holds nothing up", async (length) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const source = sourceOf([patterned(10)], "hang");
    const prepared = prepareBody(requestOf(source, length === undefined ? {} : { length }));
    await vi.advanceTimersByTimeAsync(30_040);
    expect(await prepared).toEqual({ kind: "upload-timeout" });
  });

  test("beyond that aborts its attempt, and says why", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const source = sourceOf([patterned(100_000)], "hang");
    const prepared = streamed(await prepareBody(requestOf(source, { length: 200_000 })));
    void prepared.stream.pipeTo(new WritableStream(), { signal: prepared.stopped }).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(prepared.stopped.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(prepared.stopped.reason).toMatchObject({ by: "upload-timeout" });
    await prepared.uploaded;
    expect(prepared.isComplete()).toBe(false);
  });

  test("and one that trickles beyond that, whatever it sent before, is given up as soon", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    let pull: ReadableByteStreamController | undefined;
    const stream = new ReadableStream({ type: "bytes", start: (controller) => void (pull = controller) });
    const source = { stream, pulled: 0, cancelled: false };
    pull?.enqueue(patterned(80_000));
    const prepared = streamed(await prepareBody(requestOf(source, { length: 1_000_000_000 })));
    void prepared.stream.pipeTo(new WritableStream(), { signal: prepared.stopped }).catch(() => undefined);
    for (let ms = 0; ms < 40_000 && !prepared.stopped.aborted; ms += 1_000) {
      if (ms % 15_000 === 14_000) pull?.enqueue(patterned(1));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(prepared.stopped.reason).toMatchObject({ by: "upload-timeout" });
  });

  test("sent byte by byte, a body takes little more memory than it has bytes", async () => {
    const bytes = patterned(3_000);
    const prepared = await prepareBody(
      requestOf(
        sourceOf(
          cut(
            bytes,
            Array.from(bytes, () => 1),
          ),
        ),
      ),
    );
    expect(prepared).toMatchObject({ kind: "buffered", bytes });
    expect(prepared.kind === "buffered" && prepared.bytes.buffer.byteLength).toBeLessThan(20_000);
  });

  test("but goes on before is served, and so is one whose origin pauses", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const source = sourceOf([patterned(100_000)]);
    const prepared = streamed(await prepareBody(requestOf(source, { length: 100_000 })));
    await vi.advanceTimersByTimeAsync(59_999);
    expect((await bytesOf(sent(prepared))).byteLength).toBe(100_000);
    await prepared.uploaded;
    expect(prepared.isComplete()).toBe(true);
    expect(prepared.stopped.aborted).toBe(false);
  });
});

test("an origin that takes no more of a body for too long is given up", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const source = sourceOf(Array.from({ length: 100 }, () => patterned(10_000)));
  const prepared = streamed(await prepareBody(requestOf(source)));
  await vi.advanceTimersByTimeAsync(originStalledMs - 1);
  expect(prepared.stopped.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(prepared.stopped.reason).toMatchObject({ by: "origin-stalled" });
  vi.useRealTimers();
});

describe("a streamed body", () => {
  test.each([undefined, 300_000])(
    "that breaks off raises stopped and never ends (length %s)",
    async (length) => {
      const source = sourceOf([patterned(100_000)], "break");
      const prepared = streamed(await prepareBody(requestOf(source, length === undefined ? {} : { length })));
      let passed = 0;
      const reader = prepared.stream.getReader();
      const ending = (async () => {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return "ended";
          passed += value.byteLength;
        }
      })();
      await aborted(prepared.stopped);
      expect(await Promise.race([ending, turnOfTheLoop()])).toBeUndefined();
      expect(passed).toBe(100_000);
      expect(prepared.stopped.reason).toMatchObject({ by: "client-gone" });
    },
  );

  test("is given up as soon as the client's signal says so", async () => {
    const client = new AbortController();
    const source = sourceOf([patterned(100_000)], "hang");
    const prepared = streamed(await prepareBody(requestOf(source, { signal: client.signal })));
    expect(prepared.stopped.aborted).toBe(false);
    client.abort();
    expect(prepared.stopped.aborted).toBe(true);
  });

  test("is read no faster than the origin takes it", async () => {
    const pieces = Array.from({ length: 100 }, () => patterned(10_000));
    const source = sourceOf(pieces);
    const prepared = streamed(await prepareBody(requestOf(source)));
    expect(source.pulled).toBeLessThanOrEqual(3 * maxBufferedBytes);
    expect((await bytesOf(sent(prepared))).byteLength).toBe(1_000_000);
  });

  test("that an attempt no longer wants is no longer read, and is left for the answer to read on", async () => {
    const source = sourceOf(Array.from({ length: 100 }, () => patterned(10_000)));
    const prepared = streamed(await prepareBody(requestOf(source)));
    await prepared.stream.cancel();
    await prepared.uploaded;
    const { pulled } = source;
    expect(pulled).toBeLessThan(4 * maxBufferedBytes);
    expect(prepared.stopped.aborted).toBe(false);
    await prepared.takeBack()?.drop(new Lingering(Date.now(), true));
    expect(source.pulled).toBe(1_000_000);
  });

  test("that no attempt has taken can be taken back: from then on it is no more uploaded", async () => {
    const source = sourceOf(Array.from({ length: 100 }, () => patterned(10_000)));
    const prepared = streamed(await prepareBody(requestOf(source)));
    const rest = prepared.takeBack();
    await prepared.uploaded;
    expect(prepared.isComplete()).toBe(false);
    await rest?.drop(new Lingering(Date.now(), true));
    expect(source.pulled).toBe(1_000_000);
  });

  test("can be taken back while its client says nothing", async () => {
    const source = sourceOf([patterned(100_000)], "hang");
    const prepared = streamed(await prepareBody(requestOf(source)));
    const sent = prepared.stream.getReader();
    for (let bytes = 0; bytes < 100_000;) bytes += (await sent.read()).value?.byteLength ?? 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const dropped = prepared.takeBack()?.drop(new Lingering(Date.now(), true));
    await prepared.uploaded;
    await vi.advanceTimersByTimeAsync(4_900);
    expect(source.cancelled).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    await dropped;
    vi.useRealTimers();
    expect(source.cancelled).toBe(true);
    expect(prepared.stopped.aborted).toBe(false);
  });

  test("that has been handed on in full leaves nothing to take back", async () => {
    const prepared = streamed(await prepareBody(requestOf(sourceOf([patterned(100_000)]))));
    await bytesOf(sent(prepared));
    await prepared.uploaded;
    expect(prepared.takeBack()).toBeUndefined();
    expect(prepared.isComplete()).toBe(true);
  });
});

describe("a route's limit", () => {
  test.each([[100_000], [undefined]])(
    "holds for a body that says length %s and brings more",
    async (length) => {
      const source = sourceOf([patterned(30_000), patterned(30_000), patterned(30_000)]);
      const request = requestOf(source, length === undefined ? {} : { length });
      expect(await prepareBody(request, { maxBytes: 50_000 })).toEqual({ kind: "body-too-large" });
    },
  );

  test("a body that is sent while it arrives stops at it, so that the attempt is aborted", async () => {
    const pieces = Array.from({ length: 12 }, () => patterned(10_000));
    const prepared = streamed(await prepareBody(requestOf(sourceOf(pieces)), { maxBytes: 99_999 }));
    const sent = bytesOf(prepared.stream).catch(() => undefined);
    await aborted(prepared.stopped);
    expect(prepared.stopped.reason).toMatchObject({ by: "body-too-large" });
    await prepared.uploaded;
    expect(prepared.isComplete()).toBe(false);
    void sent;
  });

  test("a body of just so many bytes goes through", async () => {
    const bytes = patterned(100_000);
    const source = sourceOf(cut(bytes, [40_000, 50_000]));
    const prepared = streamed(await prepareBody(requestOf(source), { maxBytes: 100_000 }));
    expect(Buffer.from(await bytesOf(prepared.stream)).equals(bytes)).toBe(true);
    await prepared.uploaded;
  });
});

describe("the isolate's memory for bodies", () => {
  test("is taken for a body that is kept, and not for one that is not", async () => {
    const memory = new BufferSpace(10 * maxBufferedBytes);
    const first = await prepareBody(requestOf(sourceOf([patterned(5)])), { memory });
    expect(first.kind).toBe("buffered");
    expect(memory.bytes).toBeGreaterThan(0);
    if (first.kind === "buffered") memory.giveBack(first.kept);
    const pieces = [patterned(70_000)];
    expect((await prepareBody(requestOf(sourceOf(pieces)), { memory })).kind).toBe("stream");
    expect(memory.bytes).toBe(0);
  });

  test.each([65_536, undefined])(
    "is taken as bytes come, whatever was announced (length %s)",
    async (length) => {
      const memory = new BufferSpace(1_000_000);
      const init = length === undefined ? {} : { length };
      void prepareBody(requestOf(sourceOf([patterned(1)], "hang"), init), { memory });
      await turnOfTheLoop();
      expect(memory.bytes).toBeLessThanOrEqual(4_096);
    },
  );

  test.each([100, 60_000, undefined])(
    "used up by the client itself: its body is refused, and not streamed (length %s)",
    async (length) => {
      const memory = new BufferSpace(10_000);
      memory.open("a", 9_000, Date.now());
      const init = length === undefined ? {} : { length };
      const source = sourceOf([patterned(100)], "hang");
      expect(await prepareBody(requestOf(source, init), { memory })).toEqual({ kind: "memory-short" });
    },
  );

  test.each([8_000, 60_000, undefined])(
    "used up by another client's slow bodies: those give way, and are refused (length %s)",
    async (length) => {
      const memory = new BufferSpace(10_000);
      const init = length === undefined ? {} : { length };
      const slow = Array.from({ length: 2 }, () =>
        prepareBody(requestOf(sourceOf([patterned(100)], "hang"), init), { memory, client: "slow" }),
      );
      await turnOfTheLoop();
      const good = prepareBody(requestOf(sourceOf([patterned(5_000)]), { length: 5_000 }), { memory });
      expect(await good).toMatchObject({ kind: "buffered", bytes: patterned(5_000) });
      expect(await Promise.race(slow)).toEqual({ kind: "memory-short" });
    },
  );

  test("has room for a body of more than 64 KiB, which goes on as a stream", async () => {
    const memory = new BufferSpace(maxBufferedBytes);
    const bytes = patterned(200_000);
    const prepared = streamed(
      await prepareBody(requestOf(sourceOf([bytes]), { length: 200_000 }), { memory }),
    );
    expect(Buffer.from(await bytesOf(prepared.stream)).equals(bytes)).toBe(true);
  });
});
