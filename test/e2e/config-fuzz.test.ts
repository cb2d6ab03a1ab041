/** Configs at random, some of what `npm run test:long` tries. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { openConfigBench, tryConfigs, type ConfigBench } from "../support/configs/trial.ts";

let bench: ConfigBench;

beforeAll(async () => {
  bench = await openConfigBench();
});

afterAll(() => bench.close());

test("whatever config is accepted, Weir starts with it, and answers each request as the config says", async () => {
  const { configs, requests, failure } = await tryConfigs(bench, {
    configs: 16,
    seed: Date.now() % 1_000_000_000,
  });
  // Whole, with its replay: `expect` shows the first words of a long text.
  if (failure !== undefined) expect.fail(failure);
  expect(configs).toBe(16);
  expect(requests).toBeGreaterThanOrEqual(16);
});
