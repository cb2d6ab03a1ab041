import { describe, expect, test } from "vitest";

import { count, wasInside, type Seen } from "../../../examples/django-uwsgi/crowd/counts.ts";
import { failureOf } from "../../../examples/django-uwsgi/crowd/exchange.ts";
import type { BrowserRecord } from "../../../examples/django-uwsgi/crowd/record.ts";
import { parseJournal, parseNotes } from "../../../examples/django-uwsgi/crowd/site-records.ts";

const page: BrowserRecord = {
  id: "b-1",
  browser: "b",
  kind: "page",
  method: "GET",
  startedMs: 1_000,
  endedMs: 1_010,
  outcome: { kind: "answered", status: 200, instance: "8080" },
  isWrong: false,
  isForeign: false,
  hasMoved: false,
  wasResent: false,
};
const post: BrowserRecord = { ...page, kind: "post", method: "POST", note: "hello" };
const badGateway: BrowserRecord = { ...post, outcome: { kind: "answered", status: 502 }, isWrong: true };

const seen = (records: readonly BrowserRecord[], rest: Partial<Seen> = {}): Seen => ({
  records,
  site: { notes: [], journal: [] },
  deaths: [],
  cloud: new Set(["8083"]),
  ...rest,
});

describe("the counts of a phase", () => {
  test("a post that was acknowledged and is not there is lost", () => {
    expect(count(seen([post])).lostPosts).toBe(1);
    expect(count(seen([post], { site: { notes: ["hello"], journal: [] } })).lostPosts).toBe(0);
  });

  test("a post that was not acknowledged is an error, and not lost", () => {
    expect(count(seen([badGateway]))).toMatchObject({
      lostPosts: 0,
      errors: { "POST 502 by the front": 1 },
    });
  });

  test("a post that was taken twice is doubled, whether it was acknowledged or not", () => {
    const site = { notes: ["hello", "hello"], journal: [] };
    expect(count(seen([post], { site })).doubledPosts).toBe(1);
    expect(count(seen([badGateway], { site })).doubledPosts).toBe(1);
  });

  test("a post that two instances have begun is doubled; a GET may be tried twice", () => {
    const site = {
      notes: ["hello"],
      journal: parseJournal("8080", "+ b-1 1000\n+ b-1 1001\n- b-1 1002\n"),
    };
    expect(count(seen([post], { site })).doubledPosts).toBe(1);
    expect(count(seen([page], { site })).doubledPosts).toBe(0);
  });

  test("answers of the cloud are spilled, those of another session are wrong", () => {
    const spilled: BrowserRecord = {
      ...page,
      outcome: { kind: "answered", status: 200, instance: "8083" },
      hasMoved: true,
    };
    const foreign = { ...page, isForeign: true };
    expect(count(seen([page, spilled, foreign]))).toMatchObject({
      requests: 3,
      spilled: 1,
      moved: 1,
      wrongSessions: 1,
    });
  });
});

describe("a request that failed was inside a server when it died", () => {
  const deaths = [{ instance: "8080", fromMs: 5_000, toMs: 5_000 }];
  const failed = { startedMs: 4_900, endedMs: 5_005 };
  const begun = { instance: "8080", requestId: "b-1", begunMs: 4_950 };

  test("if that server had begun it, and never ended it", () => {
    expect(wasInside(failed, [begun], deaths)).toBe(true);
  });

  test("if no server had begun it, and it was open at that moment: it was in the socket's queue", () => {
    expect(wasInside(failed, [], deaths)).toBe(true);
  });

  test("not if another server had it", () => {
    expect(wasInside(failed, [{ ...begun, instance: "8081" }], deaths)).toBe(false);
  });

  test("not if it had been ended well before", () => {
    expect(wasInside(failed, [{ ...begun, endedMs: 4_940 }], deaths)).toBe(false);
  });

  test("not if it began afterwards, nor if it failed long after", () => {
    expect(wasInside({ startedMs: 5_001, endedMs: 5_010 }, [], deaths)).toBe(false);
    expect(wasInside({ startedMs: 4_900, endedMs: 9_000 }, [], deaths)).toBe(false);
  });

  test("not if nothing died", () => {
    expect(wasInside(failed, [begun], [])).toBe(false);
  });
});

describe("whose fault a socket's failure was", () => {
  const fresh = { isLate: false, isAnswered: false, isReused: false, error: { code: "ECONNRESET" } };

  test.each([
    ["refused", { error: { code: "ECONNREFUSED" } }],
    ["reset", {}],
    ["stale", { isReused: true }],
    ["cut", { isAnswered: true, isReused: true }],
    ["timeout", { isLate: true, isReused: true }],
  ])("%s", (failure, seen) => {
    expect(failureOf({ ...fresh, ...seen })).toBe(failure);
  });
});

test("the journal is read with what was begun several times, and what never ended", () => {
  expect(parseJournal("8080", "+ a-1 10\n+ b-1 11\n- a-1 12\n+ a-1 13\n")).toEqual([
    { instance: "8080", requestId: "a-1", begunMs: 10, endedMs: 12 },
    { instance: "8080", requestId: "b-1", begunMs: 11 },
    { instance: "8080", requestId: "a-1", begunMs: 13 },
  ]);
});

test("notes are read by their text", () => {
  expect(parseNotes("1f hello 8080\n2f world 8081\n")).toEqual(["hello", "world"]);
});
