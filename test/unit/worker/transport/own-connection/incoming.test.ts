/** With how much memory a connection is read. */
import { expect, test } from "vitest";

import { Incoming } from "../../../../../worker/transport/own-connection/incoming.ts";

/** A stream that gives so many bytes at each read; how many it was asked for, each time. */
function fedWith(sizes: readonly number[]) {
  const asked: number[] = [];
  const source: UnderlyingByteSource = {
    type: "bytes",
    pull: ({ byobRequest }) => {
      const room = byobRequest?.view?.byteLength ?? 0;
      asked.push(room);
      byobRequest?.respond(Math.min(sizes[asked.length - 1] ?? 1, room));
    },
  };
  return { asked, incoming: new Incoming(new ReadableStream(source as object), 1_024) };
}

async function readAll(incoming: Incoming, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    const piece = await incoming.read();
    if (piece !== undefined) incoming.giveBack(piece);
  }
}

const much = 1_000_000;

test("each read of what comes fast has four times the memory of the one before, up to 64 KiB", async () => {
  const { asked, incoming } = fedWith([much, much, much, much, much]);
  await readAll(incoming, 5);
  expect(asked).toEqual([1_024, 4_096, 16_384, 65_536, 65_536]);
});

test("what has become quiet is waited for with little memory again", async () => {
  const { asked, incoming } = fedWith([much, much, much, much, 10, 10, 10, 10]);
  await readAll(incoming, 8);
  expect(asked.slice(4)).toEqual([65_536, 16_384, 4_096, 1_024]);
});

test("a piece that is not small beside its memory changes nothing", async () => {
  const { asked, incoming } = fedWith([much, 600, 2_000, 600]);
  await readAll(incoming, 4);
  expect(asked).toEqual([1_024, 4_096, 4_096, 4_096]);
});
