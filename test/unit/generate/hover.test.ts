/** What an editor shows of an option in a `weir.config.ts`, where the pointer rests on its key. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { languageServer, type LanguageServer } from "../../support/language-server.ts";

const project = join(import.meta.dirname, "..", "..", "..");
// With settings of its own: the project's would make the server read the whole project.
const folder = realpathSync(mkdtempSync(join(tmpdir(), "weir-hover-")));
const file = join(folder, "weir.config.ts");
const text = `import { defineConfig } from "${project}/worker/config/define-config.ts";

export default defineConfig({
  upstreams: {
    shop: {
      policy: { name: "hash", key: "path" },
      pools: [{ name: "home", origins: [{ name: "a", url: "https://a.example.com", maxConns: 8 }] }],
      health: { interval: "5s" },
      burst: { enter: { p95: "1s" } },
    },
  },
  routes: [{ upstream: "shop" }],
});
`;

let server: LanguageServer;
beforeAll(async () => {
  const compilerOptions = {
    module: "nodenext",
    strict: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["weir.config.ts"] }),
  );
  writeFileSync(file, text);
  server = await languageServer(folder);
  server.open(file, text);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const shown = (key: string): Promise<string> => server.hover(file, text, text.indexOf(`${key}:`));

test.each([
  [
    "interval",
    "WeirHealth",
    "From the start of a round of probes",
    "1 s – 300 s.",
    '`"10s"`, or `timeout` if that is longer',
  ],
  ["maxConns", "WeirOrigin", "The most open requests", "1–1,000,000.", "no limit"],
  ["burst", "WeirUpstreamConfig", "Reports when home has been too small", "boolean | WeirBurst", "`false`"],
  ["p95", "WeirBurstEnter", "The 95th percentile", "1 ms – 10 m.", "does not count"],
])("%s: what it is, its bounds and its default", async (key, owner, prose, bounds, byDefault) => {
  const hover = await shown(key);
  expect(hover).toContain(`(property) ${owner}.${key}?: `);
  expect(hover).toContain(prose);
  expect(hover).toContain(bounds);
  expect(hover).toContain(`Default: ${byDefault}.`);
});

test("the options of a policy, too", async () => {
  expect(await shown("key")).toContain("equal keys go to the same origin");
});
