/** What the tunnel changes of a handshake, byte by byte. */
import { describe, expect, test } from "vitest";

import {
  askedFor,
  requestTo,
  statusOf,
  withoutReuse,
} from "../../../../../worker/transport/websocket/handshake-bytes.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (read: Uint8Array): string => Buffer.from(read).toString("latin1");

const request = "GET /a-ticket HTTP/1.1\r\nHost: tunnel\r\nCookie: n=Jos\xe9; \x80\r\nX-Host: x\r\n\r\n";

describe("the runtime's request", () => {
  test("names a ticket", () => {
    expect(askedFor(bytes(request))).toBe("a-ticket");
  });

  test.each(["POST /a HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /a/b HTTP/1.1\r\n\r\n", ""])(
    "is none: %j",
    (other) => {
      expect(askedFor(bytes(other))).toBeUndefined();
    },
  );

  test("goes to the origin for its target and under its host, all other bytes as they are", () => {
    expect(text(requestTo("http://10.0.0.5:8080/chat?room=1", bytes(request)))).toBe(
      "GET /chat?room=1 HTTP/1.1\r\nHost: 10.0.0.5:8080\r\nCookie: n=Jos\xe9; \x80\r\nX-Host: x\r\n\r\n",
    );
  });
});

describe("the origin's answer", () => {
  test("has a status, or none", () => {
    expect(statusOf(bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"))).toBe(101);
    expect(statusOf(bytes("HTTP/1.0 403\r\n\r\n"))).toBe(403);
    expect(statusOf(bytes("HTTP/2 200\r\n\r\n"))).toBeUndefined();
    expect(statusOf(bytes("\r\n"))).toBeUndefined();
  });

  test("says that the connection ends behind it, whatever it said, and all else as it did", () => {
    const answer = "HTTP/1.1 403 No\r\nconnection: keep-alive\r\nX: \xe9\r\nConnection: x\r\n";
    const closed = "HTTP/1.1 403 No\r\nX: \xe9\r\nConnection: close\r\n\r\n";
    expect(text(withoutReuse(bytes(`${answer}\r\n`)))).toBe(closed);
    expect(text(withoutReuse(bytes(`${answer}\n`)))).toBe(closed);
  });
});
