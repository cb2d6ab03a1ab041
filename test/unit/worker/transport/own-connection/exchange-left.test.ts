/** What is left of a request's own connection behind the answer, and what becomes of an upload that the answer overtakes. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { FarEnd, settle } from "../../far-end.ts";
import { patterned, sourceOf } from "../../proxy/workerd-streams.ts";
import { begin } from "./begun.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const whole = `${ok}Content-Length: 2\r\n\r\nok`;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("behind an answer the connection", () => {
  test.each([
    ["silent", "a body there at once", whole],
    ["silent", "a body in chunks", `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
    ["silent", "no body", "HTTP/1.1 204 X\r\n\r\n"],
    ["announced", "Connection: close", `${ok}Connection: close\r\nContent-Length: 2\r\n\r\nok`],
    ["announced", "Connection: close, no body", "HTTP/1.1 204 X\r\nConnection: close\r\n\r\n"],
    ["nothing", "more than its length", `${whole}more`],
  ])("is %s: %s", async (kind, _, said) => {
    const { origin, answer, left } = begin();
    origin.accepts().says(said);
    await (await answer).text();
    await settle();
    expect(left.map((each) => each.kind)).toEqual([kind]);
    expect(origin.isClosed).toBe(kind !== "silent");
  });

  test("is silent only when its body is over, if that comes later", async () => {
    const { origin, answer, left } = begin();
    origin.accepts().says(`${ok}Content-Length: 4\r\n\r\nab`);
    const text = (await answer).text();
    await settle();
    expect(left).toEqual([]);
    origin.says("cd");
    expect(await text).toBe("abcd");
    expect(left).toMatchObject([{ kind: "silent" }]);
  });

  test("says nothing where its end was the answer's end", async () => {
    const { origin, answer, left } = begin();
    origin.accepts().says(`${ok}\r\nabc`).ends();
    expect(await (await answer).text()).toBe("abc");
    expect([left, origin.isClosed]).toEqual([[{ kind: "nothing" }], true]);
  });

  test("is closed where nothing is to be told of it", async () => {
    const { origin, answer } = begin({ whenOver: undefined });
    origin.accepts().says(whole);
    await answer;
    expect(origin.isClosed).toBe(true);
  });

  test.each(["ends", "resets"] as const)("that is silent is watched until the origin %s it", async (how) => {
    const { origin, answer, left } = begin();
    origin.accepts().says(whole);
    await answer;
    const [silent] = left;
    if (silent?.kind !== "silent") expect.unreachable();
    const ended = vi.fn();
    void silent.ended().then(ended);
    origin.says("what no request asked for");
    await settle();
    expect([ended.mock.calls.length, origin.isClosed]).toEqual([0, false]);
    origin[how]();
    await settle();
    expect(ended).toHaveBeenCalledOnce();
    silent.close();
    expect(origin.isClosed).toBe(true);
  });
});

describe("a body that breaks off ends the connection, and says so once", () => {
  const begun = `${ok}Content-Length: 9\r\n\r\nabc`;
  const nothing = [{ kind: "nothing" }];

  test.each(["ends", "resets"] as const)("where the origin %s it", async (how) => {
    const { origin, answer, left } = begin();
    origin.accepts().says(begun)[how]();
    await expect((await answer).text()).rejects.toThrow();
    expect([left, origin.isClosed]).toEqual([nothing, true]);
  });

  test("where its reader wants no more", async () => {
    const { origin, answer, left } = begin();
    origin.accepts().says(begun);
    await (await answer).body?.cancel();
    expect([left, origin.isClosed]).toEqual([nothing, true]);
  });

  test.each([
    ["waits for more", 2],
    ["does not read just then", 1],
  ])("where the request is given up while its reader %s", async (_, reads) => {
    const { origin, answer, left, abort } = begin();
    origin.accepts().says(begun);
    const reader = (await answer).body?.getReader() ?? expect.unreachable();
    await reader.read();
    const more = reads > 1 ? reader.read() : undefined;
    await settle();
    abort();
    await expect(more ?? reader.read()).rejects.toThrow("given up");
    expect([left, origin.isClosed]).toEqual([nothing, true]);
  });
});

describe("an upload that the answer overtakes", () => {
  const post = (stream: ReadableStream<Uint8Array>, isChunked: boolean) =>
    begin({ method: "POST", stream, isChunked });

  test.each([true, false])("goes on while the answer comes (in chunks: %s)", async (isChunked) => {
    const client = new FarEnd();
    const { origin, answer, left } = post(client.connection.readable, isChunked);
    client.says("first,");
    origin.accepts().says(`${ok}Content-Length: 4\r\n\r\nab`);
    const text = (await answer).text();
    client.says("second,");
    origin.says("cd");
    expect(await text).toBe("abcd");
    await vi.advanceTimersByTimeAsync(99);
    client.says("third").ends();
    await settle();
    for (const part of ["first,", "second,", "third"]) expect(origin.heard).toContain(part);
    expect(left).toMatchObject([{ kind: "silent" }]);
    expect([client.isLeft, origin.isClosed]).toEqual([false, false]);
  });

  test.each([true, false])("ends 100 ms behind it, broken off (in chunks: %s)", async (isChunked) => {
    const client = new FarEnd();
    const { origin, answer, left } = post(client.connection.readable, isChunked);
    client.says("first");
    origin.accepts().says(whole);
    await answer;
    await vi.advanceTimersByTimeAsync(99);
    expect([left, client.isLeft]).toEqual([[], false]);
    await vi.advanceTimersByTimeAsync(1);
    // The origin waits for the rest, so that what it does now shows nothing of what it does behind answers.
    expect([left, client.isLeft, origin.isClosed]).toEqual([[{ kind: "nothing" }], true, true]);
    expect(origin.heard).not.toContain("0\r\n\r\n");
    expect([origin.isEnded, origin.isAborted]).toEqual([false, false]);
  });

  test.each([true, false])(
    "does so, at most 100 ms later, also where the origin takes no more of it (in chunks: %s)",
    async (isChunked) => {
      const body = sourceOf(Array.from({ length: 9 }, () => patterned(50_000)));
      const { origin, answer, left } = post(body.stream, isChunked);
      origin.accepts().stalls().says(whole);
      await answer;
      await vi.advanceTimersByTimeAsync(200);
      expect([left, body.cancelled, origin.isClosed]).toEqual([[{ kind: "nothing" }], true, true]);
    },
  );

  test("goes no further when the request is given up", async () => {
    const client = new FarEnd();
    const { origin, answer, left, abort } = post(client.connection.readable, true);
    client.says("first");
    origin.accepts();
    await settle();
    abort(new Error("the client has gone"));
    await expect(answer).rejects.toThrow("the client has gone");
    expect([left, client.isLeft, origin.isClosed]).toEqual([[{ kind: "nothing" }], true, true]);
    expect(origin.heard).not.toContain("0\r\n\r\n");
  });
});
