/**
 * Ctrl-C and its kin as an AbortSignal. The first asks the command to stop what it started and end; the second
 * ends it on the spot (workerd's guard then cleans up, see workerd/guard.ts).
 */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What a shell reports of a command that Ctrl-C ended: 128 + SIGINT. */
export const interruptedExitCode = 130;

/** A signal that aborts when this process is asked to end. To be called once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, interrupt);
  // The launcher weir.js has gone, even if nobody could tell us. The channel must not keep us alive.
  process.once("disconnect", interrupt);
  process.channel?.unref();
  return controller.signal;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}
