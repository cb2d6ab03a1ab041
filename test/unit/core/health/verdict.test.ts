/** What a row of probes makes of an origin. `+` is a good probe, `-` a bad one. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { observeProbe, unknownVerdict, type Verdict } from "../../../../core/health/verdict.ts";

interface Rules {
  readonly rise: number;
  readonly fall: number;
}

/** The verdicts after each probe; one probe a millisecond, from 1 on. */
function verdicts(probes: string, rules: Rules): { verdict: Verdict; changed: boolean }[] {
  let verdict = unknownVerdict(0);
  return Array.from(probes, (probe, index) => {
    const observed = observeProbe(verdict, probe === "+", rules, index + 1);
    verdict = observed.verdict;
    return observed;
  });
}

describe("with rise 2 and fall 3", () => {
  test.each([
    ["an origin never probed is unknown", "", "unknown"],
    ["its first good probe suffices", "+", "healthy"],
    ["its first bad probe does not", "-", "unknown"],
    ["nor its second", "--", "unknown"],
    ["its third bad probe does", "---", "unhealthy"],
    ["one good probe among its first suffices too", "--+", "healthy"],
    ["a healthy origin stands two bad probes", "+--", "healthy"],
    ["and falls at the third", "+---", "unhealthy"],
    ["a good probe between begins the row anew", "+--+--", "healthy"],
    ["which is then counted to the end", "+--+---", "unhealthy"],
    ["an unhealthy origin does not rise at once", "---+", "unhealthy"],
    ["it rises at the second good probe", "---++", "healthy"],
    ["a bad probe between begins the row anew", "---+-+", "unhealthy"],
    ["more of the same changes nothing", "---------", "unhealthy"],
    ["and is not held against it when it comes back", "------------++", "healthy"],
  ])("%s: %j", (_, probes, state) => {
    expect(verdicts(probes, { rise: 2, fall: 3 }).at(-1)?.verdict.state ?? unknownVerdict(0).state).toBe(
      state,
    );
  });
});

test("with rise 1 and fall 1 the last probe decides", () => {
  const states = verdicts("-+-+", { rise: 1, fall: 1 }).map(({ verdict }) => verdict.state);
  expect(states).toEqual(["unhealthy", "healthy", "unhealthy", "healthy"]);
});

test("a change is reported once, and dated", () => {
  const observed = verdicts("++---------++", { rise: 2, fall: 3 });
  const changes = observed.filter(({ changed }) => changed).map(({ verdict }) => verdict);
  expect(changes.map(({ state, sinceMs }) => `${state} since ${sinceMs}`)).toEqual([
    "healthy since 1",
    "unhealthy since 5",
    "healthy since 13",
  ]);
  expect(observed.at(-2)?.verdict.sinceMs).toBe(5);
});

test("a probe that changes nothing returns the same verdict, so that nothing is persisted", () => {
  const [first, second] = verdicts("++", { rise: 2, fall: 3 });
  expect(second?.verdict).toBe(first?.verdict);
  const [, , third, fourth] = verdicts("----", { rise: 2, fall: 3 });
  expect(fourth?.verdict).toBe(third?.verdict);
});

test("the state changes exactly when the last `rise` or `fall` probes agree, whatever came before", () => {
  const rules = fc.record({ rise: fc.integer({ min: 1, max: 4 }), fall: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(rules, fc.array(fc.constantFrom("+", "-"), { maxLength: 40 }), (rules, probes) => {
      let expected: Verdict["state"] = "unknown";
      const observed = verdicts(probes.join(""), rules);
      for (const [index, { verdict, changed }] of observed.entries()) {
        const before = expected;
        const sofar = probes.slice(0, index + 1).join("");
        if (sofar.endsWith("-".repeat(rules.fall))) expected = "unhealthy";
        if (sofar.endsWith("+".repeat(before === "unknown" ? 1 : rules.rise))) expected = "healthy";
        expect(verdict.state).toBe(expected);
        expect(changed).toBe(expected !== before);
      }
    }),
  );
});
