import { fileURLToPath } from "node:url";

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/sequencer.ts";

const workersConfig = fileURLToPath(new URL("test/workers/weir.config.ts", import.meta.url));

/** The test tiers: `unit` (pure, Node), `workers` (inside workerd), `e2e` (the built bundle, real origins). */
export default defineConfig({
  test: {
    // Most of the time of the slow tiers is waiting: for timers of objects, for servers that start and stop.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      // Property tests take their time on a busy machine; nothing in this tier waits for a clock, or changes what others see.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000, isolate: false } },
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
          // An eviction waits for the object's own timer, some seconds.
          testTimeout: 60_000,
          globalSetup: "./test/workers/origins.ts",
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "./test/e2e/bundles.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
