/** One JSON line per event on standard output, where Workers Logs and `weir start` find it. Its time comes first. */
import { logTime } from "./log-time.ts";

/**
 * Writes the line.
 * @param now when it happened, in milliseconds since 1970.
 */
export function logEvent(
  event: { readonly event: string } & Readonly<Record<string, unknown>>,
  now: number = Date.now(),
): void {
  // An object that is copied to get a first field costs as much as the rest of the line.
  console.log(`{"time":"${logTime(now)}",${JSON.stringify(event).slice(1)}`);
}
