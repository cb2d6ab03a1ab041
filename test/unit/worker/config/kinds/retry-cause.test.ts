/** What `retries.on` may name. */
import { expect, test } from "vitest";

import { retryCause } from "../../../../../worker/config/kinds/retry-cause.ts";

test.each(["connect", "timeout", "400", "499", "503", "599"])("%j may be retried", (cause) => {
  expect(retryCause.parse(cause)).toBe(cause);
});

test.each(["399", "600", "5xx", "0503", "503 ", "Connect", "", 503])("%j is no cause", (cause) => {
  const [issue] = retryCause.safeParse(cause).error?.issues ?? [];
  expect(issue?.message).toBe('"connect", "timeout", or a status from 400 to 599, such as "503"');
});
