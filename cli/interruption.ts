/**
 * The reasons to end before the work is done, as one AbortSignal: Ctrl-C and its kin, npm gone, nobody left to read
 * what is printed. The command then stops what it started; a second Ctrl-C ends it on the spot (workerd's guard
 * then cleans up, see workerd/guard.ts).
 */
import { whenLauncherGone } from "./launcher.js";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What a shell reports of a command that Ctrl-C ended: 128 + SIGINT. */
export const interruptedExitCode = 130;

/** Under npm one Ctrl-C comes twice, from the terminal and from npm. A person is not as fast. */
const echoMs = 300;

/** A signal that aborts when this process is asked to end, or has no reason to go on. To be called once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let askedAtMs = Number.POSITIVE_INFINITY;
  const interrupt = (): void => {
    if (performance.now() - askedAtMs > echoMs) process.exit(interruptedExitCode);
    askedAtMs = Math.min(askedAtMs, performance.now());
    controller.abort();
  };
  for (const signal of signals) process.on(signal, interrupt);
  const abort = (): void => controller.abort();
  whenLauncherGone(abort);
  // The launcher weir.js has gone, even if nobody could tell us. The channel must not keep us alive.
  process.once("disconnect", abort);
  process.channel?.unref();
  // `npm start | head`, or the terminal is gone. What is printed from then on is lost, and that is no error.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", abort);
  return controller.signal;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}
