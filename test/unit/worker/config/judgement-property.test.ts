/** Configs at random, some of them contradictory, some with one thing wrong. `npm run test:long` tries many more. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jsonSchemaOf } from "../../../../generate/json-schema.ts";
import { config } from "../../../../worker/config/sections/config.ts";
import { plausibleConfig, validConfig } from "../../../support/configs/any-config.ts";
import { checkMutation, checkPlausible } from "../../../support/configs/judgement.ts";
import { anyMutation } from "../../../support/configs/mutation.ts";
import { placesOf, valueAt } from "../../../support/configs/places.ts";
import { keysOf } from "./schema-keys.ts";
import { runs } from "../../../support/runs.ts";

test("a config is accepted if its parts agree with each other, and refused with the places if not", () => {
  fc.assert(fc.property(plausibleConfig, checkPlausible), { numRuns: runs(100, 5_000) });
});

test("of one thing wrong the issues are where it is, above or below it, or where a rule relates it to", () => {
  fc.assert(fc.property(validConfig.chain(anyMutation), checkMutation), { numRuns: runs(150, 5_000) });
});

test("every option of the schema takes part in the configs at random", () => {
  const options = keysOf(jsonSchemaOf(config));
  const written = fc.sample(validConfig, { numRuns: 150, seed: 1 }).flatMap(optionsOf);
  expect(new Set(options).difference(new Set(written))).toEqual(new Set([".$schema"]));
});

/** Sections of which the keys are names. */
const byName = /^(\.upstreams|.*\.(headers|pages|cookieDomains|cookiePaths))$/;

/** The options that a config sets, as `keysOf` writes them. */
function optionsOf(config: unknown): string[] {
  return placesOf(config).flatMap((place) => {
    const path = place.reduce<string>((parent, key) => {
      if (typeof key === "number") return `${parent}.*`;
      return byName.test(parent) ? `${parent}.*` : `${parent}.${key}`;
    }, "");
    return valueAt(config, place) === undefined || path.endsWith(".*") ? [] : [path];
  });
}
