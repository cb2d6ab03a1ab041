/** What clients hold: never more than they may, and nothing when all is over. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Held, mostClients, type Holding } from "../../../../core/clients/held.ts";

const now = 1_000_000;
const forGood = { untilMs: Infinity };

describe("what clients hold", () => {
  test("is limited for each client, and given back once", () => {
    const held = new Held();
    const [first, second, third] = [1, 2, 3].map(() => held.take("a", 2, forGood, now));
    expect([first?.client, second?.client, third]).toEqual(["a", "a", undefined]);
    expect(held.take("b", 2, forGood, now)).toBeDefined();
    if (first !== undefined) for (let times = 0; times < 3; times++) held.giveBack(first);
    expect(held.of("a")).toBe(1);
    expect(held.take("a", 2, forGood, now)).toBeDefined();
    expect(held.take("a", 2, forGood, now)).toBeUndefined();
  });

  test("comes back at its deadline if it is not given back, and not before, though the deadline grows", () => {
    const held = new Held();
    const term = { untilMs: now + 10 };
    held.take("a", 1, term, now);
    expect(held.take("a", 1, forGood, now + 9)).toBeUndefined();
    term.untilMs = now + 20;
    expect(held.take("a", 1, forGood, now + 19)).toBeUndefined();
    expect(held.take("a", 1, forGood, now + 20)).toBeDefined();
  });

  test("of clients that never come again is forgotten, and the table is bounded", () => {
    const held = new Held();
    for (let client = 0; client < 10_000; client++)
      held.take(String(client), 1, { untilMs: now + client }, now + client);
    expect(held.clients).toBeLessThanOrEqual(2_048);
    for (let client = 0; client < mostClients + 10; client++) held.take(`b${client}`, 1, forGood, now);
    expect(held.clients).toBe(mostClients);
  });

  test("whatever happens: never above the limit, never below nothing, and empty when all is over", () => {
    const step = fc.record({
      client: fc.constantFrom("a", "b", "c"),
      most: fc.integer({ min: 1, max: 4 }),
      ends: fc.nat(30),
      twice: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const held = new Held();
        const open = new Set<Holding>();
        for (const { client, most, ends, twice } of steps) {
          const before = [...open].filter((holding) => holding.client === client).length;
          const taken = held.take(client, most, forGood, now);
          expect(taken !== undefined).toBe(before < most);
          if (taken !== undefined) open.add(taken);
          const [ended] = [...open].slice(ends);
          if (ended !== undefined) for (let times = twice ? 2 : 1; times > 0; times--) held.giveBack(ended);
          if (ended !== undefined) open.delete(ended);
          expect(held.of(client)).toBe([...open].filter((holding) => holding.client === client).length);
        }
        for (const holding of open) held.giveBack(holding);
        expect(held.clients).toBe(0);
      }),
    );
  });
});
