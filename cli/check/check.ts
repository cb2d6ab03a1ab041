/** `weir check`: is this config right, and what does it say? Nothing is built or started. */
import { deploymentLookup } from "../config/deployment-values.ts";
import { loadConfig } from "../config/load-config.ts";
import { displayPath } from "../terminal/display-path.ts";
import { bold, green } from "../terminal/style.ts";
import { readWranglerToml } from "../wrangler-toml.ts";
import { configSummary } from "./config-summary.ts";

/**
 * Prints a summary of the config.
 * @returns the exit code, 0.
 * @throws ExpectedError with every issue, if there are any.
 */
export async function check(file: string): Promise<number> {
  const { vars, secrets } = readWranglerToml();
  const { config } = await loadConfig(file, (raw) =>
    deploymentLookup(raw, { ...vars, ...process.env }, (name) => secrets.includes(name)),
  );
  console.log(`${green("✓")} ${bold(displayPath(file))} is valid\n\n${configSummary(config)}`);
  return 0;
}
