/** Where there is a formula, the simulator agrees with it. */
import { describe, expect, test } from "vitest";
import { runToEnd, scenario, type Written } from "../../support/scenario.ts";

const meanMs = 10;
const exponential = { kind: "exponential", meanMs };

function meanLatencyMs(server: Written, load: number, work: Written = exponential): number {
  const queue = scenario({
    warmupMs: 20_000,
    measureMs: 1_200_000 / Number(server["workers"] ?? 1),
    loads: [load],
    dispatchers: { count: 1 },
    requests: {},
    work,
    pools: [{ name: "home", servers: [server] }],
  });
  return runToEnd(queue, { policy: "local-rr", load }).meanMs;
}

/** The probability that a request has to wait in M/M/k (Erlang's C formula). */
function erlangC(servers: number, load: number): number {
  let blocked = 1;
  for (let k = 1; k <= servers; k++) blocked = (load * servers * blocked) / (k + load * servers * blocked);
  return blocked / (1 - load * (1 - blocked));
}

describe("the mean time of a request", () => {
  test.each([0.3, 0.6])("at load %f of M/M/1 is S / (1 − ρ)", (load) => {
    const expected = meanMs / (1 - load);
    expect(meanLatencyMs({ kind: "slots", workers: 1 }, load) / expected).toBeCloseTo(1, 1);
  });

  test.each([0.5, 0.8])("at load %f of M/M/4 is S + S · C(4, ρ) / (4 (1 − ρ))", (load) => {
    const expected = meanMs + (meanMs * erlangC(4, load)) / (4 * (1 - load));
    expect(meanLatencyMs({ kind: "slots", workers: 4 }, load) / expected).toBeCloseTo(1, 1);
  });

  test("of a processor-sharing server is S / (1 − ρ), whatever the service times' distribution", () => {
    const lognormal = { kind: "lognormal", meanMs, cv: 2 };
    for (const work of [exponential, lognormal, { kind: "constant", ms: meanMs }]) {
      const expected = meanMs / (1 - 0.6);
      expect(meanLatencyMs({ kind: "cores", cores: 1 }, 0.6, work) / expected).toBeCloseTo(1, 1);
    }
  });

  test("of limited processor sharing with exponential work is that of M/M/k", () => {
    const expected = meanMs + (meanMs * erlangC(2, 0.7)) / (2 * (1 - 0.7));
    expect(meanLatencyMs({ kind: "cores", cores: 2 }, 0.7) / expected).toBeCloseTo(1, 1);
  });
});
