/** The promise of `weir drain --wait`, held against servers that are really killed; `npm run test:long -- --only drain` has twenty rounds of it. */
import { expect, test } from "vitest";

import { drainedUpstreams, runDrainRounds } from "../support/drain-rounds.ts";

const rounds = 1;

test("a server that is killed the moment its drain ends costs no client an error: strict, leased, without a limit, sticky", async () => {
  const { answers, failures, drainMs } = await runDrainRounds(rounds);
  expect(failures).toEqual([]);
  expect(answers).toBeGreaterThan(200);
  expect(drainMs).toHaveLength(rounds * drainedUpstreams.length);
});
