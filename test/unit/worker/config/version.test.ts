import * as fc from "fast-check";
import { expect, test } from "vitest";
import { configHash } from "../../../../worker/config/version.ts";
import { leastConfig } from "./example-config.ts";

test("is the beginning of the SHA-256 of canonical JSON, and stays the same from release to release", async () => {
  // printf '{"a":[1,{"b":null,"c":"x"}],"z":true}' | sha256sum
  expect(await configHash({ z: true, a: [1, { c: "x", b: null }] })).toBe("15bc432f09e5a34d");
});

test("does not depend on the order of keys", async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (config) => {
      const reversed = Object.fromEntries(Object.entries(config).toReversed());
      expect(await configHash(reversed)).toBe(await configHash(config));
    }),
    { numRuns: 50 },
  );
});

test("depends on everything else", async () => {
  const configs = [
    leastConfig(),
    { ...leastConfig(), target: "edge" },
    { ...leastConfig(), target: "workerd" },
    { ...leastConfig(), routes: [{ upstream: "shop" }, { upstream: "shop" }] },
    { ...leastConfig(), routes: ["shop"] },
    { ...leastConfig(), routes: "shop" },
  ];
  const hashes = await Promise.all(configs.map(configHash));
  expect(new Set(hashes).size).toBe(configs.length);
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{16}$/);
});

test("is of the references in a config, and not of what they stand for", async () => {
  expect(await configHash({ url: "${ENV:URL}" })).not.toBe(await configHash({ url: "${ENV:OTHER}" }));
});

test("is the same for a key whose value is undefined and for no key, as in JSON", async () => {
  expect(await configHash({ a: undefined })).toBe(await configHash({}));
});
