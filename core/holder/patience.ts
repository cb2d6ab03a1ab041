/**
 * A request that finds every pool full, and slots of them idle in leases, is not refused at once: the holders give back
 * what they have no use for with their next exchanges, and the object deals it out anew. So the request asks again for a
 * while, at longer and longer intervals. Where a later pool takes it, it goes there without waiting.
 *
 * Where there is a queue that is the place to wait for slots. What remains is to wait for an object that does not answer:
 * one that has lost its memory is back in a moment, and whoever was about to ask it would be refused for that. Asking
 * again sends it nothing while it is out of reach (`reach.ts`).
 */
import type { Millis, QueueRules } from "../model/upstream.ts";
import type { Want } from "../protocol/want.ts";
import type { Answer } from "./answer.ts";

const firstPauseMs: Millis = 20;

/**
 * All holders have exchanged several times by then (`exchangeEveryMs`), also if messages were lost. Intervals double, so that those who
 * wait send few messages, whatever it costs an object that is slow already.
 */
const patienceMs: Millis = 2_560;

/** An object that is back is noticed so soon at the latest. */
const longestPauseMs: Millis = 160;

/**
 * The want as it is sent, with the time for which it may wait in the object's queue: none without a queue, 0 where it is not to wait.
 * `waitedMs`: for so long it has waited. `leftMs`: what is left of the request's own time.
 */
export function withWait(
  want: Want,
  queue: QueueRules | undefined,
  {
    mayWait,
    waitedMs,
    leftMs,
  }: { readonly mayWait: boolean; readonly waitedMs: Millis; readonly leftMs: Millis },
): Want {
  if (queue === undefined) return want;
  return { ...want, waitMs: mayWait ? Math.max(0, Math.min(queue.timeoutMs - waitedMs, leftMs)) : 0 };
}

/** When a request that was answered so is to ask again, having waited for so long; `undefined`: the answer stands. */
export function askAgainInMs(
  answer: Answer,
  want: Want,
  waitedMs: Millis,
  queue?: QueueRules,
): Millis | undefined {
  // One that has failed elsewhere has waited enough.
  if (want.tried.length > 0) return undefined;
  if (queue !== undefined) {
    if (answer.kind !== "lost" || waitedMs >= queue.timeoutMs) return undefined;
    return Math.min(longestPauseMs, Math.max(firstPauseMs, waitedMs));
  }
  if (answer.kind !== "unavailable" || answer.idle !== true) return undefined;
  return waitedMs < patienceMs ? Math.max(firstPauseMs, waitedMs) : undefined;
}
