/** The directory in which a local run keeps its state, its bundle and its logs. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { ExpectedError } from "../expected-error.ts";
import { displayPath } from "../terminal/display-path.ts";

/**
 * Makes the directory if it is not there.
 * @throws ExpectedError if that cannot be, or nothing can be written in it.
 */
export function makeStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true });
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
