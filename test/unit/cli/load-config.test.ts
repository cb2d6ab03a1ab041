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
      /twice\.json has keys twice in one object.*twice\.json:3:1 {2}"routes"\n {4}first {5}\S*twice\.json:2:1$/s,
    );
    await expect(load("bad.json", '{\n  "routes": ]\n}')).rejects.toThrow(
      /bad\.json cannot be read as JSON\.\n\n {2}\S*bad\.json:2:13\n {4}found {5}"\]"\n {4}expected {2}a value/,
    );
  });

  it("may be JSON with comments, and with a comma after the last item", async () => {
    const content = `// The shop's\n${JSON.stringify(valid).replace(/\}$/, ",/* all */}")}`;
    const { config } = await load("a.jsonc", content, { HOST: "a.example.com" });
    expect(config.routes).toHaveLength(1);
  });

  it("gives on a $schema, which editors need", async () => {
    const file = join(folder, "schema.jsonc");
    await writeFile(file, '{ "$schema": "./schema.json", /* one */ "routes": [] }');
    const { raw } = await readConfigFile(file);
    expect(raw).toEqual({ $schema: "./schema.json", routes: [] });
  });

  it("that is not JSON with comments is refused with what is wrong in it", async () => {
    await expect(load("bad.jsonc", '{ // one\n  "routes": [,],\n}')).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be read as JSON with comments\.\n\n.*bad\.jsonc:2:14\n.*","/),
      hint: undefined,
    });
    await expect(load("open.jsonc", "{ /* one\n}")).rejects.toThrow(
      /open\.jsonc:1:3\n.*a comment that does not end/,
    );
    await expect(load("twice.jsonc", '{\n"a": 1, // one\n"a": 2,\n}')).rejects.toThrow(/twice\.jsonc:3:1 /);
    await expect(load("blank.jsonc", "// nothing yet\n")).rejects.toThrow(/blank\.jsonc is empty/);
  });

  it.each([
    ["a comment", '{\n  // mine\n  "a": 1 }', "2:3"],
    ["a comma after the last item", '{\n  "a": 1,\n}', "3:1"],
  ])("with the name of JSON and %s hears of the other name", async (_, content, place) => {
    await expect(load("c.json", content)).rejects.toMatchObject({
      message: expect.stringContaining(`c.json:${place}\n`),
      hint: expect.stringContaining("c.jsonc"),
    });
  });

  it("that is no JSON of either kind does not hear of the other name", async () => {
    await expect(load("d.json", '{ "a": }')).rejects.toMatchObject({ hint: undefined });
  });

  it.each([
    ["places.json", (text: string) => text],
    ["places.jsonc", (text: string) => text.replace("[{", "[ // one\n  {")],
    ["places.mjs", (text: string) => `export default ${text};`],
    ["places.ts", (text: string) => `type A = object;\nexport default ${text} satisfies A;`],
  ])(
    "with issues, %s, has the place of each: of the value, of an unknown key, of where one is missing",
    async (name, as) => {
      const content = as(
        '{\n  "upstreams": { "shop": { "pools": [{ "nam": "home", "origins": 5 }] } },\n  "routes": []\n}',
      );
      const place = (text: string): string => {
        const before = content.slice(0, content.indexOf(text)).split("\n");
        return `${name}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}  `;
      };
      const refusal = await load(name, content).then(String, String);
      // The path stands on the next line where the name of the folder for temporary files is long.
      const told = refusal.replaceAll(/(:\d+:\d+)\n {2}(?=\S)/g, "$1  ");
      expect(told).toContain(`${place("5 }")}upstreams.shop.pools[0].origins\n`);
      expect(told).toContain(`${place('"nam"')}upstreams.shop.pools[0].nam\n`);
      expect(told).toContain(`${place('{ "nam"')}upstreams.shop.pools[0].name\n`);
      expect(told).toContain(`${place("[]")}routes\n`);
    },
  );

  it("has the places of its warnings, of secrets too", async () => {
    const content = JSON.stringify({
      ...valid,
      upstreams: { ...valid.upstreams, old: valid.upstreams.shop },
    }).replace('"old":{', '\n"old":{"loadReports":{"secret":\n"0123456789abcdef0123456789abcdef"},');
    const { warnings } = await load("warns.json", content, { HOST: "a.example.com" });
    expect(warnings.map(({ at, path }) => `${path} ${at?.split("/").at(-1)}`)).toEqual([
      "upstreams.old.loadReports.secret warns.json:3:1",
      "upstreams.old warns.json:2:7",
    ]);
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
