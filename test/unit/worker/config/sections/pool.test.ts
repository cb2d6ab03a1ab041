/** Pools: their order, what they must have, and `capacity` of home. */
import { accepts, allows, inUpstream, origin, home, refuses, upstreamParts, type Scope } from "../tables.ts";
import { leastUpstream } from "../example-config.ts";

const limited = { name: "a", url: "https://a.example.com", maxConns: 8 };
const unlimited = { name: "b", url: "https://b.example.com" };
const cloud = { name: "cloud", origins: [{ name: "c", url: "https://c.example.com" }] };
const pools: Scope = {
  ...inUpstream("pools"),
  compiled: ({ upstreams }) =>
    upstreams[0]?.pools.map(({ name, capacity }) => `${name} ${capacity ?? "written"}`),
};
const homeOf = (...origins: object[]): object => ({ name: "home", capacity: "auto", origins });
const own = (name: string): object => ({ name, origins: [{ ...unlimited, name: `origin-of-${name}` }] });

// In their order; capacity is written unless a pool says otherwise.
accepts(pools, [
  [
    [{ name: "home", origins: [limited] }, cloud],
    ["home written", "cloud written"],
  ],
  ...[limited, unlimited].map(
    (one) =>
      [
        [homeOf(one), cloud],
        ["home auto", "cloud written"],
      ] as const,
  ),
  [[homeOf(limited)], ["home auto"]],
]);

// A limit that is found out is one for these, too.
allows(
  {
    ...upstreamParts,
    make: (parts) => upstreamParts.make({ pools: [homeOf(unlimited), cloud], ...(parts as object) }),
  },
  [
    { burst: true },
    {
      autoscale: { slots: 8, max: 2, webhook: { url: "https://scale.example.com/", secret: "s".repeat(32) } },
    },
    { regions: ["weur"] },
  ],
);

const capacity = '"auto", or nothing: then maxConns of each origin says it';
const bounded =
  'the most it may have, or a second pool: with capacity: "auto" the rest must have somewhere to go';
const atHome = "none on a pool after the first: only home's capacity is found out";
const auto = { ...cloud, capacity: "auto" };
const taken = "a name of its own;";
refuses(pools, [
  [[], "", "a list of 1 to 16 pools"],
  ...["automatic", 20, true].map(
    (written) => [[{ ...homeOf(limited), capacity: written }, cloud], "[0].capacity", capacity] as const,
  ),
  [[homeOf(limited), auto], "[1].capacity", atHome, "a capacity of a later pool"],
  [[homeOf(limited, unlimited)], "[0].origins[1].maxConns", bounded],
  [
    [{ name: "home", origins: [] }],
    "[0].origins",
    "a list of 1 to 1000 origins; none only in a pool with register",
  ],
  [
    [{ name: "home", origins: [limited, unlimited].map((each) => ({ ...each, weight: 0 })) }],
    "[0].origins",
    "at least one origin of a weight above 0",
    "weight 0 for each origin",
  ],
  [[...leastUpstream().pools, { ...own("home") }], "[1].name", `${taken} ${home} has this one`],
  [
    [...leastUpstream().pools, { ...leastUpstream().pools[0], name: "cloud" }],
    "[1].origins[0].name",
    `${taken} ${origin} has this one`,
  ],
]);
allows(pools, [
  [{ name: "home", origins: [{ ...limited, weight: 0 }, unlimited] }],
  // Pools and origins have names of their own.
  [{ name: "a", origins: [limited] }, own("b")],
]);
