/**
 * A request that finds every pool full, and slots of them idle in leases, is not refused at once: the holders give back
 * what they have no use for with their next exchanges, and the object deals it out anew. So the request asks again for a
 * while, at longer and longer intervals. Where a later pool takes it, it goes there without waiting.
 */
import type { Millis } from "../upstream.ts";
import type { Want } from "./exchange.ts";
import type { Answer } from "./leaseholder.ts";

const firstPauseMs: Millis = 20;

/** Unless there are hundreds, all holders have exchanged twice in that time (`exchangeEveryMs`), or are known to be silent. */
const patienceMs: Millis = 640;

/** When a request that was answered so is to ask again, having waited for so long; `undefined`: the answer stands. */
export function askAgainInMs(answer: Answer, want: Want, waitedMs: Millis): Millis | undefined {
  // One that has failed elsewhere has waited enough.
  if (answer.kind !== "unavailable" || answer.idle !== true || want.tried.length > 0) return undefined;
  return waitedMs < patienceMs ? Math.max(firstPauseMs, waitedMs) : undefined;
}
