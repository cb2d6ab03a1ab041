/** A request's body on its way to an origin: whole and framed, no faster than it is taken, and never ended where it has broken off. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ChunkedDecoder } from "../../../../../worker/transport/own-connection/chunked-decoder.ts";
import { sendBody } from "../../../../../worker/transport/own-connection/upload.ts";
import { FarEnd, settle } from "../../far-end.ts";
import { patterned, sourceOf, type Source, type StreamEnd } from "../../proxy/workerd-streams.ts";
import { bytes } from "./pieces.ts";

const lastChunk = "0\r\n\r\n";

/** Sends a body of these pieces to an origin that has accepted. */
function send(pieces: readonly Uint8Array[], isChunked: boolean, end: StreamEnd = "close") {
  const origin = new FarEnd().accepts();
  const source = sourceOf(pieces, end);
  const stop = new AbortController();
  const sent = sendBody(source.stream, isChunked, origin.connection.writable, stop.signal);
  sent.catch(() => undefined);
  return { origin, source, stop, sent };
}

/** The data of chunks, and whether they have ended. */
function unchunked(wire: string): { readonly data: Uint8Array; readonly isOver: boolean } {
  const decoder = new ChunkedDecoder();
  const parts = decoder.push(bytes(wire));
  if (parts === "malformed") return expect.fail(parts);
  return { data: new Uint8Array(Buffer.concat(parts)), isOver: decoder.isOver };
}

/** The origin sees a body that is not whole: neither its end, nor that of a connection that was aborted. */
function expectBrokenOff(origin: FarEnd, { cancelled }: Source): void {
  expect([origin.isEnded, origin.isAborted, cancelled]).toEqual([false, false, true]);
  expect(origin.heard).not.toContain(lastChunk);
}

describe("a body", () => {
  test("with a length arrives as it is, and leaves the connection open for the answer", async () => {
    const { origin, sent } = send([bytes("abc"), bytes("def")], false);
    await sent;
    expect([origin.heard, origin.isEnded]).toEqual(["abcdef", false]);
  });

  test("in chunks arrives byte for byte, each piece as one chunk, and leaves the connection open", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const { origin, sent } = send(lengths.map(patterned), true);
        await sent;
        const data = Uint8Array.from(lengths.flatMap((length) => [...patterned(length)]));
        expect(unchunked(origin.heard)).toEqual({ data, isOver: true });
        expect([origin.pieces, origin.isEnded]).toEqual([lengths.length + 1, false]);
      }),
    );
  });

  test("in chunks has none larger than 128 KiB, whatever its pieces", async () => {
    const { origin, sent } = send([patterned(140_000)], true);
    await sent;
    expect(origin.heard.startsWith("20000\r\n")).toBe(true);
    expect(unchunked(origin.heard)).toEqual({ data: patterned(140_000), isOver: true });
  });

  test.each([true, false])(
    "is read no faster than the origin takes it (in chunks: %s)",
    async (isChunked) => {
      const origin = new FarEnd().accepts().stalls();
      const source = sourceOf(Array.from({ length: 5 }, () => patterned(1_000)));
      const stop = new AbortController();
      const sent = sendBody(source.stream, isChunked, origin.connection.writable, stop.signal);
      await settle();
      expect(source.pulled).toBe(1_000);
      origin.takes();
      await sent;
      expect(source.pulled).toBe(5_000);
    },
  );
});

describe.each([true, false])("a body that breaks off is not ended (in chunks: %s)", (isChunked) => {
  test("where its client breaks it off", async () => {
    const { origin, sent } = send([bytes("abc")], isChunked, "break");
    await expect(sent).rejects.toThrow("Network connection lost.");
    expect([origin.isEnded, origin.isAborted]).toEqual([false, false]);
    expect(origin.heard).toContain("abc");
    expect(origin.heard).not.toContain(lastChunk);
  });

  test("where the origin resets the connection: its client is read from no more", async () => {
    const origin = new FarEnd().accepts();
    const client = new FarEnd().says("abc");
    const { signal } = new AbortController();
    const sent = sendBody(client.connection.readable, isChunked, origin.connection.writable, signal);
    await settle();
    origin.resets();
    client.says("def");
    await expect(sent).rejects.toThrow("Network connection lost.");
    expect([client.isLeft, origin.heard.includes("def")]).toEqual([true, false]);
  });

  test("where the connection breaks while the origin takes no more", async () => {
    const origin = new FarEnd().accepts().stalls();
    const source = sourceOf([bytes("abc"), bytes("def")], "hang");
    const stop = new AbortController();
    const sent = sendBody(source.stream, isChunked, origin.connection.writable, stop.signal);
    await settle();
    origin.resets();
    await expect(sent).rejects.toThrow("Network connection lost.");
    expect(source.cancelled).toBe(true);
  });

  test("where it is stopped while its client pauses", async () => {
    const { origin, source, stop, sent } = send([bytes("abc")], isChunked, "hang");
    await settle();
    stop.abort(new Error("too late"));
    await expect(sent).rejects.toThrow("too late");
    expectBrokenOff(origin, source);
  });

  test("where it is stopped before it begins", async () => {
    const origin = new FarEnd().accepts();
    const source = sourceOf([], "hang");
    const stopped = AbortSignal.abort(new Error("too late"));
    const sent = sendBody(source.stream, isChunked, origin.connection.writable, stopped);
    await expect(sent).rejects.toThrow("too late");
    expectBrokenOff(origin, source);
    expect(origin.heard).toBe("");
  });
});
