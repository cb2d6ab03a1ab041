/**
 * The two secrets of a local run: `WEIR_SECRET` seals sticky cookies, the admin token opens the API. Both are kept in the
 * state directory, readable by its owner only, so that sessions and scripts survive a restart. What the environment sets
 * wins.
 */
import { join } from "node:path";
import { runAdminToken } from "./admin-token-file.ts";
import { keptSecret } from "./kept-secret.ts";

export interface RunSecrets {
  readonly WEIR_SECRET: string;
  readonly WEIR_ADMIN_TOKEN: string;
}

/**
 * The secrets of a run that keeps its state in `stateDir`.
 * @throws ExpectedError if one that is kept cannot be read.
 */
export async function runSecrets(stateDir: string, env: NodeJS.ProcessEnv): Promise<RunSecrets> {
  return {
    WEIR_SECRET: env["WEIR_SECRET"] || (await keptSecret(join(stateDir, "secret"), 32)),
    WEIR_ADMIN_TOKEN: await runAdminToken(stateDir, env),
  };
}
