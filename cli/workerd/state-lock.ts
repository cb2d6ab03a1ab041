/**
 * One workerd for a state directory: two that write the same objects' files would each believe itself the only
 * owner of every slot. The lock is SQLite's on an empty file, so the kernel frees it when its holder dies, and a
 * crash leaves nothing to clean up, which a file with a process id in it would.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ExpectedError } from "../expected-error.ts";

const sqliteBusy = 5;

/**
 * Takes the directory for this process.
 * @returns a function that gives it back; calling it again does nothing.
 * @throws ExpectedError if another has it.
 */
export function lockStateDir(stateDir: string): () => void {
  const database = new DatabaseSync(join(stateDir, "lock"));
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!(error instanceof Error && "errcode" in error && error.errcode === sqliteBusy)) throw error;
    throw new ExpectedError(
      `The state directory ${stateDir} is in use by another Weir.`,
      "Stop that one, or choose another directory with --state DIR.",
    );
  }
  return () => {
    if (database.isOpen) database.close();
  };
}
