/** What `capacity` may say, and what is made of it. */
import { describe, expect, test } from "vitest";

import { upstreamOf } from "./acceptance.ts";
import { withUpstream } from "./example-config.ts";
import { refuses, shop } from "./refusals.ts";

const limited = { name: "a", url: "https://a.example.com", maxConns: 8 };
const unlimited = { name: "b", url: "https://b.example.com" };
const cloud = { name: "cloud", origins: [{ name: "c", url: "https://c.example.com" }] };
const withPools = (...pools: object[]) => withUpstream({ pools });
const homeOf = (...origins: object[]) => ({ name: "home", capacity: "auto", origins });
const secret = "s".repeat(32);

test.each([
  ["with a bound", [homeOf(limited), cloud]],
  ["without one, and a pool to spill to", [homeOf(unlimited), cloud]],
  ["with a bound and nowhere to spill to", [homeOf(limited)]],
])("home's capacity may be found out, %s", (_, pools) => {
  const [home, later] = upstreamOf(withPools(...pools)).pools;
  expect(home?.capacity).toBe("auto");
  expect(later?.capacity).toBeUndefined();
});

test("it is configured unless it says otherwise", () => {
  const { pools } = upstreamOf(withPools({ name: "home", origins: [limited] }, cloud));
  expect(pools.map((pool) => "capacity" in pool)).toEqual([false, false]);
});

test.each([
  ["burst", { burst: true }],
  ["autoscale", { autoscale: { slots: 8, max: 2, webhook: { url: "https://scale.example.com/", secret } } }],
  ["regions", { regions: ["weur"] }],
])("a limit that is found out is one for %s", (_, parts) => {
  const { pools } = upstreamOf(withUpstream({ pools: [homeOf(unlimited), cloud], ...parts }));
  expect(pools[0]?.capacity).toBe("auto");
});

describe("what could not work is refused", () => {
  const expected = '"auto", or nothing: then maxConns of each origin says it';
  refuses(
    "other words",
    (capacity: unknown) => withPools({ ...homeOf(limited), capacity }, cloud),
    `${shop}.pools[0]`,
    [
      ["automatic", ".capacity", '"automatic"', expected],
      [20, ".capacity", "20", expected],
      [true, ".capacity", "true", expected],
    ],
  );
  refuses("it on later pools", (pool: object) => withPools(homeOf(limited), pool), shop, [
    [
      { ...cloud, capacity: "auto" },
      ".pools[1].capacity",
      "a capacity of a later pool",
      "none on a pool after the first: only home's capacity is found out",
    ],
  ]);
  refuses(
    "a search that nothing bounds, where nothing takes the rest",
    (home: object) => withPools(home),
    shop,
    [
      [
        homeOf(limited, unlimited),
        ".pools[0].origins[1].maxConns",
        "nothing",
        'the most it may have, or a second pool: with capacity: "auto" the rest must have somewhere to go',
      ],
    ],
  );
});
