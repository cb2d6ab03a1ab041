/**
 * The two secrets of a local run. `WEIR_SECRET` seals sticky cookies: it is kept in the state directory, readable
 * by its owner only, so that sessions survive a restart. The admin token is new for each run. What the environment
 * sets wins.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface RunSecrets {
  readonly WEIR_SECRET: string;
  readonly WEIR_ADMIN_TOKEN: string;
}

/** The secrets of a run that keeps its state in `stateDir`. */
export async function runSecrets(stateDir: string, env: NodeJS.ProcessEnv): Promise<RunSecrets> {
  return {
    WEIR_SECRET: env["WEIR_SECRET"] || (await keptSecret(stateDir)),
    WEIR_ADMIN_TOKEN: env["WEIR_ADMIN_TOKEN"] || randomBytes(18).toString("base64url"),
  };
}

async function keptSecret(stateDir: string): Promise<string> {
  await mkdir(stateDir, { recursive: true });
  const file = join(stateDir, "secret");
  try {
    // "wx" creates it or fails, so that two runs that begin together end up with one secret.
    await writeFile(file, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readFile(file, "utf8");
}
