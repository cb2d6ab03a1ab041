/** Chunks, in whatever pieces they come. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ChunkedDecoder } from "../../../../../worker/transport/own-connection/chunked-decoder.ts";
import { bytes, inPieces } from "./pieces.ts";

/** The data, and whether the body is over; or that it is malformed. */
function decoded(pieces: readonly Uint8Array[]): { data: string; isOver: boolean } | "malformed" {
  const decoder = new ChunkedDecoder();
  let data = "";
  for (const piece of pieces) {
    const parts = decoder.push(piece);
    if (parts === "malformed") return parts;
    for (const part of parts) data += Buffer.from(part).toString("latin1");
  }
  return { data, isOver: decoder.isOver };
}

const anyChunk = fc.record({
  data: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((data) => Buffer.from(data).toString("latin1")),
  extension: fc.constantFrom("", ";a", ';a="b;c"', " \t", " ;x=y"),
  zeros: fc.constantFrom("", "0", "000"),
  isUpper: fc.boolean(),
});

describe("a chunked body", () => {
  test("is the same in whatever pieces it comes, and never over before its end", () => {
    fc.assert(
      fc.property(
        fc.array(anyChunk, { maxLength: 6 }),
        fc.constantFrom("", "T: 1\r\n", "A:\r\nB: 2\r\n"),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (chunks, trailers, cuts) => {
          const written = chunks.map(({ data, extension, zeros, isUpper }) => {
            const size = data.length.toString(16);
            return `${zeros}${isUpper ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`;
          });
          const text = `${written.join("")}0\r\n${trailers}\r\n`;
          const data = chunks.map((chunk) => chunk.data).join("");
          expect(decoded(inPieces(bytes(text), cuts))).toEqual({ data, isOver: true });
          expect(decoded(inPieces(bytes(`${text}more`), cuts))).toEqual({ data, isOver: true });
          const torso = text.slice(0, -1 - ((cuts[0] ?? 0) % (text.length - 1)));
          expect(decoded([bytes(torso)])).toMatchObject({ isOver: false });
        },
      ),
    );
  });

  test.each([
    ["a size with a prefix", "0x3\r\nabc\r\n0\r\n\r\n"],
    ["a size with a sign", "+3\r\nabc\r\n0\r\n\r\n"],
    ["a space before a size", " 3\r\nabc\r\n0\r\n\r\n"],
    ["no size", "\r\nabc\r\n0\r\n\r\n"],
    ["an extension without a size", ";a\r\n"],
    ["a size beyond all numbers", `${"f".repeat(14)}\r\n`],
    ["a size of digits without end", "0".repeat(5_000)],
    ["LF alone behind a size", "3\nabc\r\n0\r\n\r\n"],
    ["LF alone behind data", "3\r\nabc\n0\r\n\r\n"],
    ["CR alone behind a size", "3\rabc"],
    ["data that are longer than their size", "3\r\nabcd\r\n0\r\n\r\n"],
    ["a bare LF in an extension", "3;a\nb\r\nabc"],
    ["NUL in an extension", "3;a\0\r\nabc"],
    ["an extension without end", `3;${"a".repeat(5_000)}`],
    ["blanks without end", `3${" ".repeat(5_000)}`],
    ["a bare LF in a trailer", "0\r\nT: 1\n\r\n"],
    ["a bare CR in a trailer", "0\r\nT: 1\r2\r\n\r\n"],
    ["trailers without end", `0\r\n${"T: 1\r\n".repeat(20_000)}`],
  ])("with %s is malformed, also byte by byte", (_, text) => {
    expect(decoded([bytes(text)])).toBe("malformed");
    expect(decoded(Array.from(bytes(text), (byte) => Uint8Array.of(byte)))).toBe("malformed");
  });
});
