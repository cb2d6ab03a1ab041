/**
 * The admin token of a local run: `admin-token` in the state directory, which only its owner can read. So
 * `$(cat .weir/admin-token)` is the same token before and after a restart, and nothing has to print it where a supervisor
 * keeps what it prints. A token from the environment is never written to disk: its owner keeps it elsewhere.
 *
 * To change the token, delete the file and restart.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { leastTokenLength } from "../../worker/api/admin-token.ts";
import { ExpectedError } from "../expected-error.ts";
import { displayPath } from "../terminal/display-path.ts";
import { keptSecret, readSecret } from "./kept-secret.ts";

/** The environment's variable that may have it. */
export const tokenVariable = "WEIR_ADMIN_TOKEN";

/** Where the token is kept. */
export const adminTokenFile = (stateDir: string): string => join(stateDir, "admin-token");

/**
 * The token of the Weir that keeps its state in `stateDir`: that of the environment, else what is kept.
 * @returns the token, and where it was found: the variable or the file; `undefined` if there is neither.
 * @throws ExpectedError if the file cannot be read.
 */
export async function findAdminToken(
  stateDir: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly token: string; readonly where: string } | undefined> {
  const given = env[tokenVariable];
  if (given) return { token: given, where: tokenVariable };
  const file = adminTokenFile(stateDir);
  const token = await readSecret(file);
  return token === undefined ? undefined : { token, where: displayPath(file) };
}

/**
 * The token for a run, made and kept if there is none. A run with a token from the environment takes an older file away,
 * whose token would open nothing.
 * @throws ExpectedError if the file cannot be read, or the token is so short that it could be guessed.
 */
export async function runAdminToken(stateDir: string, env: NodeJS.ProcessEnv): Promise<string> {
  const file = adminTokenFile(stateDir);
  const given = env[tokenVariable];
  if (!given)
    return longEnough(
      await keptSecret(file, 18),
      displayPath(file),
      "Delete it: the next start creates a new one.",
    );
  longEnough(
    given,
    tokenVariable,
    "Unset it, and Weir makes one, or set a longer one: $(openssl rand -hex 24)",
  );
  await rm(file, { force: true });
  return given;
}

function longEnough(token: string, where: string, hint: string): string {
  if (token.length >= leastTokenLength) return token;
  const found = `${token.length} ${token.length === 1 ? "character" : "characters"}`;
  throw new ExpectedError(`${where} has ${found}; expected ${leastTokenLength} or more.`, hint);
}
