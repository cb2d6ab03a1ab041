import { describe, expect, test } from "vitest";

import { faultsOf, faultsOfRun, type Judged } from "../../../examples/django-uwsgi/crowd/judge.ts";
import { resultText } from "../../../examples/django-uwsgi/crowd/table.ts";

const good: Judged = {
  requests: 2_000,
  posts: 400,
  errors: {},
  inside: {},
  wrongSessions: 0,
  lostPosts: 0,
  doubledPosts: 0,
  moved: 3,
  spilled: 0,
  needless: 0,
  resent: 0,
  p50Ms: 10,
  p99Ms: 100,
};
const calm = { homeHasRoom: true };
const crowded = { homeHasRoom: false, p99Ms: 1_500 };

describe("a phase", () => {
  test("passes if nothing went wrong", () => {
    expect(faultsOf(good, calm)).toEqual([]);
  });

  test.each([
    ["a request failed", { errors: { "POST 502 by the front": 1 } }],
    ["an answer was another's", { wrongSessions: 1 }],
    ["a post is lost", { lostPosts: 1 }],
    ["a post is doubled", { doubledPosts: 1 }],
    ["something spilled though home had room", { spilled: 1, needless: 1 }],
    ["there were no requests", { requests: 0 }],
  ])("fails if %s", (_, wrong) => {
    expect(faultsOf({ ...good, ...wrong }, calm)).toHaveLength(1);
  });

  test("may lose what was inside a server when it died, and nothing else", () => {
    const inside = { "POST 502 by the front": 2 };
    expect(faultsOf({ ...good, inside }, calm)).toEqual([]);
    expect(faultsOf({ ...good, inside, errors: { "GET reset": 1 } }, calm)).toEqual([
      "1 of 2000 requests failed (1 × GET reset)",
    ]);
  });

  test("may spill where home has no room for all, and for as long as all its slots are in use", () => {
    expect(faultsOf({ ...good, spilled: 9, needless: 9 }, crowded)).toEqual([]);
    expect(faultsOf({ ...good, spilled: 9 }, calm)).toEqual([]);
  });

  test("fails beyond its p99, where it has one", () => {
    expect(faultsOf({ ...good, p99Ms: 1_501 }, crowded)).toHaveLength(1);
  });
});

test("a run may lose 1 request in 1,000 inside servers that die, and no more", () => {
  expect(faultsOfRun([good, { ...good, inside: { "GET reset": 4 } }])).toEqual([]);
  expect(faultsOfRun([good, { ...good, inside: { "GET reset": 5 } }])).toHaveLength(1);
});

test("the table says which phase failed, and why", () => {
  const text = resultText({
    front: "weir",
    seed: 1,
    phases: [
      { name: "calm", counts: good, spills: {}, happened: [], faults: [] },
      { name: "kill", counts: good, spills: {}, happened: ["p1 was killed"], faults: ["1 request failed"] },
    ],
    faults: [],
  });
  expect(text).toMatch(/^weir: FAIL$/m);
  expect(text).toMatch(/^calm +PASS +2000 /m);
  expect(text).toMatch(/^kill +FAIL +2000 /m);
  expect(text).toMatch(/^kill: FAIL: 1 request failed$/m);
});
