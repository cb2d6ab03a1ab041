/** What holders count for the bill reaches the object once, whatever the network does; after a loss of memory, at least once. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { TallyBook } from "../../../../core/holder/tally-book.ts";
import type { Tally } from "../../../../core/protocol/outcome.ts";
import { counters, tallyKey } from "../../../../core/telemetry/counters.ts";
import { FleetCounts } from "../../../../core/telemetry/fleet-counts.ts";

const step = fc.oneof(
  fc.record({ kind: fc.constant("count" as const), count: fc.nat(9) }),
  fc.record({
    kind: fc.constantFrom("deliver" as const, "lose" as const, "repeat" as const),
    nth: fc.nat(5),
  }),
  fc.record({ kind: fc.constant("write" as const) }),
  fc.record({ kind: fc.constant("forget" as const) }),
);

test("lost, repeated, reordered: nothing is counted twice or forgotten, but twice after a loss of memory", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const book = new TallyBook();
      let object = new FleetCounts();
      let counted = 0;
      let truth = 0;
      let forgot = false;
      const messages: (readonly Tally[])[] = [];
      const deliver = (tallies: readonly Tally[], isAnswered: boolean): void => {
        for (const { count } of object.recordTallies({ holder: "one", tallies }, 0)) counted += count;
        if (isAnswered) book.confirm(tallies);
      };
      for (const one of steps) {
        if (one.kind === "count") {
          book.add(tallyKey("bytes", { pool: "cloud" }), one.count);
          truth += one.count;
        } else if (one.kind === "write") messages.push(book.say(0, false));
        else if (one.kind === "forget") {
          object = new FleetCounts();
          forgot = true;
        } else if (messages.length > 0) {
          const nth = one.nth % messages.length;
          if (one.kind !== "lose") deliver(messages[nth]!, one.kind === "deliver");
          if (one.kind !== "repeat") messages.splice(nth, 1);
        }
        if (!forgot) expect(counted).toBeLessThanOrEqual(truth);
      }
      deliver(book.say(0, false), true);
      if (forgot) expect(counted).toBeGreaterThanOrEqual(truth);
      else expect(counted).toBe(truth);
      expect(book.say(0, false)).toEqual([]);
    }),
  );
});

const bytes = tallyKey("bytes", { pool: "cloud" });

test("what is counted of several pools, and for several reasons, stays apart, and adds up over holders", () => {
  const [one, two, object] = [new TallyBook(), new TallyBook(), new FleetCounts()];
  one.add(tallyKey("spilled", { pool: "cloud", reason: "peak" }), 2);
  one.add(tallyKey("spilled", { pool: "cloud", reason: "downtime" }), 1);
  one.add(tallyKey("refused", { pool: "cloud" }), 3);
  one.add(tallyKey("responses", { route: "shop", class: "2xx" }), 4);
  two.add(tallyKey("spilled", { pool: "reserve", reason: "peak" }), 5);
  two.add(tallyKey("spilled", { pool: "cloud", reason: "peak" }), 1);
  object.recordTallies({ holder: "one", tallies: one.say(0, false) }, 0);
  object.recordTallies({ holder: "two", tallies: two.say(0, false) }, 0);
  expect(object.view()).toMatchObject({
    spilled: [
      { labels: { pool: "cloud", reason: "peak" }, count: 3 },
      { labels: { pool: "cloud", reason: "downtime" }, count: 1 },
      { labels: { pool: "reserve", reason: "peak" }, count: 5 },
    ],
    refused: [{ labels: { pool: "cloud" }, count: 3 }],
    bytes: [],
    responses: [{ labels: { route: "shop", class: "2xx" }, count: 4 }],
  });
  expect(object.of("spilled", { pool: "cloud", reason: "peak" })).toBe(3);
  expect(object.of("refused", { pool: "reserve" })).toBe(0);
});

describe("beside an object or an isolate of another version", () => {
  test("what is on the bill is called as it was before there were other counters", () => {
    expect(tallyKey("spilled", { pool: "cloud", reason: "peak" })).toEqual({ of: "peak", pool: "cloud" });
    expect(tallyKey("refused", { pool: "cloud" })).toEqual({ of: "refused", pool: "cloud" });
    expect(bytes).toEqual({ of: "bytes", pool: "cloud" });
  });

  test("a counter that the object does not know is ignored, and spoils no other", () => {
    const object = new FleetCounts();
    const tallies = [
      { of: "toString", pool: "cloud", from: 0, to: 9 },
      { of: "spilled", pool: "cloud peak", from: 0, to: 9 },
      { of: "responses", pool: "one label", from: 0, to: 2 },
      { of: "responses", pool: "three labels here", from: 0, to: 9 },
      { of: "bytes", pool: "cloud", from: 5, to: 6 },
    ];
    const counted = object.recordTallies({ holder: "one", tallies }, 0);
    expect(counted.map(({ key, count }) => `${key.of} ${key.pool} ${count}`)).toEqual([
      "responses one label 2",
      "bytes cloud 1",
    ]);
  });
});

test("values of a label beyond its bound count as other, at the holder and over all holders", () => {
  const most = counters.responses.labels.route;
  const object = new FleetCounts();
  for (const holder of ["one", "two"]) {
    const book = new TallyBook();
    for (let nth = 0; nth < most + 20; nth++)
      book.add(tallyKey("responses", { route: `${holder}-${nth}`, class: "2xx" }), 1);
    expect(book.say(0, false)).toHaveLength(most + 1);
    object.recordTallies({ holder, tallies: book.say(0, false) }, 0);
  }
  const { responses = [] } = object.view();
  expect(responses).toHaveLength(most + 1);
  const all = responses.reduce((sum, { count }) => sum + count, 0);
  expect(all).toBe(2 * (most + 20));
  expect(object.of("responses", { route: "other", class: "2xx" })).toBe(all - most);
});

test("what is confirmed is not said again until more of it is counted", () => {
  const book = new TallyBook();
  book.add(bytes, 5);
  const said = book.say(0, false);
  book.add(bytes, 1);
  book.confirm(said);
  expect(book.say(0, false)).toEqual([{ ...bytes, from: 5, to: 6 }]);
  book.confirm(book.say(0, false));
  expect(book.say(0, false)).toEqual([]);
  book.add(bytes, 2);
  expect(book.say(0, false)).toEqual([{ ...bytes, from: 6, to: 8 }]);
});

test("what is not on the bill is said by asks once a second, and by each other message; what is, by all", () => {
  const book = new TallyBook();
  const count = (): void => {
    book.add(tallyKey("responses", { route: "shop", class: "2xx" }), 1);
    book.add(bytes, 1);
  };
  const said = (now: number, asks = true): string[] => book.say(now, asks).map(({ of }) => of);
  count();
  expect(said(5_000)).toEqual(["responses", "bytes"]);
  count();
  expect(said(5_999)).toEqual(["bytes"]);
  expect(said(6_000)).toEqual(["responses", "bytes"]);
  expect(said(6_001)).toEqual(["bytes"]);
  expect(said(6_002, false)).toEqual(["responses", "bytes"]);
});
