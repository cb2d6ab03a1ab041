/**
 * How long a request asks again, and why. A request may find every pool full while some of their slots are lent to other holders and lie
 * idle. It is not refused at once, because the holders give back what they do not need with their next exchanges. So it asks
 * again for up to 2.56 s, at intervals that begin at 20 ms and double. Where a later pool has room, the request goes there without waiting.
 *
 * With a queue, requests wait for slots in the queue instead. Then a request asks again only when the object did not answer: an object that
 * has lost its memory is back in a moment, and the request would be refused for that. While the object is out of reach, asking
 * again sends no message (`reach.ts`).
 */
import type { Millis, QueueRules } from "../model/upstream.ts";
import type { Want } from "../protocol/pick.ts";
import type { Answer } from "./answer.ts";

const firstPauseMs: Millis = 20;

/**
 * All holders have exchanged several times by then (`exchangeEveryMs`), also if messages were lost. Intervals double, so that requests
 * that wait send few messages, whatever it costs an object that is slow already.
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
