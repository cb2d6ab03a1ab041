/** The line of waiting requests: its order, its bound, its deadlines. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Line, type Waiter } from "../../../../core/queue/line.ts";
import { priorities, type Priority } from "../../../../core/model/upstream.ts";

const now = 1_000;

function waiter(id: string, priority: Priority = "normal", untilMs = Infinity): Waiter<string> {
  return { id, priority, binds: false, joinedMs: now, untilMs, goesMs: Infinity, who: id };
}

function lineOf(...waiters: Waiter<string>[]): Line<string> {
  const line = new Line<string>();
  for (const one of waiters) line.join(one, 100);
  return line;
}

const idsOf = (line: Line<string>): string[] => Array.from(line.all(), ({ id }) => id);

test("the request that came first is served first, and a higher priority before all lower ones", () => {
  const line = lineOf(
    waiter("l", "low"),
    waiter("n1"),
    waiter("h1", "high"),
    waiter("n2"),
    waiter("h2", "high"),
  );
  expect(idsOf(line)).toEqual(["h1", "h2", "n1", "n2", "l"]);
  expect(priorities.map((priority) => line.first(priority)?.id)).toEqual(["h1", "n1", "l"]);
  expect(priorities.map((priority) => line.ahead(priority))).toEqual([2, 4, 5]);
});

describe("a full line", () => {
  test("takes no request for which no lower one has to go", () => {
    const line = lineOf(waiter("n1"), waiter("n2"));
    expect([line.hasPlace("normal", 2), line.hasPlace("low", 2), line.hasPlace("normal", 3)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("takes a better one in place of the newest of the lowest priority", () => {
    const line = lineOf(waiter("n1"), waiter("l1", "low"), waiter("l2", "low"));
    expect(line.hasPlace("high", 3)).toBe(true);
    expect(line.join(waiter("h", "high"), 3)?.id).toBe("l2");
    expect(line.join(waiter("n2"), 3)?.id).toBe("l1");
    expect(line.hasPlace("normal", 3)).toBe(false);
    expect(line.join(waiter("h2", "high"), 3)?.id).toBe("n2");
    expect(idsOf(line)).toEqual(["h", "h2", "n1"]);
  });
});

test("a request is taken out at the moment of its deadline", () => {
  const line = lineOf(waiter("b", "low", 1_200), waiter("a", "normal", 1_100), waiter("c", "low", 1_300));
  expect(line.firstDeadlineMs).toBe(1_100);
  expect(line.expire(1_099)).toEqual([]);
  expect(line.expire(1_200).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(line.firstDeadlineMs).toBe(1_300);
  expect(idsOf(line)).toEqual(["c"]);
});

test("the line tells how long the request has waited that has waited longest", () => {
  const line = new Line<string>();
  expect(line.longestMs(now)).toBe(0);
  line.join({ ...waiter("a", "low"), joinedMs: 1_000 }, 9);
  line.join({ ...waiter("b", "high"), joinedMs: 1_400 }, 9);
  expect(line.longestMs(1_500)).toBe(500);
  line.leave("a");
  expect(line.longestMs(1_500)).toBe(100);
});

test("the line tells when the first request of a priority should go elsewhere", () => {
  const line = new Line<string>();
  expect(line.firstGoesMs).toBe(Infinity);
  line.join({ ...waiter("a", "high"), goesMs: Infinity }, 9);
  line.join({ ...waiter("b", "low"), goesMs: 1_300 }, 9);
  line.join({ ...waiter("c", "low"), goesMs: 1_100 }, 9);
  expect(line.firstGoesMs).toBe(1_300);
  line.leave("b");
  expect(line.firstGoesMs).toBe(1_100);
});

type Act =
  | { readonly kind: "join"; readonly priority: Priority; readonly forMs: number }
  | { readonly kind: "serve" }
  | { readonly kind: "leave" }
  | { readonly kind: "wait" };

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("join" as const),
      priority: fc.constantFrom(...priorities),
      forMs: fc.integer({ min: 1, max: 50 }),
    }),
    fc.constantFrom<Act>({ kind: "serve" }, { kind: "leave" }, { kind: "wait" }),
  ),
  { minLength: 20, maxLength: 200 },
);

test("whatever happens: never longer than its bound, no request served late, in order, and each ends exactly once", () => {
  fc.assert(
    fc.property(acts, fc.integer({ min: 1, max: 5 }), (steps, bound) => {
      const line = new Line<number>();
      const model: Waiter<number>[] = [];
      const ended: number[] = [];
      let at = 0;
      const end = (who: number): void => {
        ended.push(who);
        model.splice(
          model.findIndex((one) => one.who === who),
          1,
        );
      };
      let joined = 0;
      for (const step of steps) {
        for (const { who, untilMs } of line.expire(at)) {
          expect(untilMs).toBeLessThanOrEqual(at);
          end(who);
        }
        if (step.kind === "wait") at += 10;
        else if (step.kind === "leave") {
          const some = model[at % Math.max(1, model.length)];
          if (some === undefined) continue;
          expect(line.leave(some.id)).toBe(true);
          expect(line.leave(some.id)).toBe(false);
          end(some.who);
        } else if (step.kind === "serve") {
          const [first] = line.all();
          const best = priorities.flatMap((priority) => model.filter((one) => one.priority === priority))[0];
          expect(first?.who).toBe(best?.who);
          if (first === undefined) continue;
          expect(first.untilMs).toBeGreaterThan(at);
          line.leave(first.id);
          end(first.who);
        } else if (line.hasPlace(step.priority, bound)) {
          const who = joined++;
          const { priority, forMs } = step;
          const one = {
            id: `w${who}`,
            priority,
            binds: who % 3 === 0,
            joinedMs: at,
            untilMs: at + forMs,
            goesMs: Infinity,
            who,
          };
          const displaced = line.join(one, bound);
          if (displaced !== undefined) {
            expect(priorities.indexOf(displaced.priority)).toBeGreaterThan(priorities.indexOf(priority));
            end(displaced.who);
          }
          model.push(one);
        }
        expect(line.length).toBe(model.length);
        expect(line.length).toBeLessThanOrEqual(bound);
      }
      for (const { who } of line.expire(Infinity)) end(who);
      expect(ended.toSorted((a, b) => a - b)).toEqual(Array.from({ length: joined }, (_, who) => who));
    }),
  );
});
