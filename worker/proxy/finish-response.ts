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
import { errorResponse, type Asked } from "./error-response.ts";
import { dropFromClients, has } from "./forwarding-headers.ts";
import type { Reading } from "./load-report.ts";
import type { RequestSource } from "./request-source.ts";
import { rewriteCookies, rewriteRedirects } from "./rewrite-response.ts";
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
  /** Who asked. */
  readonly source: RequestSource;
  /** What an answer in the origin's place goes by. */
  readonly asked: () => Asked;
  /** The route's Strict-Transport-Security, if the request came by https. */
  readonly hsts: string | undefined;
  /** Weir's entry for Via; absent: none. */
  readonly via: string | undefined;
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
  if (isIntercepted(status, context.upstream)) return intercept(served, context);
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
function withHeaders(sent: Response, { response, pick }: Served, context: FinishContext): Response {
  const { headers } = sent;
  const { rewrite } = context.upstream.config;
  const found = dropFromClients(headers, response.headers);
  if ((found & has.redirect) !== 0 && rewrite.redirects) {
    const [served, ...others] = originUrls(context.upstream, pick.origin);
    if (served !== undefined) rewriteRedirects(headers, served, others, context.source);
  }
  if ((found & has.cookie) !== 0) rewriteCookies(headers, rewrite);
  // RFC 9110 §6.6.1: who passes on a response without a date gives it one.
  if ((found & has.date) === 0) headers.set("Date", new Date().toUTCString());
  return withOwnHeaders(sent, context);
}

/** Those that a response has whoever made it. */
function withOwnHeaders(sent: Response, { event, cookie, debug, via, hsts }: FinishContext): Response {
  const { headers } = sent;
  headers.set("X-Request-Id", event.requestId);
  if (hsts !== undefined) headers.set("Strict-Transport-Security", hsts);
  if (via !== undefined) headers.append("Via", via);
  if (cookie !== undefined) headers.append("Set-Cookie", cookie);
  if (debug) {
    headers.set("X-Weir-Mode", event.mode ?? "");
    headers.set("X-Weir-Pool", event.pool ?? "");
    headers.set("X-Weir-Origin", event.origin ?? "");
    headers.set("X-Weir-Attempts", String(event.attempts));
  }
  return sent;
}

/** The URLs of the upstream's origins, that of the named one first. */
function originUrls({ config }: ActiveUpstream, name: string): string[] {
  const origins = config.pools.flatMap((pool) => pool.origins);
  return origins.toSorted((a, b) => Number(b.name === name) - Number(a.name === name)).map(({ url }) => url);
}

function isIntercepted(status: number, { config }: ActiveUpstream): boolean {
  return config.errors?.intercept.some(({ from, to }) => from <= status && status <= to) ?? false;
}

/** What an origin's answer says to programs, whatever its page looks like. */
const keptOfIntercepted = ["Allow", "Retry-After", "Set-Cookie", "WWW-Authenticate"];

/** Weir's page in place of the origin's, whose body is not wanted. */
function intercept(served: Served, context: FinishContext): Response {
  const { response, status } = served;
  const sent = errorResponse({ kind: "intercepted", status }, context.asked());
  for (const name of keptOfIntercepted) {
    const values = name === "Set-Cookie" ? response.headers.getSetCookie() : [response.headers.get(name)];
    for (const value of values) if (value !== null) sent.headers.append(name, value);
  }
  rewriteCookies(sent.headers, context.upstream.config.rewrite);
  context.waitUntil(
    (async () => {
      await response.body?.cancel().catch(() => undefined);
      await context.uploaded;
      await end("complete", served, context);
    })(),
  );
  return withOwnHeaders(sent, context);
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
