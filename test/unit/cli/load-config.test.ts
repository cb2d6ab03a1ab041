/** Reading a config file: what is refused, and in which words. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../../cli/load-config.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(name: string, content: string, values: Record<string, string> = {}) {
  const file = join(folder, name);
  await writeFile(file, content);
  return loadConfig(file, () => (variable) => values[variable]);
}

const valid = {
  upstreams: { shop: { pools: [{ name: "home", origins: [{ name: "a", url: "https://${ENV:HOST}/" }] }] } },
  routes: [{ upstream: "shop" }],
};

describe("a config file", () => {
  it("may be JSON", async () => {
    const { config } = await load("a.json", JSON.stringify(valid), { HOST: "a.example.com" });
    expect(config.upstreams[0]?.pools[0]?.origins[0]?.url).toBe("https://a.example.com");
  });

  it("may be a module with a default export", async () => {
    const { config } = await load("a.mjs", `export default ${JSON.stringify(valid)}`, {
      HOST: "b.example.com",
    });
    expect(config.routes).toHaveLength(1);
  });

  it("tells which variables it refers to, and where", async () => {
    const { env } = await load("env.json", JSON.stringify(valid), { HOST: "a.example.com" });
    expect(env).toEqual([{ name: "HOST", paths: ["upstreams.shop.pools[0].origins[0].url"] }]);
  });

  it("with issues is refused with all of them at once", async () => {
    const broken = { upstreams: { shop: { pools: [{ name: "home", origins: [] }], polici: 1 } }, routes: [] };
    const refusal = load("broken.json", JSON.stringify(broken));
    await expect(refusal).rejects.toThrow(/broken\.json has \d issues:\n/);
    await expect(refusal).rejects.toThrow(/upstreams\.shop\.pools\[0\]\.origins/);
    await expect(refusal).rejects.toThrow(/routes/);
    await expect(refusal).rejects.toThrow(/polici/);
  });

  it("that does not exist is named", async () => {
    await expect(loadConfig(join(folder, "nowhere.ts"), () => () => undefined)).rejects.toThrow(
      /There is no config file .*nowhere\.ts/,
    );
  });

  it("that is not JSON is refused with what is wrong in it", async () => {
    await expect(load("bad.json", '{"routes": ]}')).rejects.toThrow(
      /bad\.json cannot be read as JSON: .*Unexpected token '\]'/,
    );
  });

  it("without a default export is refused", async () => {
    await expect(load("named.mjs", "export const config = {}")).rejects.toThrow("has no default export");
  });

  it("that throws is refused with what it threw", async () => {
    await expect(load("throws.mjs", 'throw new Error("no such region")')).rejects.toThrow(
      /throws\.mjs cannot be loaded: no such region/,
    );
  });
});
