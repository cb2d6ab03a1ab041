/** What holders count for the bill reaches the object once, whatever the network does; after a loss of memory, at least once. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { PoolTallies } from "../../../../core/budget/pool-tallies.ts";
import { TallyBook } from "../../../../core/holder/tally-book.ts";
import type { Tally } from "../../../../core/protocol/outcome.ts";

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
      let object = new PoolTallies();
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
          book.add("cloud", "bytes", one.count);
          truth += one.count;
        } else if (one.kind === "write") messages.push(book.say());
        else if (one.kind === "forget") {
          object = new PoolTallies();
          forgot = true;
        } else if (messages.length > 0) {
          const nth = one.nth % messages.length;
          if (one.kind !== "lose") deliver(messages[nth]!, one.kind === "deliver");
          if (one.kind !== "repeat") messages.splice(nth, 1);
        }
        if (!forgot) expect(counted).toBeLessThanOrEqual(truth);
      }
      deliver(book.say(), true);
      if (forgot) expect(counted).toBeGreaterThanOrEqual(truth);
      else expect(counted).toBe(truth);
      expect(book.say()).toEqual([]);
    }),
  );
});

test("what is counted of several pools, and for several reasons, stays apart", () => {
  const book = new TallyBook();
  const object = new PoolTallies();
  book.add("cloud", "peak", 2);
  book.add("cloud", "downtime", 1);
  book.add("reserve", "budget", 4);
  book.add("cloud", "refused", 3);
  object.recordTallies({ holder: "one", tallies: book.say() }, 0);
  object.recordTallies({ holder: "two", tallies: [{ pool: "cloud", of: "peak", from: 5, to: 6 }] }, 0);
  const none = { peak: 0, downtime: 0, drain: 0, policy: 0, budget: 0 };
  expect(object.of("cloud")).toEqual({ spilled: { ...none, peak: 3, downtime: 1 }, refused: 3, bytes: 0 });
  expect(object.of("reserve")).toEqual({ spilled: { ...none, budget: 4 }, refused: 0, bytes: 0 });
});
