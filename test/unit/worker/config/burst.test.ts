/** `burst`: what is made of it, and what is refused. */
import { describe, expect, test } from "vitest";
import type { UpstreamConfig } from "../../../../worker/config/sections/upstream.ts";
import { parseConfig } from "../../../../worker/config/parse/parse.ts";
import type { WeirUpstreamConfig } from "../../../../worker/config/weir-config.ts";
import { emptyEnv, withUpstream } from "./example-config.ts";
import { issuesOf, refuses, shop } from "./refusals.ts";

const home = { name: "home", origins: [{ name: "a", url: "https://a.example.com", maxConns: 8 }] };
const unlimitedHome = { name: "home", origins: [{ name: "a", url: "https://a.example.com" }] };
const cloud = { name: "cloud", origins: [{ name: "c", url: "https://c.example.com" }] };

const withBurst = (burst: unknown): object => withUpstream({ pools: [home, cloud], burst });

function burstOf(parts: Partial<WeirUpstreamConfig>): UpstreamConfig["burst"] {
  const parsed = parseConfig(withUpstream({ pools: [home, cloud], ...parts }), emptyEnv);
  if (!parsed.ok) expect(parsed.issues).toEqual([]);
  return parsed.ok ? parsed.config.upstreams[0]?.burst : expect.unreachable();
}

describe("defaults", () => {
  const byDefault = {
    enter: { at: { utilisation: 0.9 }, forMs: 10_000 },
    exit: { at: { utilisation: 0.7 }, forMs: 60_000 },
    minHoldMs: 60_000,
  };

  test("without it nobody watches, and `false` is the same", () => {
    expect(burstOf({})).toBeUndefined();
    expect(burstOf({ burst: false })).toBeUndefined();
  });

  test("`true` is all defaults; sessions come home within ten minutes, where there are sessions", () => {
    expect(burstOf({ burst: true })).toEqual(byDefault);
    expect(burstOf({ burst: {} })).toEqual(byDefault);
    expect(burstOf({ burst: true, sticky: true })).toEqual({ ...byDefault, moveWithinMs: 600_000 });
    expect(burstOf({ burst: { sessions: false }, sticky: true })).toEqual(byDefault);
    expect(burstOf({ burst: true, sticky: { homecoming: false } })).toEqual(byDefault);
    expect(burstOf({ burst: { sessions: { moveWithin: "90s" } }, sticky: true })).toHaveProperty(
      "moveWithinMs",
      90_000,
    );
  });

  test("what is written of `enter` is what is watched, and it is left 2/9 below", () => {
    expect(
      burstOf({ queue: true, burst: { enter: { p95: "900ms", queue: 9, wait: "180ms", errorRate: 0.45 } } }),
    ).toMatchObject({
      enter: { at: { p95Ms: 900, queued: 9, expectedWaitMs: 180, errorRate: 0.45 } },
      exit: { at: { p95Ms: 700, queued: 7, expectedWaitMs: 140, errorRate: 0.35 } },
    });
  });

  test("thresholds of `exit` are those that are written, if any is", () => {
    const enter = { utilisation: 0.8, p95: "1s" };
    expect(burstOf({ burst: { enter, exit: { p95: "400ms" } } })?.exit.at).toEqual({ p95Ms: 400 });
    expect(burstOf({ burst: { exit: { for: "2m" } } })?.exit).toEqual({
      at: { utilisation: 0.7 },
      forMs: 120_000,
    });
  });

  test("a time that is not written gives way to one that is", () => {
    expect(burstOf({ burst: { enter: { for: "5m" } } })?.exit.forMs).toBe(300_000);
    expect(burstOf({ burst: { exit: { for: "4s" } }, health: false })?.enter.forMs).toBe(4_000);
    expect(burstOf({ burst: true, health: { interval: "50s" } })?.exit.forMs).toBe(100_000);
  });
});

describe("refused", () => {
  const section = "an object (keys: enter, exit, minHold, sessions), true, or false";
  const keys = "utilisation, wait, p95, queue, errorRate, for";
  refuses("what is no burst", withBurst, `${shop}.burst`, [
    [7, "", "7", section],
    [
      { enterr: {} },
      ".enterr",
      'unknown key "enterr"',
      '"enter"? Known here: enter, exit, minHold, sessions',
    ],
    [{ enter: { load: 1 } }, ".enter.load", 'unknown key "load"', `one that is known here: ${keys}`],
    [
      { exit: { utilization: 0.5 } },
      ".exit.utilization",
      'unknown key "utilization"',
      `"utilisation"? Known here: ${keys}`,
    ],
    [{ enter: { utilisation: 90 } }, ".enter.utilisation", "90", "a number from 0.01 to 1"],
    [{ minHold: 60 }, ".minHold", "60", 'a duration such as "10s" (units: ms, s, m, h), from 0s to 24h'],
    [
      { sessions: { moveWithin: "0s" } },
      ".sessions.moveWithin",
      '"0s"',
      'a duration such as "10s" (units: ms, s, m, h), from 1s to 24h',
    ],
  ]);

  refuses("an exit that is not below its enter", withBurst, `${shop}.burst.exit`, [
    [
      { enter: { utilisation: 0.8 }, exit: { utilisation: 0.8 } },
      ".utilisation",
      "0.8",
      "less than burst.enter.utilisation, which is 0.8",
    ],
    [
      { exit: { utilisation: 0.95 } },
      ".utilisation",
      "0.95",
      "less than burst.enter.utilisation, which is 0.9",
    ],
    [
      { enter: { p95: "1s" }, exit: { p95: "1500ms" } },
      ".p95",
      '"1500ms"',
      'less than burst.enter.p95, which is "1s"',
    ],
  ]);

  refuses("a threshold of exit that enter lacks", withBurst, `${shop}.burst.exit`, [
    [{ exit: { p95: "1s" } }, ".p95", '"1s"', "only what burst.enter names: utilisation"],
    [
      { enter: { p95: "1s", errorRate: 0.5 }, exit: { utilisation: 0.5 } },
      ".utilisation",
      "0.5",
      "only what burst.enter names: p95, errorRate",
    ],
  ]);

  const noQueue = "a queue in the upstream, or other thresholds in burst.enter";
  const stickyBurst = ([homecoming, sessions]: readonly unknown[]): object =>
    withUpstream({ pools: [home, cloud], sticky: { homecoming }, burst: { sessions } });
  refuses("two words on whether sessions are moved", stickyBurst, `${shop}.burst`, [
    [[false, true], ".sessions", "true", "what sticky.homecoming says, which is false"],
    [
      [false, { moveWithin: "1m" }],
      ".sessions",
      '{"moveWithin":"1m"}',
      "what sticky.homecoming says, which is false",
    ],
    [[true, false], ".sessions", "false", "what sticky.homecoming says, which is true"],
  ]);

  const unqueued = (burst: unknown): object => withUpstream({ pools: [home, cloud], burst, queue: false });
  refuses("thresholds of a queue where nobody waits", unqueued, `${shop}.burst.enter`, [
    [{ enter: { wait: "1s" } }, ".wait", "wait, and no queue in the upstream", noQueue],
    [{ enter: { queue: 9, utilisation: 0.9 } }, ".queue", "queue, and no queue in the upstream", noQueue],
  ]);

  refuses("an exit.for that is too short", withBurst, `${shop}.burst.exit`, [
    [{ enter: { for: "40s" }, exit: { for: "30s" } }, ".for", '"30s"', "at least burst.enter.for"],
    [
      { exit: { for: "15s" } },
      ".for",
      '"15s"',
      "at least twice health.interval: on a quiet site only probes show how home is",
    ],
  ]);

  refuses(
    "an upstream that has nowhere to burst to",
    (pools: unknown) => withUpstream({ pools, burst: true }),
    `${shop}.burst`,
    [[[home], "", "one pool", "a second pool to burst into, or no burst"]],
  );

  const limits = "maxConns of at least one origin of the first pool, or other thresholds in burst.enter";
  const found = "utilisation, and no maxConns in the first pool";
  refuses(
    "utilisation of a home without limits",
    (burst: unknown) => withUpstream({ pools: [unlimitedHome, cloud], burst }),
    `${shop}.burst`,
    [
      [true, "", found, limits],
      [{ enter: { utilisation: 0.5 } }, ".enter.utilisation", found, limits],
    ],
  );

  test("other thresholds need no limits", () => {
    expect(
      issuesOf(withUpstream({ pools: [unlimitedHome, cloud], burst: { enter: { p95: "1s" } } })),
    ).toEqual([]);
  });

  test("everything that is wrong is said at once, but for what rests on a threshold that cannot be read", () => {
    const burst = { enter: { utilisation: 2, for: "5m" }, exit: { p95: "1s", for: "1m" }, hold: "1s" };
    expect(issuesOf(withUpstream({ burst })).map(({ path }) => path.replace(shop, ""))).toEqual([
      ".burst",
      ".burst.enter.utilisation",
      ".burst.exit.for",
      ".burst.hold",
    ]);
  });
});
