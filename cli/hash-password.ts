/**
 * `weir hash-password`: the hash of a password, for `basicAuth` of a route. The password comes from the terminal, twice and without being shown, or from
 * stdin where that is none; never from an argument, which other users of the machine can read.
 */
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { Writable } from "node:stream";

import { formatPasswordHash, hashPassword, mostIterations } from "../worker/config/kinds/password-hash.ts";
import { ExpectedError } from "./expected-error.ts";

/** What fits into a login with room for a name (`worker/proxy/request/basic-credentials.ts`). */
const longestBytes = 512;
/** A shorter one is found by trying, once the hash is known. */
const goodLength = 12;

/** Prints the hash. @returns the exit code. @throws ExpectedError if there is no password that can be used. */
export async function hashPasswordCommand(signal: AbortSignal): Promise<number> {
  const password = process.stdin.isTTY ? await askTwice(signal) : withoutLineEnd(await text(process.stdin));
  console.log(await hashOf(password));
  if (password.length < goodLength)
    console.error(`This password is short. Have ${goodLength} characters at least, or random ones.`);
  return 0;
}

/** The hash as a config has it, with a salt of its own. */
export async function hashOf(password: string): Promise<string> {
  // Keyboards write one letter in different ways; most browsers send it in this one (RFC 8265 §4.2.2).
  const bytes = new TextEncoder().encode(password.normalize("NFC"));
  if (bytes.length === 0) throw new ExpectedError("There is no password.", "Write one line to stdin.");
  if (bytes.length > longestBytes || /\p{Cc}/u.test(password)) {
    throw new ExpectedError(
      `A password has at most ${longestBytes} bytes, and no line breaks or other controls.`,
    );
  }
  const parameters = { iterations: mostIterations, salt: crypto.getRandomValues(new Uint8Array(16)) };
  return formatPasswordHash({ ...parameters, hash: await hashPassword(bytes, parameters) });
}

const withoutLineEnd = (written: string): string => written.replace(/\r?\n$/, "");

async function askTwice(signal: AbortSignal): Promise<string> {
  const first = await ask("Password: ", signal);
  if ((await ask("Once more: ", signal)) !== first) throw new ExpectedError("These are two passwords.");
  return first;
}

/** One line from the terminal, of which nothing is shown. */
async function ask(prompt: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await lines.question("", { signal });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
