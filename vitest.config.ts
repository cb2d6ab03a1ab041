import { fileURLToPath } from "node:url";

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/sequencer.ts";

const workerdModules = fileURLToPath(new URL("test/support/workerd-modules.ts", import.meta.url));
const workersConfig = fileURLToPath(new URL("test/workers/weir.config.ts", import.meta.url));

/**
 * Ends a test that hangs, and is no assertion: on a slow or busy machine a test may take many times as long as on a quiet one. What
 * must come about in time has its bound in the test.
 */
const hangMs = 600_000;

/** The test tiers: `unit` (pure, Node), `workers` (inside workerd), `e2e` (the built bundle, real origins). */
export default defineConfig({
  test: {
    // Most of the time of the slow tiers is waiting: for timers of objects, for servers that start and stop.
    // With three it is a little faster, but the crowds of several tests at once leave two cores no time, and what must come about
    // within seconds may be late.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      // Nothing in this tier waits for a clock, or changes what others see.
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          isolate: false,
          // Node loads the files itself.
          experimental: { viteModuleRunner: false },
          execArgv: ["--import", workerdModules],
          setupFiles: "./test/support/left-as-found.ts",
          testTimeout: hangMs,
        },
      },
      {
        resolve: { alias: { "#weir-config": workersConfig } },
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./test/workers/wrangler.toml" },
            miniflare: { bindings: inject("origins") },
          })),
        ],
        test: {
          name: "workers",
          include: ["test/workers/**/*.test.ts"],
          testTimeout: hangMs,
          globalSetup: "./test/workers/origins.ts",
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // To load the same modules once more for each file would take as long as half of the files take. What a file starts it ends.
          isolate: false,
          experimental: { viteModuleRunner: false },
          globalSetup: "./test/e2e/bundles.ts",
          testTimeout: hangMs,
          hookTimeout: hangMs,
        },
      },
    ],
  },
});
