/**
 * The reasons to end before the work is done, as one AbortSignal: Ctrl-C and other signals, npm gone, no reader left for
 * what is printed. The command then stops what it started; a second Ctrl-C ends it on the spot (workerd's guard
 * then cleans up, see workerd/guard.ts).
 *
 * SIGHUP has two meanings. From a terminal it says that the terminal is gone. A service that has none gets it from a
 * supervisor or an administrator, who want it to read its configuration again, and never that the site goes down.
 */
import { isatty } from "node:tty";
import { whenLauncherGone } from "./launcher.js";

const endings = ["SIGINT", "SIGTERM"] as const;

/** What a shell reports of a command that Ctrl-C ended: 128 + SIGINT. */
export const interruptedExitCode = 130;

/** Under npm one Ctrl-C comes twice, from the terminal and from npm. A person is not as fast. */
const echoMs = 300;

/** Whether SIGHUP means the end, as it does where this process has a terminal. */
export const hangUpEnds = (): boolean => [0, 1, 2].some((descriptor) => isatty(descriptor));

/**
 * A signal that aborts when this process is asked to end, or has no reason to go on. To be called once.
 * @param isService whether the command is one that goes on until it is told to end: SIGHUP then only means the end where
 *   there is a terminal.
 */
export function interruption(isService = false): AbortSignal {
  const controller = new AbortController();
  let askedAtMs = Number.POSITIVE_INFINITY;
  const interrupt = (): void => {
    if (performance.now() - askedAtMs > echoMs) process.exit(interruptedExitCode);
    askedAtMs = Math.min(askedAtMs, performance.now());
    controller.abort();
  };
  for (const signal of endings) process.on(signal, interrupt);
  // Without a listener the signal would kill.
  process.on("SIGHUP", isService && !hangUpEnds() ? () => {} : interrupt);
  const abort = (): void => controller.abort();
  whenLauncherGone(abort);
  // The launcher weir.js has gone, even if it could not say so. The channel must not keep us alive.
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
