/** When an issuer's keys are fetched: seldom, however often a client asks for a key that there is not; and how long they are good. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { deadAfterMs, freshMs, KeyBook, leastPauseMs } from "../../../../core/access/key-book.ts";
import { runs } from "../../../support/runs.ts";

const keepMs = 3_600_000;

function known(): KeyBook<string> {
  const book = new KeyBook<string>(keepMs);
  book.look(0);
  book.fetched("old", 0);
  return book;
}

test("the first request fetches, those that come meanwhile wait, and all have the keys then", () => {
  const book = new KeyBook<string>(keepMs);
  expect(book.look(0)).toEqual({ kind: "fetch" });
  expect(book.look(1)).toEqual({ kind: "wait" });
  book.fetched("keys", 2);
  expect(book.look(3)).toEqual({ kind: "use", keys: "keys", todo: "nothing" });
});

test("a fetch of which nothing is heard any more is made again", () => {
  const book = new KeyBook<string>(keepMs);
  book.look(0);
  expect(book.look(deadAfterMs - 1)).toEqual({ kind: "wait" });
  expect(book.look(deadAfterMs)).toEqual({ kind: "fetch" });
});

test("old keys are used while one request fetches newer ones", () => {
  const book = known();
  expect(book.look(freshMs - 1)).toMatchObject({ todo: "nothing" });
  expect(book.look(freshMs)).toEqual({ kind: "use", keys: "old", todo: "fetch" });
  expect(book.look(freshMs + 1)).toEqual({ kind: "use", keys: "old", todo: "wait" });
});

test("a key that is not known is looked for, after a pause since the last fetch", () => {
  const book = known();
  expect(book.look(leastPauseMs - 1, true)).toMatchObject({ todo: "nothing" });
  expect(book.look(leastPauseMs, true)).toMatchObject({ todo: "fetch" });
});

test("keys are good as long as they are kept though the issuer does not answer, and not longer", () => {
  const book = known();
  for (let now = freshMs; now < keepMs; now += 1_000) {
    const { kind, ...rest } = book.look(now);
    expect(kind).toBe("use");
    if ("todo" in rest && rest.todo === "fetch") book.failed(now);
  }
  expect(book.look(keepMs).kind).not.toBe("use");
});

describe("however requests come", () => {
  const events = fc.array(fc.tuple(fc.nat(20_000), fc.constantFrom("look", "missing", "fetched", "failed")), {
    maxLength: 200,
  });

  test("fetches have a pause between them", () => {
    fc.assert(
      fc.property(events, (happened) => {
        const book = new KeyBook<string>(keepMs);
        let [now, last, isFetching] = [0, -Infinity, false];
        for (const [laterMs, event] of happened) {
          now += laterMs;
          if (event === "fetched" || event === "failed") {
            if (!isFetching) continue;
            if (event === "fetched") book.fetched("keys", now);
            else book.failed(now);
            isFetching = false;
            continue;
          }
          const found = book.look(now, event === "missing");
          const fetches = found.kind === "fetch" || (found.kind === "use" && found.todo === "fetch");
          if (!fetches) continue;
          expect(now - last).toBeGreaterThanOrEqual(leastPauseMs);
          [last, isFetching] = [now, true];
        }
      }),
      { numRuns: runs(200, 20_000) },
    );
  });
});
