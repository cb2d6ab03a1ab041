/**
 * From the origin's answer to the client's, and to the end of the slot: a short answer is over with its headers, if there is no reason
 * to doubt that its body has come with them (`late-bodies.ts`), any other when its body ends, however it ends, a WebSocket when it closes.
 */
import { judgeEnd, type AnswerEnd } from "../../../core/health/judgement.ts";
import { Alarm } from "../../alarm.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import type { OriginConfig } from "../../config/sections/origin.ts";
import type { UpstreamClient } from "../../objects/upstream-client.ts";
import type { Env } from "../../env.ts";
import { contentLength, shortBytes } from "../../transport/content-length.ts";
import { sendableReason } from "../../transport/sendable-reason.ts";
import { keepInTunnel } from "../../transport/websocket/open-socket.ts";
import { logRequest } from "../../telemetry/access-log.ts";
import { isPaidByWeight, scales } from "./answer-weight.ts";
import type { Served } from "../attempt/attempt-loop.ts";
import { trackBodyEnd, type BodyTerms } from "./body-end.ts";
import {
  withClientHeaders,
  withoutChallenges,
  withOwnHeaders,
  type ClientHeaderFacts,
} from "./client-headers.ts";
import { isEarly, takeRest, type Upload } from "./early-answer.ts";
import { errorResponse, type Asked } from "./error-response.ts";
import type { Lingerer } from "./lingering.ts";
import type { Reading } from "./load-report.ts";
import { lateBodies } from "./late-bodies.ts";
import { rewriteCookies } from "./rewrite-response.ts";
import { readShortBody } from "./short-body.ts";
import { bridgeWebSocket } from "./websocket-bridge.ts";
import { withAgreedExtensions } from "../request/websocket-handshake.ts";

export interface FinishContext extends ClientHeaderFacts {
  readonly env: Env;
  readonly client: UpstreamClient;
  readonly clientSignal: () => AbortSignal;
  readonly uploaded: Promise<void> | undefined;
  readonly upload: Upload;
  /** How the client is read on when the answer is early. */
  readonly lingerer: Lingerer;
  readonly alarm: Alarm;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** What the origin's response says of the origin itself. */
  readonly reading: Reading | undefined;
  /** What an answer in the origin's place goes by. */
  readonly asked: () => Asked;
}

/** What the end of an answer needs of it, and of its request. */
type Ending = Pick<Served, "pick" | "slot" | "status" | "sentMs" | "answeredMs" | "abort">;
type EndContext = Pick<
  FinishContext,
  "env" | "client" | "upstream" | "event" | "uploaded" | "reading" | "alarm" | "waitUntil"
>;

/** The client's response. The slot is closed, and the request logged, once it has ended. */
export function finishResponse(served: Served, context: FinishContext): Response | Promise<Response> {
  const { response, status } = served;
  context.event.status = status;
  const origin = status === 101 ? response.webSocket : null;
  if (origin !== null) {
    const { slot, sentMs, answeredMs } = served;
    context.client.holder.recordOutcome(
      { origin: slot.origin, ok: true, headerMs: answeredMs - sentMs },
      answeredMs,
    );
    const webSocket = carried(origin, served, context);
    const sent = new Response(null, { status, headers: response.headers, webSocket });
    return withAgreedExtensions(withClientHeaders(sent, served, context), response, context.platform);
  }
  if (isIntercepted(status, context.upstream)) return intercept(served, context);
  const length = contentLength(response.headers);
  if (isEarly(context.upload)) return finishEarly(served, context);
  if (length !== undefined && length > 0 && length <= shortBytes && response.body !== null) {
    const origin = (): OriginConfig | undefined => context.client.originOf(served.pick);
    if (served.isOwn || lateBodies.isToBeRead(origin, served.answeredMs))
      return finishShort(served, context, length);
  }
  return send(track(served, context), served, context);
}

/** The client's copy of the body, with whose end the slot ends. */
function track(served: Served, context: FinishContext, hold?: BodyTerms["hold"]): ReadableStream | null {
  const isWeighed = isPaidByWeight(served, context);
  const { body, ended, bytes } = trackBodyEnd(served.response, context.clientSignal, {
    isWeighed,
    isScripted: served.isOwn,
    hold,
  });
  endWith(ended, served, context, isWeighed ? scales(served, context, bytes) : undefined);
  return body;
}

/** An answer whose client is still sending, and must be able to read it when it has sent all. */
async function finishEarly(served: Served, context: FinishContext): Promise<Response> {
  const { response, abort } = served;
  const { upload, lingerer } = context;
  const isWhole = response.body !== null && contentLength(response.headers) !== undefined;
  const rest = (ended: Promise<unknown>): Promise<void> => {
    const taken = takeRest({ upload, lingerer, abort, isWhole }, ended);
    context.waitUntil(taken);
    return taken;
  };
  const body = track(served, context, rest);
  // An answer without a body has no end that could wait.
  if (body === null) await rest(Promise.resolve());
  return send(body, served, context);
}

async function finishShort(served: Served, context: FinishContext, length: number): Promise<Response> {
  const { response, abort, answeredMs: now } = served;
  const { alarm, clientSignal } = context;
  const read = await readShortBody(response, { length, alarm, now, clientSignal, abort });
  if (read.kind === "passed") lateBodies.late(context.client.originOf(served.pick), now);
  const weigh = isPaidByWeight(served, context) ? scales(served, context, () => length) : undefined;
  endWith(read.kind === "whole" ? undefined : read.ended, served, context, weigh);
  return send(read.kind === "whole" ? read.bytes : read.body, served, context);
}

function send(body: BodyInit | null, served: Served, context: FinishContext): Response {
  const { response, status } = served;
  const { headers } = response;
  const statusText = sendableReason(response.statusText);
  // The body goes through as the origin encoded it.
  const sent = new Response(body, { status, statusText, headers, encodeBody: "manual" });
  return withClientHeaders(sent, served, context);
}

/** The client's end of the WebSocket; its slot is closed when the WebSocket ends. */
function carried(origin: WebSocket, served: Served, context: FinishContext): WebSocket {
  // No more than is needed: it lasts as long as the socket.
  const { pick, slot, status, sentMs, answeredMs, abort } = served;
  const { client, upstream, event, uploaded, reading } = context;
  const kept = { pick, slot, status, sentMs, answeredMs };
  const isKept = keepInTunnel(origin, (closed, { cut, ...io }) => {
    const end = { client, upstream, event, uploaded, reading, alarm: new Alarm(), ...io };
    return endLater(closed, { ...kept, abort: cut }, end);
  });
  if (isKept) {
    context.alarm.stop();
    return origin;
  }
  const { webSocket, closed } = bridgeWebSocket(origin, abort);
  context.waitUntil(endLater(closed, served, context));
  return webSocket;
}

function isIntercepted(status: number, { config }: ActiveUpstream): boolean {
  return config.errors?.intercept.some(({ from, to }) => from <= status && status <= to) ?? false;
}

/** What an origin's answer says to programs, whatever its page looks like. */
const keptOfIntercepted = new Set(["allow", "retry-after", "set-cookie", "www-authenticate"]);

/** Weir's page in place of the origin's, whose body is not wanted. */
function intercept(served: Served, context: FinishContext): Response | Promise<Response> {
  const { response, status, pick } = served;
  // A copy, less what is not kept: values that are written again would lose bytes that are no UTF-8.
  const kept = new Headers(response.headers);
  for (const name of new Set(response.headers.keys())) if (!keptOfIntercepted.has(name)) kept.delete(name);
  rewriteCookies(kept, context.upstream.config.rewrite);
  withoutChallenges(kept, pick, context);
  const sent = errorResponse({ kind: "intercepted", status }, context.asked(), kept);
  // It makes no difference whether the body can be cancelled or has been cut by then.
  response.body?.cancel().catch(() => undefined);
  const { upload, lingerer } = context;
  const early = isEarly(upload)
    ? takeRest({ upload, lingerer, abort: served.abort, isWhole: true }, Promise.resolve())
    : undefined;
  endWith(undefined, served, context);
  const own = withOwnHeaders(sent, context);
  return early === undefined ? own : lingerer.hold(own, context.asked().method, early);
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
  served: Ending,
  context: EndContext,
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
  if (judgement !== undefined)
    client.holder.recordOutcome({ origin: slot.origin, ...judgement, ...context.reading }, now);
  weigh?.();
  client.holder.close(slot, now);
  logRequest(event, now);
  return client.flush(env, now);
}
