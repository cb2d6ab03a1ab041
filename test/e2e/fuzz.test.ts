/** HTTP at random, some of what `npm run test:long` tries. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { startFuzzStack, tryHttp, type FuzzStack } from "../support/fuzz/http-trial.ts";

let fuzz: FuzzStack;

beforeAll(async () => {
  fuzz = await startFuzzStack();
});

afterAll(() => fuzz.stop());

test("whatever is asked and answered arrives as it was sent, but for what docs/http.md says", async () => {
  const { requests, failure } = await tryHttp(fuzz, { requests: 300, seed: Date.now() % 1_000_000_000 });
  // Whole, with its replay: `expect` shows the first words of a long text.
  if (failure !== undefined) expect.fail(failure);
  expect(requests).toBeGreaterThanOrEqual(300);
});
