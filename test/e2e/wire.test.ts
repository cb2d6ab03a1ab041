/**
 * Every way that is known to make two readers of one connection disagree about where a request ends, which server it is for, or what it
 * says, byte by byte through the built bundle on workerd, in front of an origin that reads strictly. What comes of each is
 * published in docs/wire.md, and is the same whether requests share the connections to the origin or have one each.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Message } from "../support/fuzz/message.ts";
import { startStack, type Stack } from "../support/stack.ts";
import { answeredBy, askedBy, bytesOf, isOf, sendAll } from "../support/wire/exchange.ts";
import { startRecordingOrigin, type RecordingOrigin } from "../support/wire/recording-origin.ts";
import { groups } from "../support/wire/vectors.ts";

const numbered = groups
  .flatMap((group) => group.vectors.map((vector) => ({ ...vector, title: group.title })))
  .map((vector, index) => ({ ...vector, index }));

const otherPath = (index: number): string => `/other/${index}`;

describe.each(["reuse", "each"] as const)("with connection: %s", (connection) => {
  let origin: RecordingOrigin;
  let stack: Stack;
  let answers: readonly string[];
  /** The answers to another client's requests, sent when all vectors were. */
  let others: readonly string[];

  beforeAll(async () => {
    origin = await startRecordingOrigin();
    stack = await startStack({
      origins: {},
      config: () => ({
        target: "workerd",
        admin: { hosts: ["127.0.0.1"] },
        upstreams: {
          site: {
            pools: [{ name: "home", origins: [{ name: "raw", url: origin.url, connection }] }],
            health: false,
          },
        },
        routes: [
          { host: "site.test", upstream: "site" },
          { host: "other.test", upstream: "site" },
        ],
      }),
    });
    answers = await Promise.all(numbered.map(({ sent, index }) => sendAll(stack.url, bytesOf(sent, index))));
    others = await Promise.all(
      numbered.map(({ index }) => {
        const lines = [`GET ${otherPath(index)} HTTP/1.1`, "Host: site.test", "Connection: close"];
        return sendAll(stack.url, `${lines.join("\r\n")}\r\n\r\n`);
      }),
    );
  });

  afterAll(async () => {
    await stack.stop();
    await origin.close();
  });

  const requestsOf = (index: number): Message[] => origin.requests.filter((message) => isOf(message, index));

  describe.each(groups.map(({ title }) => title))("%s", (group) => {
    const own = numbered.filter(({ title }) => title === group);

    test.each(own)("$name: $answered", ({ index, answered, asked }) => {
      const reached = requestsOf(index).map((message) => askedBy(message, index));
      expect({ answered: answeredBy(answers[index] ?? ""), asked: reached }).toEqual({ answered, asked });
    });
  });

  test("no origin is asked for what lies within a body, or after bytes that are no request", () => {
    for (const { sent, asked } of numbered.filter(({ sent }) => sent.includes("{hidden}"))) {
      expect(sent).not.toContain("{next}");
      expect(asked.join()).not.toContain("{hidden}");
    }
  });

  test("what reaches an origin as a body was sent as one, byte by byte", () => {
    for (const { index, sent } of numbered) {
      for (const { body } of requestsOf(index))
        expect(bytesOf(sent, index)).toContain(body.toString("latin1"));
    }
  });

  test("an origin gets no byte that belongs to no request, and no request that no client has sent", () => {
    expect(origin.nonsense).toEqual([]);
    const asked = numbered.reduce((sum, vector) => sum + vector.asked.length, 0);
    expect(origin.requests.length).toBe(asked + others.length);
  });

  test("another client's request on the same connections to the origin gets its own answer", () => {
    const ends = others.map((answer) => answer.slice(answer.indexOf("\r\n\r\n") + 4));
    expect(ends).toEqual(numbered.map(({ index }) => otherPath(index)));
  });

  test("a client that names Weir's own headers in Connection does not remove them", () => {
    const { index } =
      numbered.find(({ name }) => name.startsWith("`Connection` names")) ?? expect.unreachable();
    const names = requestsOf(index).flatMap(({ fields }) => fields.map(([name]) => name));
    for (const name of ["host", "x-forwarded-for", "x-real-ip", "x-request-id", "cdn-loop"])
      expect(names.filter((found) => found === name).length).toBeGreaterThan(0);
  });
});
