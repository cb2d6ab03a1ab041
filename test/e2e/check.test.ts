/** `weir check` as a process, for what only the Node that runs it knows: where a module is broken, and what it leaves behind. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runWeir } from "../support/weir-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-check-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function check(name: string, content: string) {
  const file = join(folder, name);
  await writeFile(file, content);
  const { ended, stdout, stderr } = runWeir(["check", file]);
  return { code: await ended, stdout: stdout(), stderr: stderr() };
}

describe("weir check", () => {
  it.each([
    ["typed.ts", "const a: number = 1;\n\nexport default { a: [1 2] };", 3, "export default { a: [1 2] };"],
    ["plain.mjs", "// a comment\nexport default {\n  a: [1 2],\n};", 3, "a: [1 2],"],
    ["missing.mjs", '\nimport { nix } from "node:fs";', 2, 'import { nix } from "node:fs";'],
    ["throws.mjs", '\n\nthrow new Error("no such region");', 3, undefined],
  ])("says in which line %s is broken", async (name, content, line, excerpt) => {
    const { code, stderr } = await check(name, content);
    expect(code).toBe(1);
    // Lines are broken where the terminal ends, which depends on the length of the file's path.
    const flowing = stderr.replaceAll(/\s+/g, " ");
    expect(flowing).toMatch(new RegExp(`${name} cannot be loaded: .*at .*${name}, line ${line}\\b`));
    if (excerpt !== undefined)
      expect(stderr).toMatch(new RegExp(`^ {4}${RegExp.escape(excerpt)}\n +\\^`, "m"));
    expect(stderr).not.toContain("node:internal");
  });

  it("says where each issue is in the file, and nothing else on stderr", async () => {
    const { code, stderr } = await check(
      "places.ts",
      "type A = object;\nexport default {\n  upstreams: { shop: 5 } as A,\n  routes: [],\n};",
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/places\.ts:3:22\s+upstreams\.shop\n/);
    expect(stderr).toMatch(/places\.ts:4:11\s+routes\n/);
    expect(stderr).not.toContain("Experimental");
  });

  it.each([
    ["common.cjs", "module.exports = {}", "exports is empty."],
    ["blank.cjs", "\n", "is empty."],
  ])("refuses %s, which has nothing to export", async (name, content, message) => {
    const { code, stderr } = await check(name, content);
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(message);
  });

  it("says of a pool without origins that they register themselves", async () => {
    const register = { secret: "s".repeat(32), urls: ["https://*.cloud.example.net"], max: 4 };
    const config = {
      upstreams: {
        shop: {
          pools: [
            { name: "home", origins: [{ name: "a", url: "https://a.example.com" }] },
            { name: "cloud", origins: [], register },
          ],
        },
      },
      routes: [{ upstream: "shop" }],
    };
    const { stdout } = await check("register.json", JSON.stringify(config));
    expect(stdout).toMatch(/^ {4}cloud +up to 4 origins register themselves$/m);
  });

  it("ends, whatever the config leaves running", async () => {
    const config = {
      upstreams: {
        shop: { pools: [{ name: "home", origins: [{ name: "a", url: "https://a.example.com" }] }] },
      },
      routes: [{ upstream: "shop" }],
    };
    const { code, stdout } = await check(
      "timer.mjs",
      `setInterval(() => {}, 1000); export default ${JSON.stringify(config)}`,
    );
    expect(code).toBe(0);
    expect(stdout).toContain("is valid");
  });
});

describe("weir check's warnings", () => {
  const config = (url: string): string =>
    JSON.stringify({
      target: "workerd",
      upstreams: {
        shop: {
          pools: [
            {
              name: "home",
              origins: [
                { name: "a", url },
                { name: "b", url },
              ],
            },
          ],
        },
      },
      routes: [{ upstream: "shop" }],
    });

  it("go to stderr and leave the exit code alone, but with --strict", async () => {
    const { code, stdout, stderr } = await check("twice.json", config("http://10.0.0.5:8080"));
    expect(code).toBe(0);
    expect(stdout).toContain("is valid");
    const text = stderr.replaceAll(/\s+/g, " ");
    expect(text).toMatch(/^Warning: .*twice\.json is valid, but has a place to look at:/);
    expect(text).toContain("upstreams.shop.pools[0].origins[1].url");
    const strict = runWeir(["check", "--strict", join(folder, "twice.json")]);
    expect(await strict.ended).toBe(1);
  });

  it("name the files that Weir reads, of one that it does not", async () => {
    const { code, stderr } = await check("weir.yaml", "target: workerd");
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(
      "Weir reads .ts, .js, .json, .jsonc, .mjs, .cjs, .mts, .cts",
    );
  });
});
