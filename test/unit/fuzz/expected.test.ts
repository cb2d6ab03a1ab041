/** The judge of the fuzz runs, judged: what must arrive, for messages that show a rule each; and that its reader is strict. */
import { describe, expect, test } from "vitest";

import { expectedAtClient, expectedAtOrigin } from "../../support/fuzz/expected.ts";
import type { Connection, FuzzRequest, FuzzResponse } from "../../support/fuzz/exchange.ts";
import { readMessage } from "../../support/fuzz/message.ts";

const facts = { number: "1", originHost: "origin.test", clientHost: "client.test" };
const get: FuzzRequest = { method: "GET", target: "/", fields: [], body: { framing: "none", pieces: [] } };
const ok: FuzzResponse = { status: 200, reason: "OK", fields: [], body: { framing: "length", pieces: [] } };
const by = (connection: Connection, request: FuzzRequest) => ({ connection, request });
const of = (bytes: number) => [new Uint8Array(bytes)];

describe("at the origin", () => {
  test("fields of the connection, those that it names, and claims about the client are gone", () => {
    const fields = [
      ["Connection", "X-Once"],
      ["x-once", "1"],
      ["TE", "trailers"],
      ["X_Forwarded_For", "1.2.3.4"],
      ["X-Weir-Any", "1"],
      ["Kept", "a"],
      ["kept", "b"],
    ] as const;
    const got = expectedAtOrigin(by("reuse", { ...get, fields }), facts)?.fields;
    expect(got).toMatchObject({ kept: "a, b", host: "origin.test", "x-forwarded-for": "127.0.0.1" });
    expect(Object.keys(got ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/once|^te$|_|weir|connection/)]),
    );
  });

  test("the target has the form of the URL standard", () => {
    const line = expectedAtOrigin(by("reuse", { ...get, target: "/a/../b\\%2e?c#d" }), facts)?.line;
    expect(line).toBe("GET /b/?c HTTP/1.1");
  });

  test.each(["/%", "/a%00", "/..;x", "/%2f/.%5c/.;", "/..%2fa", "/%2fa", "/;a/b", "//%5ca"])(
    "no %s ever comes there",
    (target) => {
      expect(expectedAtOrigin(by("reuse", { ...get, target }), facts)).toBeUndefined();
    },
  );

  test.each([
    ["POST", "chunked", 65_537, "length"],
    ["POST", "length", 65_537, "length"],
    ["DELETE", "none", 0, "length"],
    ["GET", "chunked", 0, "none"],
  ] as const)("%s, %s, of %i bytes is framed as %s", (method, framing, bytes, expected) => {
    const body = { framing, pieces: of(bytes) };
    expect(expectedAtOrigin(by("reuse", { ...get, method, body }), facts)?.framing).toBe(expected);
  });

  test.each([
    ["reuse", "caf\u00E9", "caf\u00E9"],
    ["each", "caf\u00E9", "caf\u00E9"],
    ["each", "caf\u00C3\u00A9", "caf\u00C3\u00A9"],
  ] as const)("with connection %s the bytes %j of a value come as %j", (connection, value, expected) => {
    const request = { ...get, fields: [["Qq", value]] as const };
    expect(expectedAtOrigin(by(connection, request), facts)?.fields["qq"]).toBe(expected);
  });

  test("content of GET never comes there", () => {
    const body = { framing: "length", pieces: of(1) } as const;
    expect(expectedAtOrigin(by("reuse", { ...get, body }), facts)).toBeUndefined();
  });
});

describe("at the client", () => {
  test("cookies stay apart, others are joined, Weir's own and the connection's are gone", () => {
    const fields = [
      ["Set-Cookie", "a"],
      ["Set-Cookie", "b"],
      ["Vary", "a"],
      ["Vary", "b"],
      ["X-Weir-Load", "1"],
      ["Keep-Alive", "1"],
    ] as const;
    expect(
      expectedAtClient({ connection: "reuse", request: get, response: { ...ok, fields } }).fields,
    ).toEqual({
      "set-cookie": ["a", "b"],
      vary: "a, b",
      date: "…",
      "x-request-id": "…",
    });
  });

  test.each([
    ["reuse", "caf\u00E9", "caf\u00E9"],
    ["each", "caf\u00E9", "caf\u00C3\u00A9"],
    ["each", "caf\u00C3\u00A9", "caf\u00C3\u00A9"],
  ] as const)("with connection %s the bytes %j of a value come as %j", (connection, value, expected) => {
    const response = { ...ok, fields: [["Qq", value]] as const };
    expect(expectedAtClient({ connection, request: get, response }).fields["qq"]).toBe(expected);
  });

  test.each([
    ["HEAD", 200, "length", "none"],
    ["GET", 204, "none", "none"],
    ["GET", 205, "none", "length"],
    ["GET", 200, "close", "chunked"],
    ["GET", 200, "length", "length"],
  ] as const)("%s %i with %s is framed as %s", (method, status, framing, expected) => {
    const response = { ...ok, status, body: { framing, pieces: [] } };
    expect(expectedAtClient({ connection: "reuse", request: { ...get, method }, response }).framing).toBe(
      expected,
    );
  });
});

describe("the reader of messages", () => {
  const read = (text: string) => readMessage(Buffer.from(text), { answers: "GET" });

  test("leaves what comes after a message", () => {
    const message = read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nHTTP");
    expect(message?.body.toString()).toBe("ab");
    expect(message?.bytes).toBe(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n".length,
    );
  });

  test.each([
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
  ])("waits for the rest of %j", (text) => {
    expect(read(text)).toBeUndefined();
  });

  test.each([
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n",
    "HTTP/1.1 200 OK\r\nName : value\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\n",
  ])("does not take %j", (text) => {
    expect(() => read(text)).toThrow(/./);
  });
});
