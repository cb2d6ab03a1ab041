/**
 * The signals that do not end `weir start`. SIGUSR1: the log files were renamed, open them anew (nginx's convention).
 * SIGHUP, where there is no terminal: does nothing yet. A line says so, since other servers read a changed config then.
 */
import { hangUpEnds } from "../interruption.ts";
import type { Logs } from "../local/logs.ts";

/**
 * Hears them from now on.
 * @returns a function that ends it. SIGUSR1 must not be left to Node then, which opens a debugger: it does nothing.
 */
export function hearSignals(logs: Pick<Logs, "writeEvent" | "reopen">): () => void {
  const reopen = (): void => logs.reopen();
  const hangUp = (): void => {
    const text = "SIGHUP does nothing: a changed config is read by a restart, logs are reopened on SIGUSR1";
    logs.writeEvent("hang-up", { text });
    console.log(`weir: ${text}.`);
  };
  process.on("SIGUSR1", () => {});
  process.on("SIGUSR1", reopen);
  if (!hangUpEnds()) process.on("SIGHUP", hangUp);
  return () => {
    process.off("SIGUSR1", reopen);
    process.off("SIGHUP", hangUp);
  };
}
