/** Short bodies of known length: an answer is over when all of it is there, and a client is not made to wait for the head of one that is late. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Alarm } from "../../../../../worker/alarm.ts";
import {
  patienceMs,
  readShortBody,
  type ShortTerms,
} from "../../../../../worker/proxy/response/short-body.ts";
import { standInForWorkerdStreams } from "../workerd-streams.ts";

standInForWorkerdStreams();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const [first, second] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)];

/** A response of five bytes, which come when the test says so. */
function open() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (one) => void (controller = one) });
  const left = new AbortController();
  const abort = vi.fn(() => controller.error(new Error("given up")));
  const alarm = new Alarm();
  const terms: ShortTerms = { length: 5, alarm, now: Date.now(), clientSignal: () => left.signal, abort };
  const read = readShortBody(new Response(body), terms);
  return { controller, left, abort, alarm, read };
}

async function late() {
  const opened = open();
  await vi.advanceTimersByTimeAsync(patienceMs);
  const read = await opened.read;
  if (read.kind !== "passed") throw new Error("it is not late");
  return { ...opened, ...read };
}

const bytesOf = async (body: ReadableStream) => new Uint8Array(await new Response(body).arrayBuffer());

describe("a short body", () => {
  test("that comes in time is over when all of it is there, and not before", async () => {
    const { controller, read, alarm } = open();
    const settled = vi.fn();
    void read.then(settled);
    controller.enqueue(first);
    await vi.advanceTimersByTimeAsync(patienceMs - 1);
    expect(settled).not.toHaveBeenCalled();
    controller.enqueue(second);
    controller.close();
    expect(await read).toEqual({ kind: "whole", bytes: Uint8Array.of(1, 2, 3, 4, 5).buffer });
    const next = vi.fn();
    alarm.set(patienceMs, next);
    await vi.advanceTimersByTimeAsync(patienceMs);
    expect(next).toHaveBeenCalledOnce();
  });

  test("that is late does not hold back its head, and is not over before its end", async () => {
    const { controller, body, ended } = await late();
    const over = vi.fn();
    void ended.then(over);
    const copy = bytesOf(body);
    controller.enqueue(first);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(over).not.toHaveBeenCalled();
    controller.enqueue(second);
    controller.close();
    expect([await ended, await copy]).toEqual(["complete", Uint8Array.of(1, 2, 3, 4, 5)]);
  });

  test("that is late leaves the alarm to others", async () => {
    const { controller, alarm, body, ended } = await late();
    const renews = vi.fn();
    alarm.set(1_000, renews);
    controller.enqueue(Uint8Array.of(1, 2, 3, 4, 5));
    controller.close();
    await Promise.all([ended, bytesOf(body)]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(renews).toHaveBeenCalledOnce();
  });

  test.each([0, patienceMs])("that the origin cuts after %i ms is cut for the client", async (ms) => {
    const { controller, read } = open();
    controller.enqueue(first);
    await vi.advanceTimersByTimeAsync(ms);
    controller.error(new Error("cut"));
    const cut = await read;
    if (cut.kind !== "passed") throw new Error("it is whole");
    await expect(bytesOf(cut.body)).rejects.toThrow("cut");
    expect(await cut.ended).toBe("cut-by-origin");
  });

  test("whose client goes while it is late is given up at once", async () => {
    const { left, abort, body, ended } = await late();
    expect(abort).not.toHaveBeenCalled();
    left.abort(new Error("gone"));
    expect([await ended, abort.mock.calls.length > 0]).toEqual(["client-gone", true]);
    await expect(bytesOf(body)).rejects.toThrow();
  });

  test("whose client had gone before it was late is given up then", async () => {
    const { left, abort, read } = open();
    left.abort(new Error("gone"));
    await vi.advanceTimersByTimeAsync(patienceMs);
    const gone = await read;
    expect([gone.kind === "passed" && (await gone.ended), abort.mock.calls.length > 0]).toEqual([
      "client-gone",
      true,
    ]);
  });

  test("that the client takes no more of is given up, also where its signal is silent", async () => {
    const { abort, body, ended } = await late();
    await body.cancel(new Error("enough"));
    await ended;
    expect(abort).toHaveBeenCalled();
  });
});
