/**
 * From the origin's answer to the client's, and to the end of the slot: a small answer is over with its
 * headers, any other when its body ends, however it ends, a WebSocket when it closes.
 */
import { judgeEnd, type AnswerEnd } from "../../core/health/judgement.ts";
import type { Alarm } from "../alarm.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { UpstreamClient } from "../coordination/upstream-client.ts";
import type { Env } from "../env.ts";
import { logRequest, type RequestEvent } from "./access-log.ts";
import type { Served } from "./attempt-loop.ts";
import { trackBodyEnd } from "./body-end.ts";
import { dropFromClients } from "./forwarding-headers.ts";
import type { Reading } from "./load-report.ts";
import { bridgeWebSocket } from "./websocket-bridge.ts";

export interface FinishContext {
  readonly env: Env;
  readonly upstream: ActiveUpstream;
  readonly client: UpstreamClient;
  readonly event: RequestEvent;
  readonly clientSignal: () => AbortSignal;
  readonly uploaded: Promise<void> | undefined;
  readonly alarm: Alarm;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** A sticky session's cookie to set. */
  readonly cookie: string | undefined;
  /** What the origin's response says of the origin itself. */
  readonly reading: Reading | undefined;
  /** The route wants the response to say how it came about. */
  readonly debug: boolean;
}

/** The client's response. The slot is closed, and the request logged, once it has ended. */
export function finishResponse(served: Served, context: FinishContext): Response {
  const { response, status } = served;
  context.event.status = status;
  const origin = status === 101 ? response.webSocket : null;
  if (origin !== null) {
    context.client.observe({ origin: served.slot.origin, ok: true, headerMs: served.headerMs });
    const { webSocket, closed } = bridgeWebSocket(origin, served.abort);
    context.waitUntil(endLater(closed, served, context));
    return withHeaders(new Response(null, { status, headers: response.headers, webSocket }), served, context);
  }
  const isWeighed = isPaidByWeight(served, context);
  const { body, ended, bytes } = trackBodyEnd(response, context.clientSignal, isWeighed);
  const over = context.uploaded === undefined ? ended : afterUpload(context.uploaded, ended);
  const weigh = isWeighed ? scales(served, context, bytes) : undefined;
  const work =
    over === undefined ? end("complete", served, context, weigh) : endLater(over, served, context, weigh);
  if (work !== undefined) context.waitUntil(work);
  const { statusText, headers } = response;
  // The body goes through as the origin encoded it.
  const sent = new Response(body, { status, statusText, headers, encodeBody: "manual" });
  return withHeaders(sent, served, context);
}

/** The response, which has a copy of the origin's headers, with those that are for the client. */
function withHeaders(
  sent: Response,
  { response }: Served,
  { event, cookie, debug }: FinishContext,
): Response {
  dropFromClients(sent.headers, response.headers);
  sent.headers.set("X-Request-Id", event.requestId);
  if (cookie !== undefined) sent.headers.append("Set-Cookie", cookie);
  if (debug) {
    sent.headers.set("X-Weir-Mode", event.mode ?? "");
    sent.headers.set("X-Weir-Pool", event.pool ?? "");
    sent.headers.set("X-Weir-Origin", event.origin ?? "");
    sent.headers.set("X-Weir-Attempts", String(event.attempts));
  }
  return sent;
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
async function endLater(
  ended: Promise<AnswerEnd>,
  served: Served,
  context: FinishContext,
  weigh?: () => void,
): Promise<void> {
  const { alarm, client, env, event, waitUntil } = context;
  let renewInMs = client.keep(served.slot);
  for (;;) {
    const inMs = renewInMs;
    const due = new Promise<undefined>((resolve) => alarm.set(inMs, () => resolve(undefined)));
    const result = await Promise.race([ended, due]);
    if (result !== undefined) {
      event.body = result;
      return end(result, served, context, weigh);
    }
    if (!client.mayGoOn(served.slot)) {
      served.abort();
      event.body = "cut-by-weir";
      return end("cut-by-weir", served, context, weigh);
    }
    weigh?.();
    // Nobody may be there to hear of it for longer than the slot lasts.
    waitUntil(client.renew(env, served.slot));
    renewInMs = client.renewInMs(served.slot);
  }
}

function isPaidByWeight({ pick }: Served, { upstream }: FinishContext): boolean {
  const pool = upstream.config.pools.find(({ name }) => name === pick.pool);
  return pool?.cost !== undefined && pool.cost.perGb > 0;
}

/** Puts on the pool's bill what the body has weighed since it was asked last. */
function scales({ pick }: Served, { client }: FinishContext, bytes: () => number): () => void {
  let billed = 0;
  return () => {
    const more = bytes() - billed;
    if (more > 0) client.tally(pick.pool, "bytes", more);
    billed += more;
  };
}

function end(
  ended: AnswerEnd,
  served: Served,
  context: FinishContext,
  weigh?: () => void,
): Promise<void> | undefined {
  const { alarm, client, env, event } = context;
  const { slot, status, headerMs, sentMs } = served;
  alarm.stop();
  const judgement = judgeEnd({
    end: ended,
    status,
    headerMs,
    endMs: Date.now() - sentMs,
    streamedUp: context.uploaded !== undefined,
    headersTimeoutMs: context.upstream.config.timeouts.headersMs,
  });
  if (judgement !== undefined) client.observe({ origin: slot.origin, ...judgement, ...context.reading });
  weigh?.();
  client.close(slot);
  logRequest(event);
  return client.flush(env);
}
