/** The heads of requests, byte by byte. */
import { describe, expect, test } from "vitest";

import {
  writeRequestHead,
  type RequestHead,
} from "../../../../../worker/transport/own-connection/request-head.ts";

const request: RequestHead = {
  method: "GET",
  target: "/a?b",
  host: "a.internal:8000",
  headers: new Headers(),
  body: undefined,
  close: true,
};

function written(parts: Partial<RequestHead>): string {
  const head = writeRequestHead({ ...request, ...parts });
  return head.kind === "unsendable" ? head.kind : Buffer.from(head.bytes).toString("latin1");
}

describe("a request's head", () => {
  test("has a line, the Host, the fields, and an end", () => {
    const headers = new Headers({ Accept: "*/*", "X-U": "Jos\u00e9" });
    expect(written({ headers })).toBe(
      "GET /a?b HTTP/1.1\r\nhost: a.internal:8000\r\naccept: */*\r\nx-u: Jos\xc3\xa9\r\nconnection: close\r\n\r\n",
    );
    expect(written({ close: false })).toBe("GET /a?b HTTP/1.1\r\nhost: a.internal:8000\r\n\r\n");
  });

  test("says how long the body is, whatever the fields say", () => {
    const headers = new Headers({ "Content-Length": "9", "Transfer-Encoding": "gzip", Host: "x" });
    const end = (parts: Partial<RequestHead>): string =>
      written({ method: "POST", close: false, headers, ...parts }).replace(/^[^\n]*\n[^\n]*\n/, "");
    expect(end({ body: { bytes: 3 } })).toBe("content-length: 3\r\n\r\n");
    expect(end({ body: "chunked" })).toBe("transfer-encoding: chunked\r\n\r\n");
    expect(end({})).toBe("content-length: 0\r\n\r\n");
    expect(end({ method: "GET" })).toBe("\r\n");
  });

  test.each([
    ["a target with a line end", { target: "/a\r\nX: y" }],
    ["a target with a space", { target: "/a b" }],
    ["a Host with a line end", { host: "a\nb" }],
    ["a method with a space", { method: "GET /x HTTP/1.1\r\nX:" }],
  ])("is none with %s", (_, parts) => {
    expect(written(parts)).toBe("unsendable");
  });

  test("tells that bytes of a value are lost", () => {
    expect(writeRequestHead({ ...request, headers: withLostByte() }).kind).toBe("bytes-lost");
  });
});

/** Headers whose value had a byte that is no UTF-8, as workerd hands them out. Node's would not take the character. */
function withLostByte(): Headers {
  class Lossy extends Headers {
    override forEach<This>(
      told: (this: This, value: string, name: string, all: Headers) => void,
      self?: This,
    ): void {
      Reflect.apply(told, self, ["Jos\uFFFD", "x-a", this]);
    }
  }
  return new Lossy();
}
