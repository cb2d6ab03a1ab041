/** `limits.client`: how much one client may have, and what tells clients apart. */
import { clientKey, requestKey } from "../../../../../worker/config/kinds/request-key.ts";
import { clientLimits } from "../../../../../worker/config/sections/client-limits.ts";
import { limits } from "../../../../../worker/config/sections/limits.ts";
import { describe, expect, test } from "vitest";
import { accepts, inRoot, refuses, refusesValues } from "../tables.ts";

const { make, base, compiled } = inRoot(limits);
const client = {
  make: (part: unknown) => make({ client: part }),
  base: `${base}.client`,
  compiled: (config: Parameters<typeof compiled>[0]) => config.limits.client,
};

test("stands in limits", () => {
  expect(limits.about).toMatchObject({ options: { client: { part: clientLimits } } });
});

accepts(client, [
  [{}, { key: { from: "address" } }],
  [{ queue: 20 }, { queue: 20, key: { from: "address" } }],
  [
    { slots: 8, queue: 8, uploads: 1_000, key: "header:X-Key" },
    { slots: 8, queue: 8, uploads: 1_000, key: { from: "header", name: "x-key" } },
  ],
]);

refuses(client, [
  [{ slots: 8, queue: 9 }, ".queue", "at most slots (8): a request that waits is one of these"],
]);

const keys = '"address", "header:NAME", "cookie:NAME" or "query:NAME", the names those of HTTP (RFC 9110)';

refusesValues(client, [
  [".slots", 0, "a whole number from 1 to 1000000"],
  [".queue", 0, "a whole number from 1 to 1000000"],
  [".uploads", 1.5, "a whole number from 1 to 1000000"],
  // Of whatever client the request is, it has a path.
  [".key", "path", keys],
  [".key", "header:X Key", keys],
]);

describe("a key of requests", () => {
  test.each([
    ["path", { from: "path" }],
    ["address", { from: "address" }],
    ["header:X-Key", { from: "header", name: "x-key" }],
    ["cookie:Cart", { from: "cookie", name: "Cart" }],
    ["query:user", { from: "query", name: "user" }],
  ])("%s names a part of them", (written, key) => {
    expect(requestKey.parse(written)).toEqual(key);
    expect(clientKey.safeParse(written).success).toBe(written !== "path");
  });
});
