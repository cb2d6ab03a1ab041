/** Which answers speak against a server. */
import { describe, expect, test } from "vitest";

import { aboutRequest, isFailure, type FailureRules } from "../../../../../core/health/judges/statuses.ts";

const all = Array.from({ length: 500 }, (_, index) => 100 + index);
const usual: FailureRules = { passive: {}, retries: { on: ["connect", "timeout", "502", "503", "504"] } };
const failures = (rules: FailureRules): number[] => all.filter((status) => isFailure(status, rules));

describe("a failure of the server is", () => {
  test("every status from 500 on, but those that say something about the request", () => {
    const spared = [501, 505, 506, 507, 508, 510, 511];
    expect(failures(usual)).toEqual(all.filter((status) => status >= 500 && !spared.includes(status)));
    expect([...aboutRequest.keys()]).toEqual(spared);
  });

  test("also a status that is retried, whatever it says", () => {
    const rules = { ...usual, retries: { on: ["404", "507"] as const } };
    expect(failures(rules)).toEqual([404, ...failures(usual), 507].sort((a, b) => a - b));
  });

  test("exactly what `passive.statuses` has, where that is written, whatever is retried", () => {
    const passive = {
      statuses: [
        { from: 429, to: 429 },
        { from: 502, to: 503 },
      ],
    };
    expect(failures({ ...usual, passive })).toEqual([429, 502, 503]);
    expect(failures({ ...usual, passive: { statuses: [] } })).toEqual([]);
  });

  test("no other without passive health: answers still are evidence for policies", () => {
    expect(failures({ retries: usual.retries })).toEqual(failures(usual));
  });
});

test.each([...aboutRequest])("status %i has its source: %s", (_, source) => {
  expect(source).toMatch(/^RFC \d+ §[\d.]+: /);
});
