/** Runs are repeatable, comparable, and watched. */
import { describe, expect, test } from "vitest";
import type { Row } from "../../../sim/engine/results.ts";
import type { MakeStrategy } from "../../../sim/engine/simulation.ts";
import { LocalRoundRobin } from "../../../sim/strategies/baselines/round-robin.ts";
import { strategyNames } from "../../../sim/strategies/registry.ts";
import { runs } from "../../support/runs.ts";
import { brokenBy, rowOf, runToEnd, scenario } from "../../support/scenario.ts";

const eventful = scenario({
  health: { active: { intervalMs: 200 }, passive: { failures: 2, ejectMs: 300 } },
  requests: { timeoutMs: 800, attemptTimeoutMs: 300, cancels: true, retries: { attempts: 2, budget: 0.2 } },
  faults: [
    { kind: "slow", servers: ["home-1"], factor: 5, atMs: 700, untilMs: 1500 },
    { kind: "fast-failing", servers: ["home-2"], atMs: 900, untilMs: 1400 },
    { kind: "dead", servers: ["home-3", "home-4"], atMs: 1000, untilMs: 1600 },
    { kind: "dead-coordinator", atMs: 1700, untilMs: 1900 },
    { kind: "lost-reports", share: 0.3, atMs: 1200, untilMs: 2200 },
  ],
});

/** The rows of runs of `eventful` that several tests look at. */
const known = new Map<string, Row>();
function eventfulRow(policy: string, seed: number): Row {
  const key = `${policy} ${seed}`;
  const row = known.get(key) ?? rowOf(eventful, { policy, seed });
  known.set(key, row);
  return row;
}

describe("a run", () => {
  test.each(strategyNames)("of %s comes out the same to the byte with the same seed", (policy) => {
    const once = JSON.stringify(eventfulRow(policy, 1));
    expect(JSON.stringify(rowOf(eventful, { policy, seed: 1 }))).toBe(once);
  });

  test("comes out otherwise with another seed", () => {
    const { seed: _, ...one } = eventfulRow("least_conn", 1);
    const { seed: __, ...other } = rowOf(eventful, { seed: 2 });
    expect(one).not.toEqual(other);
  });

  test.each(strategyNames)("of %s holds every invariant while everything fails that can", (policy) => {
    for (let seed = 1; seed <= runs(1, 30); seed++)
      expect(eventfulRow(policy, seed).requests).toBeGreaterThan(100);
  });

  test("meets the same requests whatever the policy", () => {
    const met = (policy: string) => {
      const { requests, floorP99Ms } = eventfulRow(policy, 1);
      return { requests, floorP99Ms };
    };
    const floor = met("floor");
    for (const policy of strategyNames) expect(met(policy)).toEqual(floor);
  });

  test("has no better policy than the floor", () => {
    const calm = scenario();
    const floor = rowOf(calm, { policy: "floor" }).p99Ms;
    for (const policy of strategyNames) {
      expect(rowOf(calm, { policy }).p99Ms).toBeGreaterThanOrEqual(floor);
    }
  });

  test("gives rows with these keys, in this order", () => {
    expect(Object.keys(rowOf(scenario()))).toEqual([
      "policy",
      "load",
      "seed",
      "requests",
      "p50Ms",
      "p90Ms",
      "p99Ms",
      "p999Ms",
      "errorRate",
      "floorP99Ms",
      "spillShare",
    ]);
  });

  test("that goes on in slices comes out the same", () => {
    const whole = runToEnd(eventful);
    expect(whole.progress).toBe(1);
    expect(whole.run(1)).toBe(true);
    expect(rowOf(eventful)).toEqual(whole.row());
  });
});

describe("an invariant", () => {
  class SendsTwice extends LocalRoundRobin {
    override route(request: number): void {
      super.route(request);
      if (this.ground.now > 1000) this.ground.send(request, 0);
    }
  }

  class Throws extends LocalRoundRobin {
    override route(): void {
      throw new RangeError("out of range");
    }
  }

  const planted: readonly { readonly bug: string; readonly strategy: MakeStrategy; readonly says: RegExp }[] =
    [
      {
        bug: "a request that is sent twice",
        strategy: (ground) => new SendsTwice(ground),
        says: /requests are open|requests have arrived, and \d+ are accounted for/,
      },
      {
        bug: "a server that loses a request",
        strategy: (ground) => {
          const [machine] = ground.machines;
          if (machine) machine.model.cancel = () => {};
          return new LocalRoundRobin(ground);
        },
        says: /attempts are in service, and servers have/,
      },
      {
        bug: "a strategy that throws",
        strategy: (ground) => new Throws(ground),
        says: /^RangeError: out of range \(seed 42, /,
      },
    ];

  test.each(planted)("catches $bug, and says how to replay it", ({ strategy, says }) => {
    const message = brokenBy(scenario({ requests: { timeoutMs: 60, cancels: true } }), {
      policy: "planted",
      seed: 42,
      load: 1.2,
      strategy,
    });
    expect(message).toMatch(says);
    expect(message).toContain("--policy planted --load 1.2 --seed 42");
  });
});
