/** The JSON Schema of a config and the parser agree: what is accepted is never marked in an editor, and common mistakes are. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import { errorsIn, errorsInSection, schemaSections } from "../../support/config-schema.ts";
import { validConfig } from "../../support/configs/accepted-config.ts";
import { anyMutation } from "../../support/configs/mutation.ts";
import { partsOfConfigs, wholeConfigs } from "../../support/doc-configs.ts";
import { runs } from "../../support/runs.ts";
import { emptyEnv, withOrigin, withRoutes, withUpstream } from "../worker/config/example-config.ts";

const anySecret = () => "x".repeat(32);

/** docs/configuration.md shows what is said of it. */
const [refused, accepted] = [
  wholeConfigs.filter(({ config }) => JSON.stringify(config).includes("stiky")),
  wholeConfigs.filter(({ config }) => !JSON.stringify(config).includes("stiky")),
];

describe("the examples of the docs", () => {
  test("there are whole configs and parts, and one that is refused", () => {
    expect(accepted.length).toBeGreaterThan(8);
    expect(partsOfConfigs.length).toBeGreaterThan(5);
    expect(refused).toHaveLength(1);
  });

  test.each(accepted)("$at is valid, and accepted", ({ config }) => {
    expect(errorsIn(config)).toEqual([]);
    expect(parseConfig(config, anySecret)).toMatchObject({ ok: true });
  });

  test.each(refused)("$at is marked where it is wrong", ({ config }) => {
    const places = new Set(errorsIn(config).map((error) => error.split(" ")[0]));
    expect([...places]).toEqual(
      expect.arrayContaining([
        "/upstreams/shop",
        "/upstreams/shop/policy",
        "/upstreams/shop/pools/0/origins/0/maxConns",
        "/upstreams/shop/health/interval",
      ]),
    );
  });

  test.each(partsOfConfigs)("$at is a valid part", ({ config }) => {
    // An upstream by its name.
    const [first] = Object.values(config);
    const isNamed = typeof first === "object" && first !== null && "pools" in first;
    const part: object = isNamed ? first : config;
    const keys = Object.keys(part);
    const sections = [...schemaSections()].filter(([, known]) => keys.every((key) => known.has(key)));
    expect(sections, `sections with the keys ${keys.join(", ")}`).not.toEqual([]);
    const findings = sections.map(([name]) =>
      errorsInSection(name, part).filter((error) => !error.startsWith(" must have required property")),
    );
    expect(findings).toContainEqual([]);
  });
});

describe("configs at random", () => {
  test("a valid one is valid by the schema", () => {
    fc.assert(
      fc.property(validConfig, (config) => {
        expect(errorsIn(config)).toEqual([]);
      }),
      { numRuns: runs(40, 5_000) },
    );
  });

  test("so is one with something changed in it that is accepted nevertheless", () => {
    let count = 0;
    fc.assert(
      fc.property(validConfig.chain(anyMutation), ({ mutated }) => {
        if (!parseConfig(mutated, emptyEnv).ok) return;
        count += 1;
        expect(errorsIn(mutated)).toEqual([]);
      }),
      { numRuns: runs(40, 5_000) },
    );
    expect(count).toBeGreaterThan(0);
  });
});

describe("what is marked", () => {
  test.each([
    ["a key that is none", withUpstream({ stiky: true }), "/upstreams/shop"],
    [
      "a key that is none, in a pool's origin",
      withOrigin({ maxconns: 1 }),
      "/upstreams/shop/pools/0/origins/0",
    ],
    ["a key that is missing", withUpstream({ pools: [{ name: "home" }] }), "/upstreams/shop/pools/0"],
    ["an upstream without a pool", withUpstream({ pools: [] }), "/upstreams/shop/pools"],
    ["a name with a space", { ...withRoutes(), upstreams: { "a shop": {} } }, "/upstreams"],
    ["a bare number for a duration", withUpstream({ slowStart: 30 }), "/upstreams/shop/slowStart"],
    ["a duration without a unit", withUpstream({ slowStart: "30" }), "/upstreams/shop/slowStart"],
    ["a size without B", withRoutes({ upstream: "shop", maxRequestBody: "10M" }), "/routes/0/maxRequestBody"],
    ["a number out of bounds", withOrigin({ weight: 1001 }), "/upstreams/shop/pools/0/origins/0/weight"],
    ["half a connection", withOrigin({ maxConns: 0.5 }), "/upstreams/shop/pools/0/origins/0/maxConns"],
    ["a number as text", withOrigin({ maxConns: "8" }), "/upstreams/shop/pools/0/origins/0/maxConns"],
    ["a word that is none", withUpstream({ coordination: "auot" }), "/upstreams/shop/coordination"],
    ["a policy that is none", withUpstream({ policy: "least_con" }), "/upstreams/shop/policy"],
    ["hash without a key", withUpstream({ policy: { name: "hash" } }), "/upstreams/shop/policy"],
    ["a URL without a scheme", withOrigin({ url: "10.0.0.5:8080" }), "/upstreams/shop/pools/0/origins/0/url"],
    ["a path without a slash", withRoutes({ upstream: "shop", prefix: "api" }), "/routes/0/prefix"],
    [
      "a status that is none",
      withUpstream({ health: { expect: ["2xx"] } }),
      "/upstreams/shop/health/expect/0",
    ],
    ["a section that is a text", withUpstream({ health: "off" }), "/upstreams/shop/health"],
  ])("%s", (_, config, place) => {
    expect(parseConfig(config, emptyEnv).ok).toBe(false);
    expect(errorsIn(config).map((error) => error.split(" ")[0])).toContain(place);
  });

  test("not a reference to the environment, where a text is", () => {
    const config = withOrigin({ name: "${ENV:NAME}", url: "${ENV:URL}" }, { $schema: "./weir.schema.json" });
    expect(errorsIn(config)).toEqual([]);
    expect(errorsIn(withUpstream({ slowStart: "${ENV:SLOW_START}" }))).toEqual([]);
    expect(errorsIn(withOrigin({ name: "$NAME" }))).not.toEqual([]);
  });
});
