/** `cost` and `budget` of a pool after home. */
import { budget as section, cost } from "../../../../../worker/config/sections/budget.ts";
import { pool } from "../../../../../worker/config/sections/pool.ts";
import type { Part } from "../../../../../worker/config/section.ts";
import { accepts, allows, duration, keyOf, refuses, shop } from "../tables.ts";
import { unknownKey, whole, words, type Scope } from "../tables.ts";
import { leastUpstream, withUpstream } from "../example-config.ts";

/** Two pools with these parts, and these parts of the upstream. */
const pools = (home: object, cloud: object, beside: object = {}): object => {
  const second = { name: "cloud", origins: [{ name: "c", url: "https://c.example.com" }] };
  return withUpstream({
    pools: [
      { ...leastUpstream().pools[0], ...home },
      { ...second, ...cloud },
    ],
    ...beside,
  });
};
const onPool = (index: 0 | 1, beside: object = {}): Scope => ({
  make: (parts) => (index === 0 ? pools(parts as object, {}) : pools({}, parts as object, beside)),
  base: `${shop}.pools[${index}]`,
  compiled: ({ upstreams }) => {
    const { cost, budget, priceMs } = upstreams[0]?.pools[index] ?? {};
    return { ...(cost && { cost }), ...(budget && { budget }), ...(priceMs !== undefined && { priceMs }) };
  },
});
const cloud = onPool(1);
const partOfCloud = (part: Part): Scope => {
  const key = keyOf(pool, part);
  return { ...cloud, base: `${cloud.base}.${key}`, make: (written) => cloud.make({ [key]: written }) };
};

accepts(cloud, [
  [{}, {}],
  [
    { cost: { perGb: 0.09 }, budget: { moneyPerDay: 5 } },
    { cost: { perRequest: 0, perGb: 0.09 }, budget: { moneyPerDay: 5, whenUsedUp: "fail" } },
  ],
  ...(["shed-low-priority", "queue"] as const).map((whenUsedUp) => {
    const budget = { requestsPerHour: 0, whenUsedUp };
    return [{ budget }, { budget }] as const;
  }),
]);
accepts(onPool(0), [[{ price: "25ms" }, { priceMs: 25 }]]);

const money = "an amount of money from 0 to 1000000000";
const requests = whole(0, 1_000_000_000);
const priced = "a cost of the pool above 0 to count by (cost.perRequest, cost.perGb)";
const free = "a pool that costs nothing";
refuses(partOfCloud(cost), [
  [{ perRequest: -0.1 }, ".perRequest", money],
  [{ perGb: "5" }, ".perGb", money],
  [{ perHour: 1 }, ".perHour", unknownKey(), 'unknown key "perHour"'],
]);
refuses(partOfCloud(section), [
  [{ requestsPerHour: -1 }, ".requestsPerHour", requests],
  [{ requestsPerHour: 1.5 }, ".requestsPerHour", requests],
  [{ requestsPerHour: 1, whenUsedUp: "wait" }, ".whenUsedUp", words("queue", "shed-low-priority", "fail")],
  [{}, "", "requestsPerHour, moneyPerDay, or both of them", "no limit"],
]);
refuses(cloud, [
  [{ cost: { perGb: 1 }, budget: { moneyPerDay: -5 } }, ".budget.moneyPerDay", money],
  [{ budget: { moneyPerDay: 5 } }, ".budget.moneyPerDay", priced, free],
  [{ budget: { moneyPerDay: 5 }, cost: { perGb: 0 } }, ".budget.moneyPerDay", priced, free],
]);
allows(cloud, [
  { budget: { moneyPerDay: 5, requestsPerHour: 1 }, cost: { perRequest: 0.01 } },
  { budget: { moneyPerDay: 5 }, cost: { perGb: 0.01 } },
]);

const waiting = { budget: { requestsPerHour: 1, whenUsedUp: "queue" } };
const noQueue = "a queue of the upstream, for requests to wait in";
refuses(onPool(1, { queue: false }), [[waiting, ".budget.whenUsedUp", noQueue]]);
allows(onPool(1, { queue: false }), [{ budget: { requestsPerHour: 1 } }]);

const spilled = "none on the first pool: only what is spilled has a";
refuses(onPool(0), [
  [{ cost: { perGb: 1 } }, ".cost", `${spilled} cost`, "a cost at home"],
  [{ budget: { requestsPerHour: 1 } }, ".budget", `${spilled} budget`, "a budget at home"],
]);

const oneObject = "no budget where the upstream has regions: one object has to be asked for each request";
const regional = onPool(1, { regions: ["weur"] });
refuses(regional, [[{ budget: { requestsPerHour: 1 } }, ".budget", oneObject, "a budget beside regions"]]);
allows(regional, [{ cost: { perGb: 1 } }]);

refuses(
  onPool(0),
  [20, "-5ms", "2m"].map((price) => [{ price }, ".price", duration("0ms", "60s")] as const),
);
