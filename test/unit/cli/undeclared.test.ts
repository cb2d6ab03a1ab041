/** What `weir deploy` finds missing in `wrangler.toml` before Cloudflare's first request does. */
import { describe, expect, it } from "vitest";
import { undeclared } from "../../../cli/deploy/undeclared.ts";
import { deploymentLookup } from "../../../cli/config/deployment-values.ts";
import { parseWranglerToml } from "../../../cli/wrangler-toml.ts";
import { envNames } from "../../../worker/config/parse/interpolate.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";

const raw = {
  upstreams: {
    shop: {
      sticky: true,
      pools: [
        {
          name: "home",
          origins: [
            { name: "a", url: "${ENV:ORIGIN_A}" },
            { name: "b", url: "http://10.0.0.5:8080", via: { binding: "ON_PREM" } },
            { name: "c", url: "http://10.0.0.6:8080", via: { binding: "ON_PREM" } },
          ],
        },
      ],
      health: { headers: { Authorization: "Bearer ${ENV:PROBE_TOKEN}" } },
    },
  },
  routes: [
    { name: "all", upstream: "shop", rateLimits: [{ rate: "10/s" }] },
    { name: "api", upstream: "shop", prefix: "/api", maintenance: { byOrder: true } },
  ],
};

function missing(toml: string): string[] {
  const parsedToml = parseWranglerToml(toml);
  const parsed = parseConfig(
    raw,
    deploymentLookup(raw, parsedToml.vars, () => true),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return undeclared(
    {
      file: "weir.config.ts",
      config: parsed.config,
      writtenTarget: "edge",
      warnings: [],
      locate: async (issues) => issues,
      env: envNames(raw),
    },
    parsedToml,
    80,
  );
}

describe("before a deployment", () => {
  it("everything that is not declared is named, each with its place", () => {
    const lines = missing('name = "weir"').join("\n").replaceAll(/\s+/g, " ");
    expect(lines).toContain("${ENV:ORIGIN_A} in upstreams.shop.pools[0].origins[0].url");
    expect(lines).toContain("${ENV:PROBE_TOKEN} in upstreams.shop.health.headers");
    expect(lines).toContain("binding ON_PREM of b, c Declare it: [[vpc_networks]]");
    expect(lines).toContain("WEIR_SECRET, which seals the sticky cookies of shop");
    expect(lines).toContain('required = ["ORIGIN_A", "PROBE_TOKEN"], and wrangler secret put NAME');
    expect(lines).toContain("binding ROLES, whose objects count the rateLimits and concurrency of all");
    expect(lines).toContain(
      "binding ROLES, one of whose objects keeps the orders of maintenance of api Declare it:",
    );
    expect(lines.match(/Declare it/g)).toHaveLength(4);
  });

  it("nothing is missing when vars, secrets and bindings are declared", () => {
    const toml = `
      durable_objects = { bindings = [{ name = "ROLES", class_name = "WeirRole" }] }
      vars = { ORIGIN_A = "https://a.example.com" }
      secrets = { required = ["PROBE_TOKEN", "WEIR_SECRET"] }
      vpc_services = [{ binding = "ON_PREM", service_id = "1" }]`;
    expect(missing(toml)).toEqual([]);
  });
});

describe("a secret, whose value only Cloudflare knows", () => {
  it("does not make the config invalid, as a text or as a URL", () => {
    expect(
      parseConfig(
        raw,
        deploymentLookup(raw, {}, () => true),
      ).ok,
    ).toBe(true);
  });

  it("is not made up for a name that is not declared", () => {
    const lookup = deploymentLookup(raw, {}, (name) => name === "PROBE_TOKEN");
    expect(lookup("PROBE_TOKEN")).toBeDefined();
    expect(lookup("ORIGIN_A")).toBeUndefined();
  });

  it("gives way to a value that is known", () => {
    expect(deploymentLookup(raw, { PROBE_TOKEN: "known" }, () => true)("PROBE_TOKEN")).toBe("known");
  });
});
