/** `${ENV:NAME}`: what it stands for, when that is refused, and that no issue ever shows it. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { envNames, interpolate } from "../../../../../worker/config/parse/interpolate.ts";
import { formatIssues } from "../../../../../worker/config/parse/issue.ts";
import { parseConfig, parseUpstream } from "../../../../../worker/config/parse/parse.ts";
import { validConfig } from "../../../../support/configs/accepted-config.ts";
import { leastConfig, withOrigin, withRoutes, withUpstream } from "../example-config.ts";
import { origin, shop, textsOf } from "../tables.ts";
import { runs } from "../../../../support/runs.ts";

type Env = Readonly<Record<string, string>>;

const lookupIn = (env: Env) => (name: string) => (Object.hasOwn(env, name) ? env[name] : undefined);
const parse = (raw: unknown, env: Env) => parseConfig(raw, lookupIn(env));

function issuesOf(raw: unknown, env: Env) {
  const parsed = parse(raw, env);
  return parsed.ok ? [] : textsOf(parsed.issues);
}

describe("a reference", () => {
  test("stands for its variable, in any text and as often as it occurs", () => {
    const raw = withOrigin({ url: "https://${ENV:HOST}:${ENV:PORT}/${ENV:HOST}" });
    const parsed = parse(raw, { HOST: "a.example.com", PORT: "8443" });
    expect(parsed).toMatchObject({
      ok: true,
      config: {
        upstreams: [{ pools: [{ origins: [{ url: "https://a.example.com:8443/a.example.com" }] }] }],
      },
    });
  });

  test("is what the rules judge: a route may name its upstream by one", () => {
    expect(parse(withRoutes({ upstream: "${ENV:UP}" }), { UP: "shop" })).toMatchObject({ ok: true });
  });

  test("resolves in an upstream that is parsed alone", () => {
    const section = { ...leastConfig().upstreams["shop"], policy: "${ENV:POLICY}" };
    const parsed = parseUpstream("shop", section, "edge", lookupIn({ POLICY: "ip_hash" }));
    expect(parsed).toMatchObject({ ok: true, upstream: { policy: { name: "ip_hash" } } });
  });

  test("is not resolved again in what it stands for, nor given a meaning to replacement patterns", () => {
    const raw = withUpstream({ health: { headers: { "x-key": "${ENV:KEY}" } } });
    const headers = { "x-key": "${ENV:OTHER} $& $1 $$" };
    const parsed = parse(raw, { KEY: "${ENV:OTHER} $& $1 $$", OTHER: "no" });
    expect(parsed).toMatchObject({ ok: true, config: { upstreams: [{ health: { headers } }] } });
  });

  test("is not one in a key", () => {
    const raw = { ...leastConfig(), upstreams: { "${ENV:NAME}": leastConfig().upstreams["shop"] } };
    expect(issuesOf(raw, { NAME: "shop" })[0]).toMatchObject({ path: 'upstreams["${ENV:NAME}"]' });
  });
});

describe("a reference that cannot be resolved is refused, never an empty text", () => {
  test.each(["${env:TOKEN}", "Bearer ${Env:TOKEN}", "${ENV.TOKEN}", "${ ENV:TOKEN }"])(
    "%s, which is nearly one, is not taken literally",
    (text) => {
      const { problems } = interpolate({ text }, () => "value");
      expect(problems).toEqual([
        { path: ["text"], expected: '"${ENV:NAME}", with ENV in capitals and nothing around it' },
      ]);
    },
  );

  const begun = 'each "${ENV:" to go on as in "${ENV:NAME}" (letters, digits, "_")';
  test.each([
    ["${ENV:A}", {}, "A to be set, and not to empty text"],
    ["${ENV:A}", { A: "" }, "A to be set, and not to empty text"],
    ["${ENV:A}-${ENV:B}-${ENV:C}-${ENV:A}", { B: "x" }, "A, C to be set, and not to empty text"],
    ["${ENV:toString}", {}, "toString to be set, and not to empty text"],
    ["${ENV:__proto__}", {}, "__proto__ to be set, and not to empty text"],
    ["${ENV:}", { "": "x" }, begun],
    ["${ENV:A", { A: "x" }, begun],
    ["${ENV:A B}", { "A B": "x" }, begun],
    ["${ENV:A-B}", { "A-B": "x" }, begun],
    ["${ENV:${ENV:A}}", { A: "x" }, begun],
    ["${ENV:A}${ENV:A}", { A: "x".repeat(5000) }, "at most 8192 characters"],
  ])("%s with %j", (host, env, expected) => {
    const issues = issuesOf(withRoutes({ host, upstream: "shop" }), env);
    expect(issues).toEqual([{ path: "routes[0].host", found: JSON.stringify(host), expected }]);
  });

  test("what is not text, such as a binding of the Worker, counts as not set", () => {
    const bindings: Env = JSON.parse('{ "VPC": {} }');
    const parsed = parseConfig(withRoutes({ host: "${ENV:VPC}", upstream: "shop" }), lookupIn(bindings));
    expect(parsed).toMatchObject({ ok: false, issues: [{ path: "routes[0].host", found: '"${ENV:VPC}"' }] });
  });

  test.each(["$ENV:A", "${A}", "$${}"])("%s is no reference", (value) => {
    const raw = withUpstream({ health: { headers: { "x-key": value } } });
    expect(parse(raw, {})).toMatchObject({
      config: { upstreams: [{ health: { headers: { "x-key": value } } }] },
    });
  });
});

describe("secrets", () => {
  const secret = "hunter2-hunter2";

  test.each([
    [`${origin}.url`, withOrigin({ url: "${ENV:S}" })],
    [`${origin}.name`, withOrigin({ name: "/${ENV:S}" })],
    [`${shop}.policy`, withUpstream({ policy: "${ENV:S}" })],
    [`${shop}.health.interval`, withUpstream({ health: { interval: "${ENV:S}" } })],
    [
      `${shop}.health.headers.authorization`,
      withUpstream({ health: { headers: { authorization: "Bearer \r${ENV:S}" } } }),
    ],
    [`${shop}.health`, withUpstream({ health: ["${ENV:S}"] })],
    ["routes[0].upstream", withRoutes({ upstream: "${ENV:S}" })],
    ["routes[0].host", withRoutes({ host: "${ENV:S}:80", upstream: "shop" })],
  ])("an issue at %s shows the reference as written, and not what it stands for", (path, raw) => {
    const issues = issuesOf(raw, { S: secret });
    expect(issues).toEqual([
      { path, found: expect.stringContaining("${ENV:S}"), expected: expect.any(String) },
    ]);
    expect(formatIssues(issues)).not.toContain(secret);
  });

  test("a name that is taken is not shown either", () => {
    const origins = [1, 2].map(() => ({ name: "${ENV:S}", url: "https://a.example.com" }));
    const issues = issuesOf(withUpstream({ pools: [{ name: "home", origins }] }), { S: secret });
    expect(issues).toHaveLength(1);
    expect(formatIssues(issues)).not.toContain(secret);
  });

  test("whatever texts of a config are references, no issue shows what any of them stands for", () => {
    const withSecrets = (config: unknown): unknown =>
      JSON.parse(
        JSON.stringify(config, (_key, value: unknown) => (typeof value === "string" ? "${ENV:S}" : value)),
      );
    fc.assert(
      fc.property(
        validConfig,
        fc.constantFrom(secret, `http://${secret}`, `/${secret}?`, `${secret}\r\n`),
        (config, value) => {
          const issues = issuesOf(withSecrets(config), { S: value });
          expect(issues.length).toBeGreaterThan(0);
          expect(JSON.stringify(issues)).not.toContain(secret);
        },
      ),
      { numRuns: runs(20, 5_000) },
    );
  });
});

describe("envNames", () => {
  test("lists every name once, with the paths that need it", () => {
    const raw = {
      ...withUpstream({ health: { headers: { authorization: "Bearer ${ENV:TOKEN}" } } }),
      admin: { hosts: ["${ENV:A}.${ENV:B}.${ENV:A}", "${ENV:A}", "${ENV:bad name}"] },
    };
    expect(envNames(raw)).toEqual([
      { name: "TOKEN", paths: [`${shop}.health.headers.authorization`] },
      { name: "A", paths: ["admin.hosts[0]", "admin.hosts[1]"] },
      { name: "B", paths: ["admin.hosts[0]"] },
    ]);
  });

  test("lists exactly the names without which a config is refused", () => {
    const raw = withOrigin({ url: "https://${ENV:HOST}:${ENV:PORT}" });
    const env = { HOST: "a.example.com", PORT: "8443" };
    expect(envNames(raw).map(({ name }) => name)).toEqual(Object.keys(env));
    for (const name of Object.keys(env))
      expect(parse(raw, { ...env, [name]: "" })).toMatchObject({ ok: false });
    expect(parse(raw, env)).toMatchObject({ ok: true });
  });

  test.each([null, 7, [], {}, leastConfig()])("lists nothing where nothing is needed: %j", (raw) => {
    expect(envNames(raw)).toEqual([]);
  });
});
