/** Whose word is set aside: a holder for which most of a pool fails, while others find it well. */
import { describe, expect, test } from "vitest";

import { HolderWords } from "../../../../../core/health/judges/one-holder.ts";
import { origin, pool } from "../../../../support/upstream.ts";

const names = ["a", "b", "c"];
const home = pool(
  "home",
  names.map((name) => origin(name)),
);

function told(parts: {
  readonly mine: readonly string[];
  readonly othersGood?: number;
  readonly othersFailed?: number;
}) {
  const words = new HolderWords();
  const { mine, othersGood = 20, othersFailed = 0 } = parts;
  for (const name of names)
    words.note({ holder: "other", origin: name, good: othersGood, failed: othersFailed }, 0);
  for (const name of names) {
    const isFailing = mine.includes(name);
    words.note({ holder: "cut-off", origin: name, good: isFailing ? 0 : 5, failed: isFailing ? 3 : 0 }, 0);
  }
  return words;
}

describe("a holder's word about failures is set aside", () => {
  test("if most of the pool fails for it alone; and that is told once", () => {
    const words = told({ mine: ["a", "b"] });
    expect(words.isSetAside("cut-off", "a", home, 0)).toBe(true);
    expect(words.isSetAside("cut-off", "b", home, 0)).toBe(true);
    expect(words.take()).toEqual([{ holder: "cut-off", pool: "home", origins: ["a", "b"] }]);
    expect(words.take()).toEqual([]);
  });

  test("not if one origin of three fails for it: that is the origin's failure", () => {
    expect(told({ mine: ["a"] }).isSetAside("cut-off", "a", home, 0)).toBe(false);
  });

  test("not if others see the origins fail, too, or have not seen them", () => {
    expect(told({ mine: names, othersFailed: 20 }).isSetAside("cut-off", "a", home, 0)).toBe(false);
    expect(told({ mine: names, othersGood: 0 }).isSetAside("cut-off", "a", home, 0)).toBe(false);
  });

  test("for as long as that was seen in the last half minute", () => {
    const words = told({ mine: names });
    expect(words.isSetAside("cut-off", "a", home, 29_999)).toBe(true);
    expect(words.isSetAside("cut-off", "a", home, 30_000)).toBe(false);
  });

  test("among 256 holders at most: the one that was silent for longest is forgotten", () => {
    const words = told({ mine: names });
    for (let nth = 0; nth < 256; nth++)
      words.note({ holder: `h-${nth}`, origin: "a", good: 1, failed: 0 }, 0);
    expect(words.isSetAside("cut-off", "a", home, 0)).toBe(false);
  });
});
