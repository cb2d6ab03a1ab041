/** The answer to one request on its own connection, from an origin that the test plays; and why there is none, wherever the origin fails. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { maxHeadBytes } from "../../../../../worker/transport/own-connection/head-buffer.ts";
import { settle } from "../../far-end.ts";
import { sourceOf } from "../../proxy/workerd-streams.ts";
import { begin, failureOf, requestHead, unopened } from "./begun.ts";
import { bytes, inPieces } from "./pieces.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

describe("an answer", () => {
  test("is the same in whatever pieces it comes, whatever interim responses come before it", async () => {
    const framings = [
      [`${ok}Content-Length: 5\r\n\r\nabcde`, "abcde"],
      [`${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x\r\ncde\r\n0\r\nT: 1\r\n\r\n`, "abcde"],
      [`${ok}\r\nabcde`, "abcde"],
      ["HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n", ""],
    ] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...framings),
        fc.array(fc.constantFrom("HTTP/1.1 100 Continue\r\n\r\n", hints), { maxLength: 3 }),
        fc.array(fc.nat(200), { maxLength: 10 }),
        async ([answer, body], interim, cuts) => {
          const { origin, answer: sent } = begin();
          origin.accepts().says(...inPieces(bytes(interim.join("") + answer), cuts));
          origin.ends();
          expect(await (await sent).text()).toBe(body);
          expect(origin.heard).toBe(requestHead);
        },
      ),
    );
  });

  test("has the status, the reason and the fields that the origin sent", async () => {
    const { origin, answer } = begin();
    const cookies = "Set-Cookie: a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT\r\nset-cookie: b=2\r\n";
    origin
      .accepts()
      .says(`HTTP/1.1 404 Not\tHere\r\n${cookies}X-A: 1\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n`);
    const { status, statusText, headers } = await answer;
    // The runtime's `Response` throws on a tab in a reason.
    expect([status, statusText, headers.get("x-a"), headers.get("content-length")]).toEqual([
      404,
      "Not Here",
      "1, 2",
      "0",
    ]);
    expect(headers.getSetCookie()).toEqual(["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2"]);
  });

  test.each([
    ["a length that was said twice is said once", "Content-Length: 2\r\ncontent-length: 2\r\n\r\nok", "2"],
    ["a length in two members is said once", "Content-Length: 2, 2\r\n\r\nok", "2"],
  ])("%s", async (_, rest, length) => {
    const { origin, answer } = begin();
    origin.accepts().says(ok + rest);
    expect((await answer).headers.get("Content-Length")).toBe(length);
  });

  test.each([204, 205])("of %s has no length", async (status) => {
    const { origin, answer } = begin();
    origin.accepts().says(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);
    expect((await answer).headers.has("Content-Length")).toBe(false);
  });

  test("to HEAD has the length that GET would have, and no body", async () => {
    const { origin, answer } = begin({ method: "HEAD" });
    origin.accepts().says(`${ok}Content-Length: 300\r\n\r\n`);
    const { headers, body } = await answer;
    expect([headers.get("Content-Length"), body]).toEqual(["300", null]);
  });

  test("has no Date that says nothing: the runtime would leave it so", async () => {
    const { origin, answer } = begin();
    origin.accepts().says(`${ok}Date:\r\nContent-Length: 0\r\n\r\n`);
    expect((await answer).headers.has("Date")).toBe(false);
  });
});

describe("an answer that is none is malformed, and its connection closed", () => {
  const interim = (count: number): string => "HTTP/1.1 100 Continue\r\n\r\n".repeat(count);

  test.each([
    ["no status line", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["two lengths", `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ["status 101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"],
    ["too many interim responses", interim(17) + ok],
    ["head too large", `${ok}X: ${"x".repeat(maxHeadBytes)}`],
  ])("%s", async (detail, said) => {
    const { origin, answer, left } = begin();
    origin.accepts().says(said);
    expect(await failureOf(answer)).toEqual({ kind: "malformed", sent: "maybe", detail });
    expect([origin.isClosed, left]).toEqual([true, [{ kind: "nothing" }]]);
  });

  test("but sixteen interim responses are an answer's", async () => {
    const { origin, answer } = begin();
    origin.accepts().says(`${interim(16)}${ok}Content-Length: 0\r\n\r\n`);
    expect((await answer).status).toBe(200);
  });
});

describe("an origin that breaks off within its head has perhaps carried the request out", () => {
  const head = `${ok}Content-Length: 3\r\n\r\n`;

  test("wherever it ends", async () => {
    for (let at = 0; at < head.length; at++) {
      const { origin, answer, left } = begin();
      origin.accepts().says(head.slice(0, at)).ends();
      const detail = at === 0 ? "closed without an answer" : "head cut";
      expect(await failureOf(answer)).toEqual({ kind: "reset", sent: "maybe", detail });
      expect([origin.isClosed, left]).toEqual([true, [{ kind: "nothing" }]]);
    }
  });

  test("wherever it resets the connection", async () => {
    for (let at = 0; at < head.length; at++) {
      const { origin, answer, left } = begin();
      origin.accepts().says(head.slice(0, at)).resets();
      expect(await failureOf(answer)).toEqual({ kind: "reset", sent: "maybe", detail: "connection lost" });
      expect([origin.isClosed, left]).toEqual([true, [{ kind: "nothing" }]]);
    }
  });
});

describe("a connection that does not come about", () => {
  const failure = { ...unopened, sent: "no", untouched: true };

  test("has carried nothing, and a body that is a stream can be sent elsewhere", async () => {
    for (const isChunked of [true, false]) {
      const body = sourceOf([bytes("abc")]);
      const { origin, answer, left } = begin({ method: "POST", stream: body.stream, isChunked });
      origin.refuses();
      expect(await failureOf(answer)).toEqual(failure);
      expect([body.pulled, body.cancelled, body.stream.locked]).toEqual([0, false, false]);
      expect([origin.isClosed, left]).toEqual([true, [{ kind: "nothing" }]]);
    }
  });

  test("is none also where its end is seen before its failure", async () => {
    const { origin, answer } = begin();
    origin.ends();
    origin.refuses();
    expect(await failureOf(answer)).toEqual(failure);
  });
});

describe("a request that is given up", () => {
  const late = { kind: "timeout", sent: "no", detail: "no connection in time", untouched: true };

  test("before there is a connection has not been sent: it was late", async () => {
    const { origin, answer, abort, left } = begin();
    abort();
    expect(await failureOf(answer)).toEqual(late);
    expect([origin.isClosed, left]).toEqual([true, [{ kind: "nothing" }]]);
  });

  test("before it begins is written nowhere", async () => {
    const { origin, answer } = begin({ signal: AbortSignal.abort() });
    origin.accepts();
    expect(await failureOf(answer)).toEqual(late);
    expect([origin.heard, origin.isClosed]).toEqual(["", true]);
  });

  test("before its answer ends for the reason that is given", async () => {
    const { origin, answer, abort, left } = begin();
    origin.accepts().says(ok);
    await settle();
    const reason = new Error("the client has gone");
    abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect([origin.isClosed, left]).toEqual([true, [{ kind: "nothing" }]]);
  });
});
