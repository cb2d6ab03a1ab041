/** `burst`: when it begins and ends, and whether sessions are moved home after it. */
import { burst as section } from "../../../../../worker/config/sections/burst.ts";
import { expect, test } from "vitest";
import { withUpstream } from "../example-config.ts";
import { accepts, allows, duration, inUpstream, issuesOf, refuses, refusesValues, shop } from "../tables.ts";
import { switchExpected, unknownKey, upstreamParts, type Scope } from "../tables.ts";

const home = { name: "home", origins: [{ name: "a", url: "https://a.example.com", maxConns: 8 }] };
const unlimited = { name: "home", origins: [{ name: "a", url: "https://a.example.com" }] };
const cloud = { name: "cloud", origins: [{ name: "c", url: "https://c.example.com" }] };
const pools = [home, cloud];

const burst = inUpstream(section, { pools });
const beside = (parts: object): Scope => inUpstream(section, { pools, ...parts });
/** What `parts` of an upstream make of its burst. */
const burstOf: Scope = {
  make: (parts) => withUpstream({ pools, ...(parts as object) }),
  base: shop,
  compiled: burst.compiled,
};

const usual = {
  enter: { at: { utilisation: 0.9 }, forMs: 10_000 },
  exit: { at: { utilisation: 0.7 }, forMs: 60_000 },
  minHoldMs: 60_000,
};
const exit = (exit: object): object => ({ ...usual, exit: { ...usual.exit, ...exit } });

accepts(burstOf, [
  [{}, undefined],
  [{ burst: false }, undefined],
  [{ burst: true }, usual],
  [{ burst: {} }, usual],
  // Sessions come home within ten minutes, where there are sessions.
  [
    { burst: true, sticky: true },
    { ...usual, moveWithinMs: 600_000 },
  ],
  [{ burst: { sessions: false }, sticky: true }, usual],
  [{ burst: true, sticky: { homecoming: false } }, usual],
  [
    { burst: { sessions: { moveWithin: "90s" } }, sticky: true },
    { ...usual, moveWithinMs: 90_000 },
  ],
  // What is written of `enter` is what is watched, and it is left 2/9 below.
  [
    { burst: { enter: { p95: "900ms", queue: 9, wait: "180ms", errorRate: 0.45 }, minHold: "0s" } },
    {
      enter: { ...usual.enter, at: { p95Ms: 900, queued: 9, expectedWaitMs: 180, errorRate: 0.45 } },
      exit: { ...usual.exit, at: { p95Ms: 700, queued: 7, expectedWaitMs: 140, errorRate: 0.35 } },
      minHoldMs: 0,
    },
  ],
  // Thresholds of `exit` are those that are written, if any is.
  [
    { burst: { enter: { utilisation: 0.8, p95: "1s" }, exit: { p95: "400ms" } } },
    { ...exit({ at: { p95Ms: 400 } }), enter: { ...usual.enter, at: { utilisation: 0.8, p95Ms: 1_000 } } },
  ],
  // A time that is not written gives way to one that is.
  [{ burst: { exit: { for: "2m" } } }, exit({ forMs: 120_000 })],
  [
    { burst: { enter: { for: "5m" } } },
    { ...exit({ forMs: 300_000 }), enter: { ...usual.enter, forMs: 300_000 } },
  ],
  [
    { burst: { exit: { for: "4s" } }, health: false },
    { ...exit({ forMs: 4_000 }), enter: { ...usual.enter, forMs: 4_000 } },
  ],
  [{ burst: true, health: { interval: "50s" } }, exit({ forMs: 100_000 })],
]);

refusesValues(burst, [
  ["", 7, switchExpected],
  [".enterr", {}, unknownKey("enter"), 'unknown key "enterr"'],
  [".enter.load", 1, unknownKey(), 'unknown key "load"'],
  [".exit.utilization", 0.5, unknownKey("utilisation"), 'unknown key "utilization"'],
  [".enter.utilisation", 90, "a number from 0.01 to 1"],
  [".minHold", 60, duration("0s", "24h")],
  [".sessions.moveWithin", "0s", duration("1s", "24h")],
  // Not below `enter`, or not named by it.
  [".exit.utilisation", 0.9, "less than burst.enter.utilisation, which is 0.9"],
  [".exit.utilisation", 0.95, "less than burst.enter.utilisation, which is 0.9"],
  [".exit.p95", "1s", "only what burst.enter names: utilisation"],
  // Two intervals of probes are 20 s.
  [".exit.for", "19999ms", "at least twice health.interval: on a quiet site only probes show how home is"],
]);
refuses(burst, [
  ...[
    ["utilisation", 0.8, 0.8],
    ["errorRate", 0.5, 0.5],
    ["queue", 9, 10],
    ["wait", "1s", "1s"],
    ["p95", "1s", "1500ms"],
  ].map(([key = "", enter, exit]) => {
    const expected = `less than burst.enter.${key}, which is ${JSON.stringify(enter)}`;
    return [{ enter: { [key]: enter }, exit: { [key]: exit } }, `.exit.${key}`, expected] as const;
  }),
  [
    { enter: { p95: "1s", errorRate: 0.5 }, exit: { utilisation: 0.5 } },
    ".exit.utilisation",
    "only what burst.enter names: p95, errorRate",
  ],
  [{ enter: { for: "40s" }, exit: { for: "39999ms" } }, ".exit.for", "at least burst.enter.for"],
]);
allows(burst, [
  { exit: { utilisation: 0.899 } },
  { enter: { wait: "1s", queue: 9 }, exit: { wait: "999ms", queue: 8 } },
  { exit: { for: "20s" } },
  { enter: { for: "40s" }, exit: { for: "40s" } },
]);
// Without probes there are no intervals.
allows(beside({ health: false }), [{ exit: { for: "10s" } }]);

const noQueue = "a queue in the upstream, or other thresholds in burst.enter";
const unqueued = beside({ queue: false });
refuses(unqueued, [
  [{ enter: { wait: "1s" } }, ".enter.wait", noQueue, "wait, and no queue in the upstream"],
  [{ enter: { queue: 9, utilisation: 0.9 } }, ".enter.queue", noQueue, "queue, and no queue in the upstream"],
]);
allows(unqueued, [{ enter: { p95: "1s", errorRate: 0.5 } }]);

const staying = beside({ sticky: { homecoming: false } });
const moving = beside({ sticky: { homecoming: true } });
refuses(staying, [
  [{ sessions: true }, ".sessions", "what sticky.homecoming says, which is false"],
  [{ sessions: { moveWithin: "1m" } }, ".sessions", "what sticky.homecoming says, which is false"],
]);
refuses(moving, [[{ sessions: false }, ".sessions", "what sticky.homecoming says, which is true"]]);
allows(staying, [{ sessions: false }, {}]);
allows(moving, [{ sessions: true }, { sessions: { moveWithin: "1m" } }, {}]);
allows(beside({ sticky: false }), [{ sessions: false }, { sessions: true }]);

refuses(inUpstream(section, { pools: [home] }), [
  [true, "", "a second pool to burst into, or no burst", "one pool"],
]);
const limits = "maxConns of at least one origin of the first pool, or other thresholds in burst.enter";
const found = "utilisation, and no maxConns in the first pool";
const ofUnlimited = inUpstream(section, { pools: [unlimited, cloud] });
refuses(ofUnlimited, [
  [true, "", limits, found],
  [{ enter: { utilisation: 0.5 } }, ".enter.utilisation", limits, found],
]);
allows(ofUnlimited, [{ enter: { p95: "1s" } }]);

test("everything that is wrong is said at once, but for what rests on a threshold that cannot be read", () => {
  const burst = { enter: { utilisation: 2, for: "5m" }, exit: { p95: "1s", for: "1m" }, hold: "1s" };
  const paths = issuesOf(upstreamParts.make({ burst })).map(({ path }) => path.replace(`${shop}.burst`, ""));
  expect(paths).toEqual(["", ".enter.utilisation", ".exit.for", ".hold"]);
});
