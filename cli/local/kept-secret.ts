/** A random secret in a file that only its owner can read, made once and the same from then on. */
import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ExpectedError } from "../expected-error.ts";
import { displayPath } from "../terminal/display-path.ts";

/**
 * What the file holds; it is made, with so many random bytes in base64url, if it is not there.
 * @throws ExpectedError if it cannot be read, or is empty.
 */
export async function keptSecret(file: string, bytes: number): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await make(file, randomBytes(bytes).toString("base64url"));
  const secret = await readSecret(file);
  if (secret !== undefined) return secret;
  throw new ExpectedError(`${displayPath(file)} is empty.`, "Delete it: the next start creates a new one.");
}

/** Makes the file, whole, unless it is there: two runs that begin together end up with one secret. */
async function make(file: string, secret: string): Promise<void> {
  const fresh = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(fresh, secret, { flag: "wx", mode: 0o600 });
  try {
    await link(fresh, file);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    // A copy or a backup may have opened it to others.
    await chmod(file, 0o600);
  } finally {
    await rm(fresh);
  }
}

/**
 * What the file holds, without white space around it; `undefined`: there is no such file, or nothing in it.
 * @throws ExpectedError if it cannot be read.
 */
export async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim() || undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const reason = code === "EACCES" ? "only the user that Weir runs as may read it" : String(error);
    throw new ExpectedError(`${displayPath(file)} cannot be read: ${reason}.`);
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined;
