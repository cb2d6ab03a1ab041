/**
 * The directory in which a local run keeps its state, its bundle and its logs. What is in it is its owner's alone: paths
 * that were asked for may be secrets, as the config's literals are. A directory that was there before keeps its mode, since
 * others may use it too; then the files in it have their own.
 */
import { accessSync, constants, mkdirSync } from "node:fs";
import { ExpectedError } from "../expected-error.ts";
import { displayPath } from "../terminal/display-path.ts";

/**
 * Makes the directory, for its owner only, if it is not there.
 * @throws ExpectedError if that cannot be, or nothing can be written in it.
 */
export function makeStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    accessSync(stateDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new ExpectedError(
      `${displayPath(stateDir)} cannot be the state directory: ${reason(code)}.`,
      "Name a directory with --state DIR; it is made if it does not exist.",
    );
  }
}

function reason(code: string): string {
  switch (code) {
    case "EEXIST":
    case "ENOTDIR":
      return "it is a file, or below one";
    case "EACCES":
    case "EPERM":
      return "this user may not write there";
    case "EROFS":
      return "that file system is read-only";
    default:
      return code;
  }
}
