/**
 * From the origin's answer to the client's, and to the end of the slot: a small answer is over with its
 * headers, any other when its body ends, however it ends, a WebSocket when it closes.
 */
import { judgeEnd, type AnswerEnd } from "../../core/health/judgement.ts";
import type { Alarm } from "../alarm.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { Target } from "../config/config.ts";
import type { UpstreamClient } from "../coordination/upstream-client.ts";
import type { Env } from "../env.ts";
import { logRequest } from "./access-log.ts";
import type { Served } from "./attempt-loop.ts";
import { trackBodyEnd } from "./body-end.ts";
import { withClientHeaders, withOwnHeaders, type ClientHeaderFacts } from "./client-headers.ts";
import { errorResponse, type Asked } from "./error-response.ts";
import type { Reading } from "./load-report.ts";
import { rewriteCookies } from "./rewrite-response.ts";
import { bridgeWebSocket } from "./websocket-bridge.ts";
import { withAgreedExtensions } from "./websocket-handshake.ts";

export interface FinishContext extends ClientHeaderFacts {
  readonly env: Env;
  readonly platform: Target;
  readonly client: UpstreamClient;
  readonly clientSignal: () => AbortSignal;
  readonly uploaded: Promise<void> | undefined;
  readonly alarm: Alarm;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** What the origin's response says of the origin itself. */
  readonly reading: Reading | undefined;
  /** What an answer in the origin's place goes by. */
  readonly asked: () => Asked;
}

/** The client's response. The slot is closed, and the request logged, once it has ended. */
export function finishResponse(served: Served, context: FinishContext): Response {
  const { response, status } = served;
  context.event.status = status;
  const origin = status === 101 ? response.webSocket : null;
  if (origin !== null) {
    const { slot, sentMs, answeredMs } = served;
    context.client.observe({ origin: slot.origin, ok: true, headerMs: answeredMs - sentMs }, answeredMs);
    const { webSocket, closed } = bridgeWebSocket(origin, served.abort);
    context.waitUntil(endLater(closed, served, context));
    const sent = new Response(null, { status, headers: response.headers, webSocket });
    return withAgreedExtensions(withClientHeaders(sent, served, context), response, context.platform);
  }
  if (isIntercepted(status, context.upstream)) return intercept(served, context);
  const isWeighed = isPaidByWeight(served, context);
  const { body, ended, bytes } = trackBodyEnd(response, context.clientSignal, isWeighed);
  endWith(ended, served, context, isWeighed ? scales(served, context, bytes) : undefined);
  const { statusText, headers } = response;
  // The body goes through as the origin encoded it.
  const sent = new Response(body, { status, statusText, headers, encodeBody: "manual" });
  return withClientHeaders(sent, served, context);
}

function isIntercepted(status: number, { config }: ActiveUpstream): boolean {
  return config.errors?.intercept.some(({ from, to }) => from <= status && status <= to) ?? false;
}

/** What an origin's answer says to programs, whatever its page looks like. */
const keptOfIntercepted = ["Allow", "Retry-After", "WWW-Authenticate"];

/** Weir's page in place of the origin's, whose body is not wanted. */
function intercept(served: Served, context: FinishContext): Response {
  const { response, status } = served;
  const sent = errorResponse({ kind: "intercepted", status }, context.asked());
  for (const name of keptOfIntercepted) {
    const value = response.headers.get(name);
    if (value !== null) sent.headers.set(name, value);
  }
  for (const cookie of response.headers.getSetCookie()) sent.headers.append("Set-Cookie", cookie);
  rewriteCookies(sent.headers, context.upstream.config.rewrite);
  // Whether it can be cancelled or has been cut by then makes no difference to anybody.
  response.body?.cancel().catch(() => undefined);
  endWith(undefined, served, context);
  return withOwnHeaders(sent, context);
}

/** Ends the slot with the body; without one that has to be awaited, now. */
function endWith(
  ended: Promise<AnswerEnd> | undefined,
  served: Served,
  context: FinishContext,
  weigh?: () => void,
): void {
  const over = context.uploaded === undefined ? ended : afterUpload(context.uploaded, ended);
  const work =
    over === undefined ? end("complete", served, context, weigh) : endLater(over, served, context, weigh);
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
async function endLater(
  ended: Promise<AnswerEnd>,
  served: Served,
  context: FinishContext,
  weigh?: () => void,
): Promise<void> {
  const { alarm, client, event } = context;
  const renewal = client.renewal(served.slot, context);
  for (let inMs = renewal.keep(); ; inMs = renewal.inMs()) {
    const due = new Promise<undefined>((resolve) => alarm.set(inMs, () => resolve(undefined)));
    const result = await Promise.race([ended, due]);
    if (result !== undefined) {
      event.body = result;
      return end(result, served, context, weigh);
    }
    if (!renewal.mayGoOn()) {
      served.abort();
      event.body = "cut-by-weir";
      return end("cut-by-weir", served, context, weigh);
    }
    weigh?.();
    // Nobody may be there to hear of it for longer than the slot lasts.
    renewal.renew();
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
  });
  if (judgement !== undefined) client.observe({ origin: slot.origin, ...judgement, ...context.reading }, now);
  weigh?.();
  client.close(slot, now);
  logRequest(event, now);
  return client.flush(env, now);
}
