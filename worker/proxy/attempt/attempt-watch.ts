/**
 * What ends an attempt before its headers: its time is over, its client has gone or fallen silent, or its origin takes no
 * more of a long body. While such a body is sent, and until it is answered, the slot is kept alive.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import type { Alarm } from "../../alarm.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";
import { UploadStopped } from "./upload.ts";

/** For so long an attempt goes on unwatched: most are over by then, and watching the client is not free. */
const watchClientAfterMs: Millis = 50;

/** Keeps the slot of an attempt that sends a long body. */
export interface Renewal {
  readonly inMs: () => Millis;
  readonly mayGoOn: () => boolean;
  readonly renew: () => void;
}

/** Why an attempt was aborted, if it was; and whether it is over, so that its deadlines mean nothing any more. */
export interface Watched {
  endedBy: "timeout" | "coordinator-lost" | UploadStopped["by"] | undefined;
  over: boolean;
}

export interface AttemptTerms {
  /** For the attempt's deadlines. */
  readonly alarm: Alarm;
  readonly sentMs: Millis;
  /**
   * For the headers; counted from the end of a body that is sent while it arrives: how long a client takes is not the origin's
   * fault.
   */
  readonly timeoutMs: Millis;
  readonly renewal: () => Renewal;
}

/** Aborts the attempt when it has to end, and says why. */
export function watchAttempt(
  request: PreparedRequest,
  { alarm, sentMs, timeoutMs, renewal }: AttemptTerms,
  abort: AbortController,
): Watched {
  const uploaded = request.uploaded();
  const watched: Watched = { endedBy: undefined, over: false };
  const end = (by: NonNullable<Watched["endedBy"]>): void => {
    watched.endedBy ??= by;
    abort.abort();
  };
  const watchClient = (): void => {
    const client = request.clientSignal();
    const stop = (): void => end(client.reason instanceof UploadStopped ? client.reason.by : "client-gone");
    // A listener on a signal that has fired already would never be called.
    if (client.aborted) return stop();
    client.addEventListener("abort", stop, { once: true });
  };
  if (uploaded === undefined) {
    const unwatchedMs = Math.min(watchClientAfterMs, timeoutMs);
    const watch = (): void => {
      watchClient();
      alarm.set(timeoutMs - unwatchedMs, () => end("timeout"));
    };
    alarm.set(unwatchedMs, watch, sentMs);
    return watched;
  }
  // A body that is sent while it arrives breaks off at any moment, and must not pass for a whole one.
  watchClient();
  const slot = renewal();
  let untilMs = Infinity;
  const keep = (): void => {
    if (watched.over) return;
    const leftMs = untilMs - Date.now();
    if (leftMs <= 0) return end("timeout");
    if (!slot.mayGoOn()) return end("coordinator-lost");
    slot.renew();
    alarm.set(Math.min(slot.inMs(), leftMs), keep);
  };
  keep();
  const awaitHeaders = async (): Promise<void> => {
    await uploaded;
    untilMs = Date.now() + timeoutMs;
    keep();
  };
  void awaitHeaders();
  return watched;
}
