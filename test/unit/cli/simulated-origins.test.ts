/** Which of a config's origins `weir start` simulates. */
import { describe, expect, it } from "vitest";
import { simulatedOrigins } from "../../../cli/local/simulated-origins.ts";
import { slotsOf } from "../../../origin-sim/model/spec.ts";
import config from "../../../weir.config.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";

function simulated(raw: unknown) {
  const parsed = parseConfig(raw, () => undefined);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return simulatedOrigins(parsed.config);
}

function withOrigins(origins: readonly object[]) {
  return {
    target: "workerd",
    upstreams: { shop: { pools: [{ name: "home", origins }] } },
    routes: [{ upstream: "shop" }],
  };
}

describe("simulated origins", () => {
  it("of the default config are the six it names, with as many slots as it grants", () => {
    const origins = simulated(config).map(({ name, pool, port, spec }) => [name, pool, port, slotsOf(spec)]);
    expect(origins).toEqual([
      ["on-prem-1", "on-prem", 9101, 8],
      ["on-prem-2", "on-prem", 9102, 8],
      ["on-prem-3", "on-prem", 9103, 8],
      ["cloud-1", "cloud", 9201, 32],
      ["cloud-2", "cloud", 9202, 32],
      ["cloud-3", "cloud", 9203, 32],
    ]);
  });

  it("are only those that are plain HTTP servers on this machine", () => {
    const origins = simulated(
      withOrigins([
        { name: "here", url: "http://localhost:4000", maxConns: 3 },
        { name: "elsewhere", url: "http://10.0.0.5:4000" },
        { name: "encrypted", url: "https://localhost:4001" },
        { name: "shared", url: "http://localhost:4002/app" },
        { name: "bound", url: "http://localhost:4003", via: { binding: "VPC" } },
      ]),
    );
    expect(origins.map(({ name, port, spec }) => [name, port, slotsOf(spec)])).toEqual([["here", 4000, 3]]);
  });

  it("have names of their own, also where two upstreams use the same ones", () => {
    const upstream = (port: number) => ({
      pools: [{ name: "home", origins: [{ name: "a", url: `http://127.0.0.1:${port}` }] }],
    });
    const raw = {
      target: "workerd",
      upstreams: { shop: upstream(4000), blog: upstream(4001) },
      routes: [{ upstream: "shop" }],
    };
    expect(simulated(raw).map(({ name }) => name)).toEqual(["a", "blog.a"]);
  });

  it("that share a port are one server", () => {
    const twice = withOrigins([
      { name: "a", url: "http://127.0.0.1:4000" },
      { name: "b", url: "http://localhost:4000" },
    ]);
    expect(simulated(twice).map(({ name }) => name)).toEqual(["a"]);
  });
});
