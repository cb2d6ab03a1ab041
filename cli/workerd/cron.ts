/**
 * The minute's tick. Cloudflare's cron trigger is the watchdog of the probers, and plain workerd has none; here a
 * timer asks the cron service (cron-worker.js) to call the Worker's `scheduled()`.
 */
import { ExpectedError } from "../expected-error.ts";

const everyMs = 60_000;

export interface Cron {
  /** Runs `scheduled()` now. Rejects if it failed. */
  readonly tick: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Starts to tick each minute.
 * @param url the cron service's.
 * @param onFailure hears of a tick of the timer that failed. The next one is tried all the same.
 */
export function startCron(url: string, token: string, onFailure: (message: string) => void): Cron {
  const tick = async (): Promise<void> => {
    const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    const outcome = await response.text();
    if (!response.ok) throw new ExpectedError(`The cron run ended with "${outcome}".`);
  };
  const timer = setInterval(() => {
    tick().catch((error: unknown) => onFailure(String(error)));
  }, everyMs);
  timer.unref();
  return { tick, stop: () => clearInterval(timer) };
}
