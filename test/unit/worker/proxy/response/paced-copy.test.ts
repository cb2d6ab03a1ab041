/** A copy that watches its client: every byte arrives, one that takes nothing is cut in time, and one that is slow is not. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { SendPace } from "../../../../../core/connections/send-pace.ts";
import { ClientStalled, copyBody, type CopyTerms } from "../../../../../worker/proxy/response/paced-copy.ts";
import { patterned, sourceOf, standInForWorkerdStreams } from "../workerd-streams.ts";

standInForWorkerdStreams();

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const terms: CopyTerms = {
  signal: new AbortController().signal,
  limits: { idleMs: 30_000, leastBytesPerSecond: 500 },
  count: () => undefined,
  isEnded: true,
  isScripted: false,
};

const pieces = (count: number): Uint8Array[] => Array.from({ length: count }, () => patterned(16_384));

test.each([true, false])("every byte arrives (scripted: %s)", async (isScripted) => {
  const { readable, writable } = new FixedLengthStream(40 * 16_384);
  const copied = copyBody(sourceOf(pieces(40)).stream, writable, { ...terms, isScripted });
  const got = Buffer.from(await new Response(readable).arrayBuffer());
  expect(got.equals(Buffer.concat(pieces(40)))).toBe(true);
  await copied;
});

test("a client that takes nothing is given up after the idle time, and so is the origin", async () => {
  const source = sourceOf(pieces(40));
  const { writable } = new FixedLengthStream(40 * 16_384);
  const over = vi.fn();
  copyBody(source.stream, writable, terms).catch(over);
  await vi.advanceTimersByTimeAsync(29_900);
  expect(over).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(200);
  expect(over).toHaveBeenCalledWith(expect.any(ClientStalled));
  expect(source.cancelled).toBe(true);
});

test("a client that takes a piece now and then, above the least rate, gets all of it", async () => {
  const { readable, writable } = new FixedLengthStream(20 * 16_384);
  const copied = copyBody(sourceOf(pieces(20)).stream, writable, terms);
  const reader = readable.getReader();
  let got = 0;
  while (got < 20 * 16_384) {
    await vi.advanceTimersByTimeAsync(20_000);
    got += (await reader.read()).value?.byteLength ?? 0;
  }
  await reader.read();
  await copied;
});

test("an origin that pauses is not its client's fault", async () => {
  let pull: ReadableByteStreamController | undefined;
  const stream = new ReadableStream({ type: "bytes", start: (controller) => void (pull = controller) });
  const { readable, writable } = new FixedLengthStream(20);
  const copied = copyBody(stream, writable, terms);
  pull?.enqueue(patterned(10));
  const reader = readable.getReader();
  await reader.read();
  await vi.advanceTimersByTimeAsync(600_000);
  pull?.enqueue(patterned(10));
  pull?.close();
  expect((await reader.read()).value?.byteLength).toBe(10);
  await reader.read();
  await copied;
});

test("without limits a client may take as long as it likes", async () => {
  const { readable, writable } = new FixedLengthStream(16_384 * 8);
  const copied = copyBody(sourceOf(pieces(8)).stream, writable, { ...terms, limits: undefined });
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect((await new Response(readable).arrayBuffer()).byteLength).toBe(16_384 * 8);
  await copied;
});

describe("at a pace of 100 KB a second", () => {
  const pace = (): SendPace => new SendPace({ bytesPerSecond: 100_000, afterBytes: 0 }, Date.now());

  test.each([true, false])(
    "no more has come at any time, and all of it in the end (scripted: %s)",
    async (isScripted) => {
      const { readable, writable } = new FixedLengthStream(10 * 16_384);
      const copied = copyBody(sourceOf(pieces(10)).stream, writable, { ...terms, isScripted, pace: pace() });
      const reader = readable.getReader();
      const all: Uint8Array[] = [];
      const reading = (async () => {
        for (let next = await reader.read(); !next.done; next = await reader.read()) all.push(next.value);
      })();
      const got = (): number => all.reduce((sum, { byteLength }) => sum + byteLength, 0);
      for (let elapsedMs = 0; elapsedMs < 1_500; elapsedMs += 50) {
        expect(got()).toBeLessThanOrEqual(elapsedMs * 100 + 10_000);
        await vi.advanceTimersByTimeAsync(50);
      }
      await vi.advanceTimersByTimeAsync(100);
      await Promise.all([copied, reading]);
      expect(Buffer.concat(all).equals(Buffer.concat(pieces(10)))).toBe(true);
    },
  );

  test("a client that goes while the next piece is not due ends the copy at once, and the origin is let go", async () => {
    const client = new AbortController();
    const source = sourceOf(pieces(10), "hang");
    const { readable, writable } = new FixedLengthStream(10 * 16_384);
    const over = vi.fn();
    copyBody(source.stream, writable, { ...terms, signal: client.signal, pace: pace() }).catch(over);
    await readable.getReader().read();
    await vi.advanceTimersByTimeAsync(10);
    client.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(over).toHaveBeenCalledWith(client.signal.reason);
    expect(source.cancelled).toBe(true);
  });

  test("a client that takes nothing is still given up", async () => {
    const { writable } = new FixedLengthStream(10 * 16_384);
    const over = vi.fn();
    copyBody(sourceOf(pieces(10)).stream, writable, { ...terms, pace: pace() }).catch(over);
    await vi.advanceTimersByTimeAsync(30_200);
    expect(over).toHaveBeenCalledWith(expect.any(ClientStalled));
  });
});
