/** When an origin is in doubt. */
import { expect, test } from "vitest";

import { ConnectionDoubt } from "../../../../core/connections/connection-doubt.ts";

test("an origin is in doubt from a failure until a connection that was made later brings an answer", () => {
  const doubt = new ConnectionDoubt();
  expect(doubt.isOpen).toBe(false);
  doubt.failed(100);
  expect(doubt.isOpen).toBe(true);
  doubt.connected(100);
  expect(doubt.isOpen).toBe(false);
});

test("an answer to a request that was sent before the failure says nothing", () => {
  const doubt = new ConnectionDoubt();
  doubt.failed(100);
  doubt.connected(99);
  expect(doubt.isOpen).toBe(true);
  doubt.failed(300);
  doubt.connected(200);
  expect(doubt.isOpen).toBe(true);
});
