/** What holds of configs at random, which come from the sections. `npm run test:long` tries many more. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonSchemaOf } from "../../../../generate/json-schema.ts";
import { sectionProse } from "../../../../generate/section-prose.ts";
import { parseUpstream } from "../../../../worker/config/parse/parse.ts";
import { config } from "../../../../worker/config/sections/config.ts";
import { accepted as acceptedPart, validConfig } from "../../../support/configs/accepted-config.ts";
import { anyConfig } from "../../../support/configs/any-config.ts";
import { checkJudgement, checkMutation } from "../../../support/configs/judgement.ts";
import { anyMutation } from "../../../support/configs/mutation.ts";
import { runs } from "../../../support/runs.ts";
import { emptyEnv } from "./example-config.ts";
import { keysIn, keysOf } from "./schema-keys.ts";
import { accepted } from "./tables.ts";

const schema = jsonSchemaOf(config, sectionProse);

test("every key of the JSON Schema is described", () => {
  const keys = keysOf(schema);
  expect(keys.map(([path]) => path)).toContain(".upstreams.*.pools.*.origins.*.maxConns");
  for (const [path, key] of keys) expect(key, path).toHaveProperty("description");
});

test("a config is judged alike in all forms, and its issues lead to what they are about, and to one that is accepted", () => {
  fc.assert(fc.property(anyConfig, checkJudgement), { numRuns: runs(40, 5_000) });
});

test("of one thing wrong the issues are where it is, above or below it, or where a rule relates it to", () => {
  fc.assert(fc.property(validConfig.chain(anyMutation), checkMutation), { numRuns: runs(60, 5_000) });
});

describe("of configs at random whose values are all within their bounds", () => {
  const written = fc.sample(anyConfig, { numRuns: 300, seed: 1 });
  const kept = written.map(acceptedPart);
  const count = (configs: readonly unknown[]): number =>
    configs.flatMap((each) => keysIn(schema, each)).length;

  test("most is accepted: the rules refuse no more than they must", () => {
    expect(count(kept) / count(written)).toBeGreaterThan(0.7);
  });

  test("every option is in some that are accepted", () => {
    const options = new Set(keysOf(schema).map(([path]) => path));
    const missing = options.difference(new Set(kept.flatMap((each) => keysIn(schema, each))));
    expect([...missing]).toEqual([]);
  });
});

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
    { numRuns: runs(20, 5_000) },
  );
});

test("every upstream parsed alone is what it is in its config", () => {
  fc.assert(
    fc.property(validConfig, (raw) => {
      const { target, upstreams } = accepted(raw);
      for (const upstream of upstreams) {
        const parsed = parseUpstream(upstream.name, raw.upstreams[upstream.name], target, emptyEnv);
        expect(parsed).toEqual({ ok: true, upstream });
      }
    }),
    { numRuns: runs(20, 5_000) },
  );
});
