/** Valid configs at random: accepted and complete. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jsonSchemaOf } from "../../../../generate/json-schema.ts";
import { parseUpstream } from "../../../../worker/config/parse/parse.ts";
import { config } from "../../../../worker/config/sections/config.ts";
import { validConfig } from "../../../support/configs/any-config.ts";
import { emptyEnv } from "./example-config.ts";
import { accepted } from "./acceptance.ts";
import { keysOf } from "./schema-keys.ts";
import { runs } from "../../../support/runs.ts";

test("in every accepted config, each duration that bounds another one does", () => {
  fc.assert(
    fc.property(validConfig, (config) => {
      for (const { health, passive, sticky, timeouts, burst } of accepted(config).upstreams) {
        expect(timeouts.headersMs).toBeLessThanOrEqual(timeouts.totalMs);
        if (health) expect(health.timeoutMs).toBeLessThanOrEqual(health.intervalMs);
        if (passive) expect(passive.ejectMs).toBeLessThanOrEqual(passive.maxEjectMs);
        if (sticky) expect(sticky.idleMs).toBeLessThanOrEqual(sticky.ttlMs);
        if (burst === undefined) continue;
        expect(burst.enter.forMs).toBeLessThanOrEqual(burst.exit.forMs);
        expect(2 * (health?.intervalMs ?? 0)).toBeLessThanOrEqual(burst.exit.forMs);
      }
    }),
    { numRuns: runs(50, 5_000) },
  );
});

test("every upstream parsed alone is what it is in its config", () => {
  fc.assert(
    fc.property(validConfig, (raw) => {
      const config = accepted(raw);
      for (const upstream of config.upstreams) {
        const section = raw.upstreams[upstream.name];
        expect(parseUpstream(upstream.name, section, config.target, emptyEnv)).toEqual({
          ok: true,
          upstream,
        });
      }
    }),
    { numRuns: runs(50, 5_000) },
  );
});

test("the schema can be published as JSON Schema, in which every key is described and no other is allowed", () => {
  const keys = keysOf(jsonSchemaOf(config));
  expect(keys).toContain(".upstreams.*.pools.*.origins.*.maxConns");
  expect(keys.length).toBeGreaterThan(40);
});
