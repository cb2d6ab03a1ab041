/**
 * The one function of a `weir.config.ts`. It does nothing: it is there so that an editor knows the type of what is
 * written, completes its keys and shows each option's documentation.
 */
import type { WeirConfig } from "./weir-config.ts";

/** Returns the config as it is. It is checked by `parseConfig`, at build, deploy and start. */
export function defineConfig(config: WeirConfig): WeirConfig {
  return config;
}
