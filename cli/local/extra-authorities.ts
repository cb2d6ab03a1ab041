/**
 * Certificate authorities of one's own, for origins in a private network: where Node itself looks for them, so that what
 * holds for the tools beside Weir holds for Weir.
 */
import { readFile } from "node:fs/promises";
import { ExpectedError } from "../expected-error.ts";

const variable = "NODE_EXTRA_CA_CERTS";

/**
 * The certificates, as PEM; none if the variable is not set.
 * @throws ExpectedError if the file cannot be read, or has none.
 */
export async function extraAuthorities(env: NodeJS.ProcessEnv): Promise<string[]> {
  const file = env[variable];
  if (file === undefined || file === "") return [];
  const pem = await readFile(file, "utf8").catch(() => "");
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return [pem];
  throw new ExpectedError(`${variable}: found ${file}, expected a readable file of PEM certificates`);
}
