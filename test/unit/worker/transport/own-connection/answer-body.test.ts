/** The body of an answer: whole to its end, and broken wherever it is cut; read no sooner than it is asked for. */
import { describe, expect, test } from "vitest";

import {
  answerBody,
  type BodyEnd,
  type StreamedFraming,
} from "../../../../../worker/transport/own-connection/answer-body.ts";
import { ConnectionFailed } from "../../../../../worker/transport/own-connection/connection-failed.ts";
import { Incoming } from "../../../../../worker/transport/own-connection/incoming.ts";
import { FarEnd, settle } from "../../far-end.ts";
import { bytes } from "./pieces.ts";

/** A body that begins with `first`; how often it was told to have ended, and how. */
function bodyOf(framing: StreamedFraming, first = "") {
  const origin = new FarEnd();
  const incoming = new Incoming(origin.connection.readable);
  const ends: BodyEnd[] = [];
  const body = answerBody(framing, bytes(first), incoming, (end) => void ends.push(end));
  return { origin, incoming, ends, body };
}

const textOf = (body: ReadableStream<Uint8Array>): Promise<string> => new Response(body).text();

const framed = [
  [{ kind: "length", bytes: 6 }, "abcdef"],
  [{ kind: "chunked" }, "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"],
] as const;

describe("a body that says where it ends", () => {
  test.each(framed)("is whole at its end, and not before: %j", async (framing, wire) => {
    for (let at = 0; at <= wire.length; at++) {
      const { origin, ends, body } = bodyOf(framing, wire.slice(0, at));
      const text = textOf(body);
      origin.says(wire.slice(at, -1));
      await settle();
      expect(ends).toEqual(at === wire.length ? ["whole"] : []);
      if (at < wire.length) origin.says(wire.slice(-1));
      expect(await text).toBe("abcdef");
      expect(ends).toEqual(["whole"]);
    }
  });

  test.each(framed)("breaks wherever it is cut, and never ends: %j", async (framing, wire) => {
    for (const how of ["ends", "resets"] as const) {
      for (let at = 0; at < wire.length; at++) {
        const { origin, ends, body } = bodyOf(framing, wire.slice(0, at));
        const text = textOf(body);
        origin[how]();
        await expect(text).rejects.toThrow(how === "ends" ? "reset: body cut" : "Network connection lost.");
        expect(ends).toEqual(["broken"]);
      }
    }
  });

  test("has nothing of what is behind its length", async () => {
    const { origin, ends, body } = bodyOf({ kind: "length", bytes: 4 }, "ab");
    origin.says("cdmore");
    expect(await textOf(body)).toBe("abcd");
    expect(ends).toEqual(["whole"]);
  });

  test("breaks at a chunk that is none, behind those that were right", async () => {
    const { origin, ends, body } = bodyOf({ kind: "chunked" }, "3\r\nabc\r\n");
    origin.says("zz\r\n");
    const reader = body.getReader();
    expect((await reader.read()).value).toEqual(bytes("abc"));
    expect(ends).toEqual([]);
    const error: unknown = await reader.read().catch((thrown: unknown) => thrown);
    const malformed = { kind: "malformed", sent: "maybe", detail: "malformed chunk" };
    expect(error instanceof ConnectionFailed && error.failure).toEqual(malformed);
    expect(ends).toEqual(["broken"]);
  });
});

describe("a body that ends with the connection", () => {
  test("is whole when the origin ends it", async () => {
    const { origin, ends, body } = bodyOf({ kind: "until-close" }, "ab");
    origin.says("cd").ends();
    expect(await textOf(body)).toBe("abcd");
    expect(ends).toEqual(["whole"]);
  });

  test("breaks when it is reset", async () => {
    const { origin, ends, body } = bodyOf({ kind: "until-close" }, "ab");
    origin.resets();
    await expect(textOf(body)).rejects.toThrow("Network connection lost.");
    expect(ends).toEqual(["broken"]);
  });
});

describe("a body", () => {
  test("is read a piece at a time, when it is asked for", async () => {
    const { origin, body } = bodyOf({ kind: "until-close" }, "ab");
    origin.says("cd", "ef");
    await settle();
    const reader = body.getReader();
    expect((await reader.read()).value).toEqual(bytes("ab"));
    await settle();
    expect(origin.awaited).toBe(0);
    expect((await reader.read()).value).toEqual(bytes("cd"));
    await settle();
    expect(origin.awaited).toBe(1);
  });

  test("of which no more is wanted is broken off", async () => {
    const { ends, body } = bodyOf({ kind: "length", bytes: 4 }, "ab");
    await body.cancel();
    expect(ends).toEqual(["broken"]);
  });

  test("whose connection is given up breaks, and does not pass for one that has ended", async () => {
    for (const isAwaited of [true, false]) {
      const { origin, incoming, ends, body } = bodyOf({ kind: "until-close" }, "ab");
      const reader = body.getReader();
      await reader.read();
      const next = isAwaited ? reader.read() : undefined;
      await settle();
      await incoming.cancel();
      await expect(next ?? reader.read()).rejects.toThrow("given up");
      expect([ends, origin.isLeft]).toEqual([["broken"], true]);
    }
  });
});
