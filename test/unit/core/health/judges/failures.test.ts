/** How much failures count, by the clients that met them; and what is forgotten. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Failures, type NotedFailure } from "../../../../../core/health/judges/failures.ts";
import { together, Window } from "../../../../../core/health/judges/window.ts";

const of = (client: number | undefined, parts: Partial<NotedFailure> = {}): NotedFailure => ({
  isSure: false,
  isLost: false,
  isBound: false,
  client,
  ...parts,
});

function noted(...all: readonly NotedFailure[]): Failures {
  const failures = new Failures();
  for (const one of all) failures.note(one);
  return failures;
}

describe("failures count", () => {
  test("nothing if one client met them all, however many they are", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 500 }), (client, times) => {
        const failures = noted(...Array.from({ length: times }, () => of(client)));
        expect([failures.weight, failures.total, failures.clients]).toEqual([0, times, 1]);
      }),
    );
  });

  test("each, if no client met more than all others together", () => {
    const failures = noted(of(1), of(2), of(3), of(1));
    expect([failures.weight, failures.clients]).toEqual([4, 3]);
  });

  test("each, if no client can bring it about, or nothing is known of the client", () => {
    expect(noted(of(1, { isSure: true }), of(1, { isSure: true }), of(undefined)).weight).toBe(3);
  });

  test("one more for each that another origin has answered, and no more than there were", () => {
    const failures = noted(of(1), of(1));
    for (const weight of [1, 2, 2]) {
      failures.confirm(1);
      expect([failures.weight, failures.total]).toEqual([weight, 2]);
    }
    failures.confirm(7);
    expect(failures.weight).toBe(2);
  });

  test("where there is one client only, if they might have been sent elsewhere", () => {
    expect(noted(of(1), of(1, { isBound: true }), of(1)).unboundWeight).toBe(2);
  });

  test("however many clients there are, in the memory of eight; together they count all", () => {
    const failures = noted(...Array.from({ length: 1_000 }, (_, client) => of(client)));
    expect([failures.weight, failures.clients]).toEqual([1_000, 9]);
  });
});

describe("a window", () => {
  test("forgets what is older than half a minute", () => {
    const window = new Window();
    window.failed(of(1), 0);
    window.good({ count: 3, whose: 1, headerMs: [5] }, 12_000);
    expect(window.seen(29_999)).toMatchObject({ good: 3, whose: 1 });
    expect(window.seen(29_999).failures.total).toBe(1);
    expect(window.seen(30_000).failures.total).toBe(0);
    expect(window.seen(42_000)).toMatchObject({ good: 0, whose: "none", headerMs: [] });
  });

  test.each([
    { clients: [1], whose: 1 },
    { clients: [1, 2], whose: "several" },
  ])("that is told to forget still knows whose it was, for as long: $whose", ({ clients, whose }) => {
    const window = new Window();
    for (const client of clients) window.failed(of(client), 0);
    window.forget();
    expect(window.seen(29_999)).toMatchObject({ good: 0, whose, headerMs: [] });
    expect(window.seen(29_999).failures.total).toBe(0);
    expect(window.seen(30_000).whose).toBe("none");
  });

  test("keeps times for as long as they say how the origin is now", () => {
    const window = new Window();
    window.good({ count: 1, whose: 1, headerMs: [5] }, 0);
    expect([window.seen(9_999).headerMs, window.seen(10_000).headerMs]).toEqual([[5], []]);
  });

  test("keeps a bounded number of times", () => {
    const window = new Window();
    for (let now = 0; now < 60_000; now += 10) window.good({ count: 1, whose: 1, headerMs: [1, 2, 3] }, now);
    expect(window.seen(59_999).headerMs.length).toBe(2 * 32);
  });

  test("confirms the newest of its failures, also where that is a while ago", () => {
    const window = new Window();
    window.failed(of(1), 0);
    window.confirm(1, 9_000);
    expect(window.seen(9_000).failures.weight).toBe(1);
    window.confirm(1, 31_000);
    expect(window.seen(31_000).failures.weight).toBe(0);
  });
});

test("answers are one client's only if all of them are", () => {
  expect([together("none", 1), together(1, "none"), together(1, 1)]).toEqual([1, 1, 1]);
  expect([together(1, 2), together("several", 1), together(1, "several")]).toEqual(Array(3).fill("several"));
});
