/** Where the project is, and how its own tools are run: always with its own Node and without a word to the network. */
import { join } from "node:path";

/** The directory with `wrangler.toml`, `worker/` and `node_modules/`. */
export const projectDir = join(import.meta.dirname, "..");

/** The config that `#weir-config` means unless another is named. */
export const defaultConfigFile = join(projectDir, "weir.config.ts");

export const wranglerFile = join(projectDir, "wrangler.toml");

/** Wrangler's entry; it is run with the Node that runs us, since the host's may be too old for it. */
export const wranglerScript = join(projectDir, "node_modules", "wrangler", "bin", "wrangler.js");

/** Keeps Wrangler from asking for updates, sending metrics and writing log files. */
export const quietWrangler = {
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_WRITE_LOGS: "false",
  DO_NOT_TRACK: "1",
} as const;
