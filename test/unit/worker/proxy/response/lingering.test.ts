/** Clients that are still sending when they are answered: the answer goes out at once, and its end waits, within bounds. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Lingering } from "../../../../../core/connections/lingering.ts";
import type { ActiveConfig } from "../../../../../worker/active-config.ts";
import { ClientBody } from "../../../../../worker/proxy/request/client-body.ts";
import { takeRest, type Upload } from "../../../../../worker/proxy/response/early-answer.ts";
import { Lingerer, unreadOf } from "../../../../../worker/proxy/response/lingering.ts";
import { patterned, sourceOf, standInForWorkerdStreams, type Source } from "../workerd-streams.ts";

standInForWorkerdStreams();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a promise has settled by now. */
function watch(promise: Promise<unknown>): () => boolean {
  let isSettled = false;
  const settle = (): void => void (isSettled = true);
  promise.then(settle, settle);
  return () => isSettled;
}

const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A body that brings a byte every so many ms, for ever. */
function drip(everyMs: number): Source {
  const source = sourceOf([], "hang");
  const stream: ReadableStream<Uint8Array> = new ReadableStream({
    type: "bytes",
    pull: (controller) =>
      new Promise((resolve) => {
        setTimeout(() => {
          if (source.cancelled) return;
          controller.enqueue(new Uint8Array(1));
          source.pulled++;
          resolve();
        }, everyMs);
      }),
    cancel: () => void (source.cancelled = true),
  });
  return Object.assign(source, { stream });
}

describe("what a client still sends is dropped", () => {
  test("to its end, without keeping it", async () => {
    const source = sourceOf(Array.from({ length: 200 }, () => patterned(50_000)));
    await new ClientBody(source.stream).drop(new Lingering(0, true));
    expect(source.pulled).toBe(10_000_000);
    expect(source.cancelled).toBe(false);
  });

  test("until it breaks", async () => {
    const source = sourceOf([patterned(10)], "break");
    await new ClientBody(source.stream).drop(new Lingering(0, true));
    expect(source.pulled).toBe(10);
  });

  test("until it has paused for 5 s", async () => {
    const source = sourceOf([patterned(10)], "hang");
    const isOver = watch(new ClientBody(source.stream).drop(new Lingering(0, true)));
    await wait(4_990);
    expect(isOver()).toBe(false);
    await wait(20);
    expect(isOver()).toBe(true);
    expect(source.cancelled).toBe(true);
  });

  test("for 30 s, if it drips", async () => {
    const source = drip(100);
    const isOver = watch(new ClientBody(source.stream).drop(new Lingering(0, true)));
    await wait(29_950);
    expect(isOver()).toBe(false);
    await wait(100);
    expect(isOver()).toBe(true);
    expect(source.pulled).toBeLessThanOrEqual(300);
    expect(source.cancelled).toBe(true);
  });

  test("from the middle of another reader's reading", async () => {
    const source = drip(100);
    const body = new ClientBody(source.stream);
    const piece = body.read(new ArrayBuffer(10));
    const isOver = watch(body.drop(new Lingering(0, true)));
    await wait(100);
    expect(await piece).toBeInstanceOf(Uint8Array);
    await wait(30_000);
    expect(isOver()).toBe(true);
  });
});

const workerd = { ok: false, issues: [] } as const satisfies ActiveConfig;

let works: Promise<unknown>[] = [];
const lingererOf = (address = "192.0.2.1"): Lingerer => {
  works = [];
  return new Lingerer(
    workerd,
    () => address,
    (work) => void works.push(work),
  );
};

function requestOf(source: Source | null, headers: Record<string, string> = {}): Request {
  const request = new Request("http://weir.example/", { method: "POST", headers });
  Object.defineProperty(request, "body", { value: source?.stream ?? null });
  return request;
}

describe("an answer of Weir's own", () => {
  test("to a request without a body, or one that was read, is left as it is", () => {
    const answer = new Response("page");
    const read = sourceOf([patterned(10)]);
    read.stream.getReader();
    for (const source of [null, read])
      expect(lingererOf().behind(answer, "POST", unreadOf(requestOf(source)))).toBe(answer);
    expect(works).toEqual([]);
  });

  test("to a client that waits to be told to go on is left as it is: it has sent nothing", () => {
    const source = sourceOf([], "hang");
    expect(unreadOf(requestOf(source, { Expect: "100-continue" }))).toBeUndefined();
    expect(source.stream.locked).toBe(false);
  });

  test("comes at once, with its length, and ends when the client has", async () => {
    const source = drip(100);
    const page = new Response("page", { status: 413, headers: { "X-Is": "here" } });
    const sent = await lingererOf().behind(page, "POST", unreadOf(requestOf(source)));
    expect([sent.status, sent.headers.get("X-Is")]).toEqual([413, "here"]);
    const reader = (sent.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("page");
    const isOver = watch(reader.read());
    await wait(29_900);
    expect(isOver()).toBe(false);
    await wait(200);
    expect(isOver()).toBe(true);
    await Promise.all(works);
  });

  test("to HEAD, and without a body, waits too", async () => {
    const head = await lingererOf().behind(new Response(null), "HEAD", unreadOf(requestOf(drip(100))));
    const isHeadOver = watch(new Response(head.body).text());
    const none = lingererOf().behind(
      new Response(null, { status: 204 }),
      "POST",
      unreadOf(requestOf(drip(100))),
    );
    const isNoneOver = watch(Promise.resolve(none));
    await wait(29_000);
    expect([isHeadOver(), isNoneOver()]).toEqual([false, false]);
    await wait(1_100);
    expect([isHeadOver(), isNoneOver()]).toEqual([true, true]);
    expect(await none).toHaveProperty("body", null);
  });

  test("where the client has no place left is left as it is, and the client is read no more", async () => {
    const lingerer = lingererOf("192.0.2.2");
    const sources = Array.from({ length: 17 }, () => drip(100));
    const answers = sources.map((source) => {
      const answer = new Response("page");
      return { answer, sent: lingerer.behind(answer, "POST", unreadOf(requestOf(source))) };
    });
    const isLeft = answers.map(({ answer, sent }) => answer === sent);
    expect(isLeft.indexOf(true)).toBe(16);
    expect(sources.map(({ cancelled }) => cancelled).indexOf(true)).toBe(16);
    const other = new Response("page");
    const ofAnother = unreadOf(requestOf(drip(100)));
    expect(lingererOf("192.0.2.3").behind(other, "POST", ofAnother)).not.toBe(other);
    await Promise.all(answers.slice(0, 16).map(async ({ sent }) => (await sent).body?.cancel()));
    await wait(30_100);
    const again = new Response("page");
    expect(lingererOf("192.0.2.2").behind(again, "POST", unreadOf(requestOf(drip(100))))).not.toBe(again);
    await wait(30_100);
  });
});

describe("behind an origin's answer that came before the end of the upload", () => {
  /** An upload of which the test says what becomes. */
  function uploading(source: Source) {
    const { promise: uploaded, resolve } = Promise.withResolvers<void>();
    const state = { isComplete: false, isAborted: false, isTaken: false };
    const upload: Upload = {
      platform: "workerd",
      uploaded: () => uploaded,
      isUploaded: () => state.isComplete,
      takeBack: () => {
        state.isTaken = true;
        resolve();
        return new ClientBody(source.stream);
      },
    };
    const early = { upload, lingerer: lingererOf("192.0.2.4"), isWhole: true };
    return { state, resolve, early: { ...early, abort: () => void (state.isAborted = true) } };
  }

  test("an upload that the origin takes to its end is left to it", async () => {
    const { state, resolve, early } = uploading(sourceOf([]));
    const isOver = watch(takeRest(early, Promise.resolve()));
    await wait(50);
    state.isComplete = true;
    resolve();
    await wait(1_000);
    expect([isOver(), state.isTaken, state.isAborted]).toEqual([true, false, false]);
  });

  test("one that goes on is taken back 100 ms after the answer, and its connection cut", async () => {
    const { state, early } = uploading(drip(100));
    const isOver = watch(takeRest(early, Promise.resolve()));
    await wait(90);
    expect([state.isTaken, state.isAborted]).toEqual([false, false]);
    await wait(20);
    expect([state.isTaken, state.isAborted, isOver()]).toEqual([true, true, false]);
    await wait(30_000);
    expect(isOver()).toBe(true);
  });

  test("one that the origin takes no more of is dropped while the answer still comes, which is not cut", async () => {
    const { state, resolve, early } = uploading(sourceOf([patterned(100)]));
    const answered = Promise.withResolvers<void>();
    const isOver = watch(takeRest(early, answered.promise));
    resolve();
    await wait(1);
    expect([isOver(), state.isTaken, state.isAborted]).toEqual([true, true, false]);
    answered.resolve();
    await wait(200);
    expect(state.isAborted).toBe(true);
  });
});
