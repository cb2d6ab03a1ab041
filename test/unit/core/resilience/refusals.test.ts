/** Guessing is slowed by client, and costs neither others their claims nor Weir its memory or its log. */
import { describe, expect, test } from "vitest";

import { Refusals } from "../../../../core/resilience/refusals.ts";

const start = 1_700_000_040_000;

/** So many claims of a client that come one after the other, each refused; how many are looked at within so long. */
function guesses(refusals: Refusals, client: string, withinMs: number): number {
  let looked = 0;
  for (let now = start; now < start + withinMs; looked++) {
    now += refusals.waitMs(client, now) ?? Infinity;
    refusals.refused(client, now);
  }
  return looked;
}

describe("a client that guesses", () => {
  test("has twenty looks at once, and then five a second", () => {
    expect(guesses(new Refusals(), "a", 60_000)).toBeLessThanOrEqual(20 + 5 * 60 + 1);
  });

  test("on a thousand connections at once has no more, and waits for no longer than five seconds", () => {
    const refusals = new Refusals();
    const waits = Array.from({ length: 1_000 }, () => refusals.waitMs("a", start));
    const looked = waits.filter((waitMs) => waitMs !== undefined);
    expect(looked.filter((waitMs) => waitMs === 0).length).toBe(21);
    expect([looked.length, Math.max(...looked)]).toEqual([46, 5_000]);
    expect(refusals.waitMs("a", start + 5_200)).toBe(0);
  });

  test("keeps no other request waiting", () => {
    const refusals = new Refusals();
    guesses(refusals, "a", 60_000);
    expect(refusals.waitMs("b", start + 60_000)).toBe(0);
  });

  test("has no more guesses where another client of the same address presents the right token now and then", () => {
    const refusals = new Refusals();
    let guessed = 0;
    for (let now = start; now < start + 60_000; guessed++) {
      now += refusals.waitMs("a", now) ?? Infinity;
      refusals.refused("a", now);
      if (guessed % 10 !== 0) continue;
      now += refusals.waitMs("a", now) ?? Infinity;
      refusals.admitted("a");
    }
    expect(guessed).toBeLessThanOrEqual(20 + 5 * 60 + 60);
  });

  test("is forgotten after ten minutes, and one that only has the right token never waits", () => {
    const refusals = new Refusals();
    for (let nth = 0; nth < 1_000; nth++) {
      expect(refusals.waitMs("a", start)).toBe(0);
      refusals.admitted("a");
    }
    guesses(refusals, "b", 60_000);
    const waits = Array.from({ length: 20 }, () => refusals.waitMs("b", start + 800_000));
    expect(waits).toEqual(Array.from({ length: 20 }, () => 0));
  });
});

describe("the log", () => {
  const lines = (refusals: Refusals, clients: readonly string[], now = start) =>
    clients.flatMap((client) => refusals.refused(client, now) ?? []);

  test("has a client's first refusal, its tenth, its hundredth: it cannot be filled by one", () => {
    const written = lines(
      new Refusals(),
      Array.from({ length: 1_000 }, () => "a"),
    );
    expect(written.map(({ count }) => count)).toEqual([1, 10, 100, 1_000]);
  });

  test("has thirty lines a minute at most, however many clients ask, and says how many were left out", () => {
    const refusals = new Refusals();
    const clients = Array.from({ length: 5_000 }, (_, at) => `client-${at}`);
    expect(lines(refusals, clients)).toHaveLength(30);
    expect(lines(refusals, ["later"], start + 60_000)).toEqual([{ count: 1, unlogged: 4_970 }]);
    expect(lines(refusals, ["last"], start + 60_000)).toEqual([{ count: 1 }]);
  });
});

test("no more than a thousand clients are remembered: those seen last", () => {
  const refusals = new Refusals();
  for (const client of ["kept", "forgotten", "kept"]) refusals.refused(client, start);
  for (let at = 0; at < 999; at++) refusals.refused(`client-${at}`, start);
  const later = start + 60_000;
  expect([refusals.refused("kept", later), refusals.refused("forgotten", later)]).toMatchObject([
    undefined,
    { count: 1 },
  ]);
});
