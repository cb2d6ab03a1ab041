/** Reading a config file: what is refused, and in which words. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../../cli/config/load-config.ts";
import { readConfigFile } from "../../../cli/config/read-config-file.ts";

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
    await expect(load("twice.json", '{\n"routes": [],\n"routes": []}')).rejects.toThrow(
      /twice\.json has keys twice in one object.*line 3: "routes"/s,
    );
    await expect(load("bad.json", '{\n  "routes": ]\n}')).rejects.toThrow(
      /bad\.json cannot be read as JSON\.\n\n  line 2, column 13\n    found     "\]"\n    expected  a value/,
    );
  });

  it.each([
    ["named.mjs", "export const config = {}", /has no default export.*; it exports config\./],
    ["nothing.mjs", "const config = {}", /nothing\.mjs exports no config\./],
    ["undefined.mjs", "export default undefined", /undefined\.mjs exports no config\./],
  ])("%s, which exports no config, is refused with what it exports", async (name, content, message) => {
    await expect(load(name, content)).rejects.toThrow(message);
  });

  it("that waits for what does not come is given up", async () => {
    const file = join(folder, "waits.mjs");
    await writeFile(file, "await new Promise(() => {}); export default {};");
    await expect(readConfigFile(file, 50)).rejects.toThrow("waits.mjs has not been loaded after 0.05 s");
  });
});

describe("a config that runs elsewhere than it says", () => {
  const local = JSON.stringify(valid).replace("https://${ENV:HOST}/", "http://127.0.0.1:3000");

  it("is judged as one of where it runs, and its own target is told", async () => {
    const file = join(folder, "local.json");
    await writeFile(file, local);
    const { config, writtenTarget } = await loadConfig(file, () => () => undefined, "workerd");
    expect({ runs: config.target, writtenTarget }).toEqual({ runs: "workerd", writtenTarget: "edge" });
  });

  it("keeps a target that is none: it is an issue like any other", async () => {
    const file = join(folder, "cloud.json");
    await writeFile(file, JSON.stringify({ ...JSON.parse(local), target: "cloud" }));
    await expect(loadConfig(file, () => () => undefined, "workerd")).rejects.toThrow('found     "cloud"');
  });

  it("is told of the other target, if what is wrong is wrong at the edge only", async () => {
    await expect(load("edge.json", local)).rejects.toMatchObject({
      hint: expect.stringContaining('target: "workerd"'),
    });
    await expect(load("wrong.json", '{ "upstreams": {}, "routes": [] }')).rejects.toMatchObject({
      hint: undefined,
    });
  });
});
