/** The heads of responses, in whatever pieces they come. What becomes of each kind of them is in e2e/own-connections. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { bodyFraming, saysClose } from "../../../../../worker/transport/own-connection/body-framing.ts";
import { HeadBuffer, maxHeadBytes } from "../../../../../worker/transport/own-connection/head-buffer.ts";
import {
  parseResponseHead,
  type ResponseHead,
} from "../../../../../worker/transport/own-connection/response-head.ts";
import { bytes, inPieces } from "./pieces.ts";

function parsed(text: string): ResponseHead {
  const head = parseResponseHead(bytes(text));
  return head.kind === "head" ? head : expect.fail(head.why);
}

const ok = "HTTP/1.1 200 OK\r\n";

const anyField = fc.tuple(
  fc.stringMatching(/^[A-Za-z][\w-]{0,12}$/),
  fc.stringMatching(/^(?:[!-~](?:[ -~]{0,20}[!-~])?)?$/),
);

describe("a head", () => {
  test("is the same in whatever pieces it comes, and what is behind it stays", () => {
    fc.assert(
      fc.property(
        fc.array(anyField, { maxLength: 20 }),
        fc.constantFrom("\r\n", "\n"),
        fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[^ -~]/g, "")),
        fc.array(fc.nat(600), { maxLength: 8 }),
        (fields, end, body, cuts) => {
          const lines = ["HTTP/1.1 200 OK", ...fields.map(([name, value]) => `${name}: ${value}`), "", ""];
          const buffer = new HeadBuffer();
          const pieces = inPieces(bytes(lines.join(end) + body), cuts);
          const at = pieces.findIndex((piece) => buffer.push(piece) !== "incomplete");
          // The one that completed it, once more from the beginning.
          const again = new HeadBuffer();
          const whole = pieces
            .slice(0, at + 1)
            .map((piece) => again.push(piece))
            .at(-1);
          if (typeof whole !== "object") return expect.fail(String(whole));
          const head = parseResponseHead(whole.head);
          expect(head).toMatchObject({ kind: "head", status: 200, reason: "OK", fields });
          const rest = Buffer.concat([whole.rest, ...pieces.slice(at + 1)]).toString("latin1");
          expect(rest).toBe(body);
        },
      ),
    );
  });

  test.each([
    ["that never ends", "X-A: 1\r\n"],
    ["whose line never ends", "x"],
  ])("%s is too large, though it comes byte by byte", (_, part) => {
    const buffer = new HeadBuffer();
    const text = ok + part.repeat(maxHeadBytes);
    let at = 0;
    while (buffer.push(bytes(text.charAt(at++))) === "incomplete");
    expect(at).toBe(maxHeadBytes + 1);
  });

  test("keeps the bytes of values that are UTF-8, and reads others as Latin-1", () => {
    const { reason, fields } = parsed(
      "HTTP/1.1 200 T\xc3\xa9\r\nA: Jos\xc3\xa9\r\nB: Jos\xe9\r\nC: \x80\r\n\r\n",
    );
    expect(reason).toBe("Té");
    expect(fields).toEqual([
      ["A", "José"],
      ["B", "José"],
      ["C", "\x80"],
    ]);
  });

  test("loses spaces and tabs at the ends of its values, and nothing else", () => {
    expect(parsed(`${ok}A:\t 1 2\t \r\nB:\xa0\x0b\r\n\r\n`).fields).toEqual([
      ["A", "1 2"],
      ["B", "\xa0\x0b"],
    ]);
  });
});

describe("a body's framing", () => {
  test.each([
    ["GET", `${ok}Content-Length: 3\r\n\r\n`, { kind: "length", bytes: 3 }],
    [
      "GET",
      `${ok}Content-Length: 9007199254740991\r\n\r\n`,
      { kind: "length", bytes: 9_007_199_254_740_991 },
    ],
    [
      "GET",
      `${ok}Content-Length: 9007199254740992\r\n\r\n`,
      { kind: "malformed", why: "length that is none" },
    ],
    ["GET", `${ok}\r\n`, { kind: "until-close" }],
    ["GET", `${ok}Transfer-Encoding:\tchunked \r\n\r\n`, { kind: "chunked" }],
    ["HEAD", `${ok}Content-Length: 3\r\n\r\n`, { kind: "none" }],
    ["POST", "HTTP/1.1 204 X\r\n\r\n", { kind: "none" }],
    ["GET", "HTTP/1.1 304 X\r\nContent-Length: 3\r\n\r\n", { kind: "none" }],
    ["GET", "HTTP/1.1 205 X\r\nContent-Length: 0\r\n\r\n", { kind: "none" }],
    ["POST", "HTTP/1.1 205 X\r\nTransfer-Encoding: chunked\r\n\r\n", { kind: "none" }],
  ])("of the answer to %s, %j, is %j", (method, head, framing) => {
    expect(bodyFraming(method, parsed(head))).toEqual(framing);
  });

  test.each([
    ["close", true],
    ["X, Close", true],
    ["keep-alive", false],
    ["closed", false],
  ])("Connection: %s says close: %s", (value, says) => {
    expect(saysClose(parsed(`${ok}Connection: ${value}\r\n\r\n`))).toBe(says);
  });
});
