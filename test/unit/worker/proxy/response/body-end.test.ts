/** The end of a response's body, and with it of a slot: seen whichever way it comes, and told apart. */
import { describe, expect, test } from "vitest";

import { trackBodyEnd } from "../../../../../worker/proxy/response/body-end.ts";
import { shortBytes } from "../../../../../worker/transport/content-length.ts";
import { patterned, sourceOf, standInForWorkerdStreams, type Source } from "../workerd-streams.ts";

standInForWorkerdStreams();

const stays = new AbortController().signal;

function responseOf({ stream }: Source, length?: number | string): Response {
  return new Response(stream, length === undefined ? {} : { headers: { "Content-Length": String(length) } });
}

async function bytesOf(body: ReadableStream | null): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

describe("a response is complete at its headers", () => {
  test("without a body", () => {
    expect(trackBodyEnd(new Response(null, { status: 204 }), () => stays)).toMatchObject({
      body: null,
      ended: undefined,
    });
    const head = new Response(null, { headers: { "Content-Length": "1000000" } });
    expect(trackBodyEnd(head, () => stays)).toMatchObject({ body: null, ended: undefined });
  });

  test.each([0, 1, shortBytes])("with a Content-Length of %i, its body untouched", (length) => {
    const source = sourceOf([patterned(length)]);
    expect(trackBodyEnd(responseOf(source, length), () => stays)).toMatchObject({
      body: source.stream,
      ended: undefined,
    });
  });
});

describe("any other response ends with its body", () => {
  test.each([
    ["longer than that", shortBytes + 1],
    ["without a length", undefined],
    ["with a length that is none", "10, 10"],
  ])("%s: complete, byte for byte", async (_name, length) => {
    const bytes = patterned(shortBytes + 1);
    const { body, ended } = trackBodyEnd(
      responseOf(sourceOf([bytes.subarray(0, 9), bytes.subarray(9)]), length),
      () => stays,
    );
    expect(await bytesOf(body)).toEqual(bytes);
    expect(await ended).toBe("complete");
  });

  test("cut by the origin: and the client's copy breaks too, instead of ending", async () => {
    for (const length of [undefined, 50_000]) {
      const { body, ended } = trackBodyEnd(
        responseOf(sourceOf([patterned(20_000)], "break"), length),
        () => stays,
      );
      await expect(bytesOf(body)).rejects.toThrow("Network connection lost.");
      expect(await ended).toBe("cut-by-origin");
    }
  });

  test.each([
    ["from the runtime", false],
    ["from a connection of its own", true],
  ])(
    "%s, left by the client: noticed at once, even while the origin is silent, and the origin is let go",
    async (_from, isScripted) => {
      const client = new AbortController();
      const source = sourceOf([patterned(20_000)], "hang");
      const { body, ended } = trackBodyEnd(responseOf(source), () => client.signal, { isScripted });
      await body?.getReader().read();
      client.abort();
      expect(await ended).toBe("client-gone");
      expect(source.cancelled).toBe(true);
    },
  );

  test("that the client stops reading for good lets the origin go, also where no signal says so", async () => {
    const source = sourceOf([patterned(20_000)], "hang");
    const { body, ended } = trackBodyEnd(responseOf(source), () => stays, { isScripted: true });
    const reader = body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await ended;
    expect(source.cancelled).toBe(true);
  });

  test("left by the client: not the origin's fault if the origin breaks as well", async () => {
    const client = new AbortController();
    client.abort();
    const { ended } = trackBodyEnd(responseOf(sourceOf([], "break")), () => client.signal);
    expect(await ended).toBe("client-gone");
  });
});

describe("a copy whose end is to wait", () => {
  test.each([
    ["from the runtime", false],
    ["from a connection of its own", true],
  ])("%s: comes at once, however short it is, and ends when it may", async (_from, isScripted) => {
    const letGo = Promise.withResolvers<void>();
    const told: unknown[] = [];
    const hold = (ended: Promise<unknown>): Promise<void> => {
      void ended.then((end) => told.push(end));
      return letGo.promise;
    };
    const { body, ended } = trackBodyEnd(responseOf(sourceOf([patterned(7)]), 7), () => stays, {
      isScripted,
      hold,
    });
    const reader = body?.getReader();
    expect((await reader?.read())?.value).toEqual(patterned(7));
    expect(await ended).toBe("complete");
    expect(told).toEqual(["complete"]);
    const end = reader?.read();
    expect(await Promise.race([end, Promise.resolve("not yet")])).toBe("not yet");
    letGo.resolve();
    expect(await end).toMatchObject({ done: true });
  });

  test("breaks as any other, without waiting", async () => {
    const hold = (): Promise<void> => new Promise(() => undefined);
    const { body, ended } = trackBodyEnd(responseOf(sourceOf([patterned(9)], "break"), 20), () => stays, {
      hold,
    });
    await expect(bytesOf(body)).rejects.toThrow("Network connection lost.");
    expect(await ended).toBe("cut-by-origin");
  });
});

describe("a body that is paid for by its weight", () => {
  test("weighs what it says, from the beginning", () => {
    const source = sourceOf([patterned(100_000)]);
    expect(trackBodyEnd(responseOf(source, 100_000), () => stays, { isWeighed: true }).bytes()).toBe(100_000);
    expect(
      trackBodyEnd(responseOf(sourceOf([patterned(7)]), 7), () => stays, { isWeighed: true }).bytes(),
    ).toBe(7);
    const head = new Response(null, { headers: { "Content-Length": "1000000" } });
    expect(trackBodyEnd(head, () => stays, { isWeighed: true }).bytes()).toBe(0);
  });

  test("weighs what has gone through, if it does not say, and goes through byte for byte", async () => {
    const parts = [patterned(40_000), patterned(3)];
    const { body, ended, bytes } = trackBodyEnd(responseOf(sourceOf(parts)), () => stays, {
      isWeighed: true,
    });
    expect(bytes()).toBe(0);
    expect(await bytesOf(body)).toEqual(new Uint8Array(parts.flatMap((part) => [...part])));
    expect(await ended).toBe("complete");
    expect(bytes()).toBe(40_003);
  });

  test("that the origin cuts is cut for the client too, and weighs what came", async () => {
    const { body, ended, bytes } = trackBodyEnd(
      responseOf(sourceOf([patterned(40_000)], "break")),
      () => stays,
      { isWeighed: true },
    );
    await expect(bytesOf(body)).rejects.toThrow();
    expect(await ended).toBe("cut-by-origin");
    expect(bytes()).toBeLessThanOrEqual(40_000);
  });
});
