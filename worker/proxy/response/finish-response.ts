/**
 * From the origin's answer to the client's: a short answer is over with its headers, if there is no reason to doubt that its body has come
 * with them (`late-bodies.ts`), one of middle length, while slots are dear, when it has been taken off its origin (`taken-answer.ts`), any other when its body ends, a WebSocket when it closes (`slot-end.ts`).
 */
import type { SpacePart } from "../../../core/buffering/buffer-space.ts";
import { wholeBodyMs, type PaceLimits } from "../../../core/connections/client-pace.ts";
import { isSentAtOnce, SendPace } from "../../../core/connections/send-pace.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { OriginConfig } from "../../config/sections/origin.ts";
import { contentLength, shortBytes } from "../../transport/content-length.ts";
import { sendableReason } from "../../transport/sendable-reason.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";
import type { Transaction } from "../transaction.ts";
import { isPaidByWeight, scales } from "./answer-weight.ts";
import { trackBodyEnd, type BodyTerms } from "./body-end.ts";
import { withClientHeaders } from "./client-headers.ts";
import { isEarly, takeRest } from "./early-answer.ts";
import { finishSocket } from "./finish-socket.ts";
import { lateBodies } from "./late-bodies.ts";
import { readShortBody } from "./short-body.ts";
import { endWith } from "./slot-end.ts";
import { areSlotsFew, isCrowded, lateAnswers, memoryFor, takeAnswer } from "./taken-answer.ts";

/** The client's response. The slot is closed, and the request logged, once it has ended. */
export function finishResponse(
  origin: OriginResponse,
  tx: Transaction,
  sent: PreparedRequest,
): Response | Promise<Response> {
  const { response, status, pick, answeredMs } = origin;
  tx.event.status = status;
  if (status === 101 && response.webSocket !== null) return finishSocket(response.webSocket, origin, tx);
  const length = contentLength(response.headers);
  const pace = tx.route.bandwidth === undefined ? undefined : paceOf(origin, tx, length);
  if (isEarly(sent)) return finishEarly(origin, tx, sent, pace);
  if (pace !== undefined) return finishPaced(origin, tx, sent, { length, pace });
  if (length === undefined || length === 0 || response.body === null) return sendTracked(origin, tx, sent);
  const served = (): OriginConfig | undefined => tx.client.originOf(pick);
  if (length > shortBytes) return finishLong(origin, tx, sent, { length, served });
  return origin.isOwn || lateBodies.isToBeRead(served, answeredMs)
    ? finishShort(origin, tx, sent, length)
    : sendTracked(origin, tx, sent);
}

/** The pace of an answer that is long enough for the rate of its route to matter. */
function paceOf(
  { response, answeredMs }: OriginResponse,
  { route: { bandwidth } }: Transaction,
  length: number | undefined,
): SendPace | undefined {
  if (bandwidth === undefined || response.body === null) return undefined;
  return length !== undefined && isSentAtOnce(length, bandwidth)
    ? undefined
    : new SendPace(bandwidth, answeredMs);
}

/** An answer at the pace of its route: its slot is dear for as long as that takes, so it is taken off its origin wherever it may be. */
function finishPaced(
  received: OriginResponse,
  tx: Transaction,
  sent: PreparedRequest,
  { length, pace }: { readonly length: number | undefined; readonly pace: SendPace },
): Response | Promise<Response> {
  const { response, status, pick, answeredMs: now } = received;
  const origin = tx.client.originOf(pick);
  if (length === undefined || !areSlotsFew(origin)) return sendTracked(received, tx, sent, { pace });
  const { responseBytes: atMost } = tx.upstream.config.buffer;
  const part = lateAnswers.isSuspect(() => origin, now)
    ? undefined
    : memoryFor(response.headers, { length, status, atMost, client: tx.clientName, now });
  const limits = tx.config.target === "edge" ? undefined : tx.config.limits.download;
  return part === undefined
    ? sendTracked(received, tx, sent, { limits, pace })
    : finishTaken(received, tx, sent, { length, part, pace });
}

/** An answer that a slow client could keep a slot with. */
function finishLong(
  received: OriginResponse,
  tx: Transaction,
  sent: PreparedRequest,
  { length, served }: { readonly length: number; readonly served: () => OriginConfig | undefined },
): Response | Promise<Response> {
  const { response, status, answeredMs: now } = received;
  const origin = served();
  if (origin === undefined || !areSlotsFew(origin)) return sendTracked(received, tx, sent);
  const { responseBytes: atMost } = tx.upstream.config.buffer;
  const limits = tx.config.target === "edge" ? undefined : tx.config.limits.download;
  if (length <= atMost && !isCrowded(tx.client.holder.openOn(origin.name), origin)) {
    const untilMs = limits && now + wholeBodyMs(length, limits);
    return sendTracked(received, tx, sent, { untilMs });
  }
  if (lateAnswers.isSuspect(served, now)) return sendTracked(received, tx, sent, { limits });
  const part = memoryFor(response.headers, { length, status, atMost, client: tx.clientName, now });
  return part === undefined
    ? sendTracked(received, tx, sent, { limits })
    : finishTaken(received, tx, sent, { length, part });
}

/** The answer is over as soon as the origin has given it, however slowly the client reads. */
async function finishTaken(
  origin: OriginResponse,
  tx: Transaction,
  { clientSignal }: PreparedRequest,
  { length, part, pace }: { readonly length: number; readonly part: SpacePart; readonly pace?: SendPace },
): Promise<Response> {
  const { response, pick, abort, answeredMs: now } = origin;
  const terms = { length, alarm: tx.alarm, now, clientSignal, abort };
  const { body, ended, read } = await takeAnswer(response, part, terms, pace);
  if (ended !== undefined) lateAnswers.late(tx.client.originOf(pick), now);
  tx.waitUntil(read);
  const weigh = isPaidByWeight(origin, tx) ? scales(origin, tx, () => length) : undefined;
  try {
    return send(body, origin, tx);
  } finally {
    endWith(ended, origin, tx, weigh);
  }
}

/** What becomes of the client's copy of a body. */
interface ClientCopyTerms extends Pick<BodyTerms, "hold" | "pace"> {
  /** How slow the client may be; then the bytes go through JavaScript. */
  readonly limits?: PaceLimits | undefined;
  /** When it must have ended. */
  readonly untilMs?: Millis | undefined;
}

/** The answer with the client's copy of the body, with whose end the slot ends. */
function sendTracked(
  origin: OriginResponse,
  tx: Transaction,
  { clientSignal }: PreparedRequest,
  { hold, pace, limits = chunkedLimits(origin, tx), untilMs }: ClientCopyTerms = {},
): Response {
  const isWeighed = isPaidByWeight(origin, tx);
  const terms = { isWeighed, isScripted: origin.isOwn, limits, pace, hold };
  const { body, ended, bytes } = trackBodyEnd(origin.response, clientSignal, terms);
  try {
    return send(body, origin, tx);
  } finally {
    endWith(ended, origin, tx, isWeighed ? scales(origin, tx, bytes) : undefined, untilMs);
  }
}

/**
 * How slow the client may be with an answer without a length, which is mostly small, or meant to last: as slow as it likes, unless the
 * config says so. At the edge that is the platform's to see to.
 */
function chunkedLimits(
  { response, pick }: OriginResponse,
  { config, client }: Transaction,
): PaceLimits | undefined {
  const { download } = config.limits;
  if (download?.isChunkedWatched !== true || config.target === "edge") return undefined;
  return contentLength(response.headers) === undefined && areSlotsFew(client.originOf(pick))
    ? download
    : undefined;
}

/** An answer whose client is still sending, and must be able to read it when it has sent all. */
async function finishEarly(
  origin: OriginResponse,
  tx: Transaction,
  upload: PreparedRequest,
  pace: SendPace | undefined,
): Promise<Response> {
  const { response, abort } = origin;
  const { lingerer } = tx;
  const isWhole = response.body !== null && contentLength(response.headers) !== undefined;
  const rest = (ended: Promise<unknown>): Promise<void> => {
    const taken = takeRest({ upload, lingerer, abort, isWhole }, ended);
    tx.waitUntil(taken);
    return taken;
  };
  if (response.body !== null) return sendTracked(origin, tx, upload, { hold: rest, pace });
  const sent = send(null, origin, tx);
  endWith(undefined, origin, tx);
  // An answer without a body has no end that could wait, so it waits as a whole.
  await rest(Promise.resolve());
  return sent;
}

async function finishShort(
  origin: OriginResponse,
  tx: Transaction,
  { clientSignal }: PreparedRequest,
  length: number,
): Promise<Response> {
  const { response, pick, abort, answeredMs: now } = origin;
  const read = await readShortBody(response, { length, alarm: tx.alarm, now, clientSignal, abort });
  if (read.kind === "passed") lateBodies.late(tx.client.originOf(pick), now);
  const weigh = isPaidByWeight(origin, tx) ? scales(origin, tx, () => length) : undefined;
  try {
    return send(read.kind === "whole" ? read.bytes : read.body, origin, tx);
  } finally {
    endWith(read.kind === "whole" ? undefined : read.ended, origin, tx, weigh);
  }
}

function send(body: BodyInit | null, origin: OriginResponse, tx: Transaction): Response {
  const { response, status } = origin;
  const { headers } = response;
  const statusText = sendableReason(response.statusText);
  // The body goes through as the origin encoded it.
  const sent = new Response(body, { status, statusText, headers, encodeBody: "manual" });
  return withClientHeaders(sent, origin, tx);
}
