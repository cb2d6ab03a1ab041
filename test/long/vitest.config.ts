import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

/** What takes minutes, and is not part of `npm test`: `vitest run --config test/long/vitest.config.ts`. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: { name: "long", include: ["test/long/**/*.test.ts"], hookTimeout: 60_000, fileParallelism: false },
});
