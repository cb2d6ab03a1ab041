/**
 * The end of a request that an origin answered: its slot is closed, how the attempt ended is told, and the log line is written, once the
 * answer's body has ended, however it ends; a WebSocket's, once it closes. Until then the slot is renewed.
 */
import { judgeEnd, type AnswerEnd } from "../../../core/health/judgement.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { logRequest } from "../../telemetry/access-log.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import type { Transaction } from "../transaction.ts";
import type { Reading } from "./load-report.ts";

/** What the end needs of the answer, and of its request: a WebSocket keeps no more than this. */
export type Ending = Pick<
  OriginResponse,
  "pick" | "slot" | "status" | "sentMs" | "answeredMs" | "abort" | "isBound"
>;
export type EndContext = Pick<
  Transaction,
  | "env"
  | "client"
  | "clientNumber"
  | "upstream"
  | "event"
  | "uploaded"
  | "reading"
  | "alarm"
  | "waitUntil"
  | "onEnd"
>;

const nothingSaid: Reading = {};

/** Ends the slot with the body; without one that has to be awaited, now. @param untilMs when the body is cut. */
export function endWith(
  ended: Promise<AnswerEnd> | undefined,
  served: Ending,
  context: EndContext,
  weigh?: () => void,
  untilMs?: Millis,
): void {
  const over = context.uploaded === undefined ? ended : afterUpload(context.uploaded, ended);
  const work =
    over === undefined
      ? end("complete", served, context, weigh)
      : endLater(over, served, context, weigh, untilMs);
  if (work !== undefined) context.waitUntil(work);
}

/** An origin may answer before it has the whole body: the request is open until it has that too. */
async function afterUpload(
  uploaded: Promise<void>,
  ended: Promise<AnswerEnd> | undefined,
): Promise<AnswerEnd> {
  await uploaded;
  return (await ended) ?? "complete";
}

/** Holds the slot as long as the body or the socket goes on, and says so often enough to be believed. */
export async function endLater(
  ended: Promise<AnswerEnd>,
  served: Ending,
  context: EndContext,
  weigh?: () => void,
  untilMs = Infinity,
): Promise<void> {
  const { alarm, client, event } = context;
  const renewal = client.renewal(served.slot, context);
  for (let inMs = renewal.keep(); ; inMs = renewal.inMs()) {
    const waitMs = Math.min(inMs, untilMs - Date.now());
    const due = new Promise<undefined>((resolve) => alarm.set(waitMs, () => resolve(undefined)));
    const result = await Promise.race([ended, due]);
    if (result !== undefined) {
      event.body = result;
      return end(result, served, context, weigh);
    }
    if (!renewal.mayGoOn() || Date.now() >= untilMs) {
      served.abort();
      event.body = "cut-by-weir";
      return end("cut-by-weir", served, context, weigh);
    }
    weigh?.();
    // The object may be unreachable for longer than the slot lasts.
    renewal.renew();
  }
}

function end(
  ended: AnswerEnd,
  served: Ending,
  context: EndContext,
  weigh?: () => void,
): Promise<void> | undefined {
  const { alarm, client, env, event, onEnd } = context;
  const { slot, status, answeredMs, sentMs } = served;
  const now = Date.now();
  alarm.stop();
  const judgement = judgeEnd({
    end: ended,
    status,
    headerMs: answeredMs - sentMs,
    endMs: now - sentMs,
    streamedUp: context.uploaded !== undefined,
    headersTimeoutMs: context.upstream.config.timeouts.headersMs,
    rules: context.upstream.config,
  });
  if (judgement !== undefined) {
    const { origin } = slot;
    const bound = (!judgement.ok && served.isBound) || undefined;
    const { clientNumber, reading } = context;
    const { report, refusedReport } = reading ?? nothingSaid;
    // Copied first: an object into which another one is copied later costs several times as much.
    const outcome = { ...judgement, origin, client: clientNumber, bound, report, refusedReport };
    client.holder.recordOutcome(outcome, now);
  }
  weigh?.();
  client.holder.close(slot, now);
  logRequest(event, now, client.holder);
  onEnd?.({ kind: "answered", status: event.status ?? status, body: ended });
  return client.flush(env, now);
}
