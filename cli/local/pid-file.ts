/** `pid` in the state directory: the process to send a signal to, also under npm, which passes on few of them. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes this process's id. The state directory must be locked, so that it is the only one.
 * @returns a function that takes the file away.
 */
export function writePidFile(stateDir: string): () => void {
  const file = join(stateDir, "pid");
  writeFileSync(file, `${process.pid}\n`, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}
