/** Answers that are taken off their origin whole: over when the origin has given them, and read from memory that comes back. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { SpacePart } from "../../../../../core/buffering/buffer-space.ts";
import { SendPace } from "../../../../../core/connections/send-pace.ts";
import { Alarm } from "../../../../../worker/alarm.ts";
import { patienceMs } from "../../../../../worker/proxy/response/short-body.ts";
import { memoryFor, takeAnswer, type TakenTerms } from "../../../../../worker/proxy/response/taken-answer.ts";
import { patterned, standInForWorkerdStreams } from "../workerd-streams.ts";

standInForWorkerdStreams();

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const length = 100_000;
const terms: TakenTerms = { length, status: 200, atMost: 1_048_576, client: "a", now: 0 };

function memory(more: Partial<TakenTerms> = {}): SpacePart {
  const part = memoryFor(new Headers(), { ...terms, now: Date.now(), ...more });
  if (part === undefined) throw new Error("there is memory");
  return part;
}

/** What has not come back. */
const isTaken = ({ owner }: SpacePart): boolean => owner.parts > 0;

function open(pace?: SendPace) {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (one) => void (controller = one) });
  const left = new AbortController();
  const abort = vi.fn(() => controller.error(new Error("given up")));
  const part = memory();
  const io = { length, alarm: new Alarm(), now: Date.now(), clientSignal: () => left.signal, abort };
  return { controller, left, abort, part, taking: takeAnswer(new Response(body), part, io, pace) };
}

describe("an answer is taken", () => {
  test.each<[string, Record<string, string>, Partial<TakenTerms>]>([
    ["larger than the limit", {}, { length: 1_048_577 }],
    ["a part", {}, { status: 206 }],
    ["a stream of events", { "Content-Type": "text/event-stream; charset=utf-8" }, {}],
    ["one that says so", { "X-Accel-Buffering": "No" }, {}],
  ])("but not %s", (_name, headers, more) => {
    expect(memoryFor(new Headers(headers), { ...terms, ...more })).toBeUndefined();
  });

  test("as long as there is memory, which the client's reading gives back", async () => {
    const { controller, part, taking } = open();
    controller.enqueue(patterned(length));
    controller.close();
    const { body, ended, read } = await taking;
    // The origin is done with it, and no byte has been read.
    expect(ended).toBeUndefined();
    expect(isTaken(part)).toBe(true);
    expect(Buffer.from(await new Response(body).arrayBuffer()).equals(patterned(length))).toBe(true);
    await read;
    expect(isTaken(part)).toBe(false);
  });

  test("and its memory comes back if the client goes without reading it", async () => {
    const { controller, part, taking } = open();
    controller.enqueue(patterned(length));
    controller.close();
    const { body, read } = await taking;
    await body.cancel();
    await read;
    expect(isTaken(part)).toBe(false);
  });
});

describe("at a pace", () => {
  test("an answer is over as soon as it is taken, and keeps its memory until it is sent", async () => {
    const { controller, part, taking } = open(
      new SendPace({ bytesPerSecond: 50_000, afterBytes: 0 }, Date.now()),
    );
    controller.enqueue(patterned(length));
    controller.close();
    const { body, ended, read } = await taking;
    expect(ended).toBeUndefined();
    const reading = new Response(body).arrayBuffer();
    await vi.advanceTimersByTimeAsync(1_800);
    expect(isTaken(part)).toBe(true);
    await vi.advanceTimersByTimeAsync(200);
    expect(Buffer.from(await reading).equals(patterned(length))).toBe(true);
    await read;
    expect(isTaken(part)).toBe(false);
  });

  test("a client that goes in the middle gives the memory back with the next piece", async () => {
    const { controller, part, taking } = open(
      new SendPace({ bytesPerSecond: 50_000, afterBytes: 0 }, Date.now()),
    );
    controller.enqueue(patterned(length));
    controller.close();
    const { body, read } = await taking;
    await body.cancel();
    await vi.advanceTimersByTimeAsync(200);
    await read;
    expect(isTaken(part)).toBe(false);
  });
});

describe("an answer that is late", () => {
  test("does not hold back its head, and is over when the origin has given all", async () => {
    const { controller, taking } = open();
    controller.enqueue(patterned(length).subarray(0, 10));
    await vi.advanceTimersByTimeAsync(patienceMs);
    const { body, ended } = await taking;
    controller.enqueue(patterned(length).subarray(10));
    controller.close();
    expect(await ended).toBe("complete");
    expect(Buffer.from(await new Response(body).arrayBuffer()).equals(patterned(length))).toBe(true);
  });

  test("is let go of when its client goes", async () => {
    const { left, abort, taking, part } = open();
    await vi.advanceTimersByTimeAsync(patienceMs);
    const { ended, read } = await taking;
    left.abort();
    expect(abort).toHaveBeenCalledOnce();
    expect(await ended).toBe("client-gone");
    await read;
    expect(isTaken(part)).toBe(false);
  });
});

test("an answer that the origin cuts is cut for the client, and says whose end it was", async () => {
  const { controller, taking, part } = open();
  controller.enqueue(patterned(10));
  controller.error(new Error("Network connection lost."));
  const { body, ended, read } = await taking;
  expect(await ended).toBe("cut-by-origin");
  await expect(new Response(body).arrayBuffer()).rejects.toThrow();
  await read;
  expect(isTaken(part)).toBe(false);
});
