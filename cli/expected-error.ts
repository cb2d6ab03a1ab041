/**
 * The errors a command expects: a port is taken, a file is missing, the config is wrong. They are the user's to
 * mend, so they are shown as one sentence and what to do about it, never as a stack trace. Anything else that is
 * thrown is a fault of ours and keeps its trace.
 */
export class ExpectedError extends Error {
  /** What to do about it; shown on a line of its own. */
  readonly hint: string | undefined;

  /** What the command ends with. */
  readonly exitCode: number;

  constructor(message: string, hint?: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
    this.name = "ExpectedError";
    this.hint = hint;
  }
}
