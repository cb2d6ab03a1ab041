/** A body that is taken in whole before an origin is asked: in memory, or on disk, and gone from there afterwards. */
import { afterEach, describe, expect, test, vi } from "vitest";

import { BufferSpace } from "../../../../../core/buffering/buffer-space.ts";
import { BodySpool } from "../../../../../worker/proxy/request/body-spool.ts";
import { ClientBody } from "../../../../../worker/proxy/request/client-body.ts";
import { spoolBody } from "../../../../../worker/proxy/request/spooled-body.ts";
import type { BodyRules } from "../../../../../worker/proxy/request/request-body.ts";
import { patterned, sourceOf, standInForWorkerdStreams } from "../workerd-streams.ts";
import { bytesOf, cut, prepareBody, requestOf, sent, streamed } from "./prepared-bodies.ts";

standInForWorkerdStreams();
afterEach(() => {
  vi.useRealTimers();
});

describe("a body that is taken in before an origin is asked", () => {
  const bufferedBytes = 3_000_000;
  const spoolOn = (
    disk: Pick<FakeDisk, "fetch">,
    space = new BufferSpace(10_000_000),
  ): BodyRules["spool"] => {
    const spool = new BodySpool(space);
    return (giveWay) => spool.create(disk, "a", giveWay);
  };

  test.each([100_000, 1_048_576])("of %i bytes is in memory, with a length or without", async (bytes) => {
    for (const init of [{ length: bytes }, {}]) {
      const source = sourceOf(cut(patterned(bytes), [1, 60_000]));
      const prepared = await prepareBody(requestOf(source, init), { bufferedBytes });
      expect(prepared.kind).toBe("buffered");
      expect(Buffer.from(await bytesOf(sent(prepared))).equals(patterned(bytes))).toBe(true);
    }
  });

  test("and does not fit in memory is on disk, can be sent again, and is removed", async () => {
    const disk = new FakeDisk();
    const bytes = patterned(2_000_000);
    const prepared = await prepareBody(requestOf(sourceOf(cut(bytes, [500_000]))), {
      bufferedBytes,
      spool: spoolOn(disk),
    });
    if (prepared.kind !== "spooled") throw new Error(prepared.kind);
    expect(prepared.file.bytes).toBe(2_000_000);
    for (let attempt = 0; attempt < 2; attempt++)
      expect(Buffer.from(await bytesOf(sent(prepared))).equals(bytes)).toBe(true);
    await prepared.file.remove();
    expect(disk.files.size).toBe(0);
  });

  test("and comes slowly takes disk, and no memory beyond 64 KiB", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    let pull: ReadableByteStreamController | undefined;
    const stream = new ReadableStream({ type: "bytes", start: (controller) => void (pull = controller) });
    const memory = new BufferSpace(10_000_000);
    const space = new BufferSpace(10_000_000);
    const rules = { bufferedBytes, memory, spool: spoolOn(new FakeDisk(), space) };
    void prepareBody(requestOf({ stream, pulled: 0, cancelled: false }, { length: 1_000_000 }), rules);
    for (let second = 0; second < 20; second++) {
      pull?.enqueue(patterned(10_000));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    vi.useRealTimers();
    expect(memory.bytes).toBe(0);
    expect(space.bytes).toBeGreaterThan(100_000);
  });

  test("and turns out to be larger than that is streamed, with what is on disk before the rest", async () => {
    const disk = new FakeDisk();
    const bytes = patterned(5_000_000);
    const work: Promise<unknown>[] = [];
    const prepared = streamed(
      await prepareBody(requestOf(sourceOf(cut(bytes, [1_000_000, 1_000_000, 1_500_000]))), {
        bufferedBytes,
        spool: spoolOn(disk),
        waitUntil: (promise) => void work.push(promise),
      }),
    );
    expect(disk.files.size).toBe(1);
    expect(Buffer.from(await bytesOf(prepared.stream)).equals(bytes)).toBe(true);
    await Promise.all(work);
    expect(disk.files.size).toBe(0);
  });

  test("and announces more than that is streamed after 1 MiB, with what is on disk before the rest", async () => {
    const disk = new FakeDisk();
    const space = new BufferSpace(10_000_000);
    const bytes = patterned(5_000_000);
    const source = sourceOf(cut(bytes, [1_000_000, 100_000]));
    const rules = { bufferedBytes, spool: spoolOn(disk, space) };
    const prepared = streamed(await prepareBody(requestOf(source, { length: 5_000_000 }), rules));
    expect(space.bytes).toBeLessThan(1_200_000);
    expect(Buffer.from(await bytesOf(prepared.stream)).equals(bytes)).toBe(true);
    await expect.poll(() => disk.files.size).toBe(0);
  });

  test("and announces more than that holds no slot before 1 MiB has come, however slowly", async () => {
    const memory = new BufferSpace(10_000_000);
    const space = new BufferSpace(10_000_000);
    const rules = { bufferedBytes, memory, spool: spoolOn(new FakeDisk(), space) };
    const source = sourceOf(cut(patterned(1_000_000), [100_000, 400_000]), "hang");
    const prepared = prepareBody(requestOf(source, { length: 1_000_000_000 }), rules);
    await expect.poll(() => space.bytes).toBeGreaterThanOrEqual(1_000_000);
    expect(memory.bytes).toBe(0);
    expect(await Promise.race([prepared, Promise.resolve("not sent yet")])).toBe("not sent yet");
  });

  test.each(["break", "hang"] as const)("and does not end (%s) leaves no file", async (end) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const disk = new FakeDisk();
    const work: Promise<unknown>[] = [];
    const preparing = prepareBody(requestOf(sourceOf([patterned(2_000_000)], end), { length: 2_500_000 }), {
      bufferedBytes,
      spool: spoolOn(disk),
      waitUntil: (promise) => void work.push(promise),
    });
    for (let second = 0; second < 40; second++) await vi.advanceTimersByTimeAsync(1_000);
    const { kind } = await preparing;
    expect(kind).toBe(end === "break" ? "client-gone" : "upload-timeout");
    await Promise.all(work);
    vi.useRealTimers();
    expect(disk.files.size).toBe(0);
  });

  test("is streamed where there is no disk, or no room on it", async () => {
    for (const spool of [undefined, spoolOn(new FakeDisk(), new BufferSpace(100_000))]) {
      const bytes = patterned(2_000_000);
      const source = sourceOf(cut(bytes, [700_000, 700_000]));
      const prepared = streamed(
        await prepareBody(requestOf(source, { length: 2_000_000 }), { bufferedBytes, spool }),
      );
      expect(Buffer.from(await bytesOf(prepared.stream)).equals(bytes)).toBe(true);
    }
  });

  test("is refused if the disk fails", async () => {
    const disk = { fetch: () => Promise.reject(new Error("no space left on the device")) };
    const prepared = await prepareBody(requestOf(sourceOf([patterned(2_000_000)]), { length: 2_000_000 }), {
      bufferedBytes,
      spool: spoolOn(disk),
    });
    expect(prepared).toEqual({ kind: "memory-short" });
  });

  test("lets go of what was in memory as soon as that is on disk", async () => {
    const file = spoolOn(new FakeDisk())?.(() => undefined);
    if (file === undefined) throw new Error("there is room");
    const start = { head: patterned(70_000) };
    const body = new ClientBody(sourceOf([patterned(10)], "hang").stream);
    void spoolBody(body, start, file, { atMost: 1_000_000, maxBytes: Infinity });
    await expect.poll(() => file.bytes).toBe(70_010);
    expect(start.head.byteLength).toBe(0);
  });

  test("keeps to the route's limit", async () => {
    const rules = { bufferedBytes, maxBytes: 1_500_000, spool: spoolOn(new FakeDisk()) };
    expect(await prepareBody(requestOf(sourceOf([patterned(2_000_000)])), rules)).toEqual({
      kind: "body-too-large",
    });
  });
});

/** A disk service as workerd's. */
class FakeDisk {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();

  fetch = async (
    url: string,
    { method = "GET", body }: { method?: string; body?: BodyInit } = {},
  ): Promise<Response> => {
    if (method === "PUT") this.files.set(url, new Uint8Array(await new Response(body ?? null).arrayBuffer()));
    if (method === "DELETE") this.files.delete(url);
    const file = this.files.get(url);
    return method === "GET" && file === undefined
      ? new Response(null, { status: 404 })
      : new Response(method === "GET" ? (file ?? null) : null);
  };
}
