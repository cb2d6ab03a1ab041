/**
 * Weir's own answer, for want of an origin's or in place of it: the filters may give another one for an error, every answer passes
 * their `onSend`, and the client is read on if it is still sending.
 */
import type { MaybePromise } from "../../../core/protocol/object-namespace.ts";
import { logRequest } from "../../telemetry/access-log.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import type { OwnAnswer } from "../filters/filter.ts";
import { runOnRefusal, runOnSend } from "../filters/run.ts";
import type { ClientBody } from "../request/client-body.ts";
import { has } from "../request/forwarding-headers.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";
import type { Transaction } from "../transaction.ts";
import { withOwnHeaders } from "./client-headers.ts";
import { isEarly, takeRest } from "./early-answer.ts";
import { errorResponse, errorStatus, type ProxyError } from "./error-response.ts";
import { endWith } from "./slot-end.ts";

/** What the log says that a request failed by, where Weir answers. */
export function failureOf(error: ProxyError): string {
  if (error.kind !== "unavailable") return error.kind;
  return error.why === "budget" && error.of === "client" ? "client-budget" : error.why;
}

/**
 * The response to a request that no origin has answered; the request is over with it.
 * @param rest what the client may still be sending.
 */
export function refuseRequest(
  tx: Transaction,
  first: OwnAnswer,
  rest: ClientBody | undefined,
): MaybePromise<Response> {
  const send = (answer: OwnAnswer): MaybePromise<Response> => {
    const { event, onEnd } = tx;
    const sent = responseTo(answer, tx);
    event.status = answer.kind === "error" ? errorStatus(answer.error) : sent.status;
    const { headers, status } = sent;
    headers.set("X-Request-Id", tx.id);
    runOnSend(tx, { status, headers, origin: undefined, isOwn: true, found: 0 });
    logRequest(event, Date.now(), tx.holder);
    onEnd?.({ kind: "answered", status: event.status, body: "complete" });
    return tx.lingerer.behind(sent, tx.method, rest);
  };
  if (first.kind === "error") tx.event.failure ??= failureOf(first.error);
  const answer = withPage(tx, first);
  return answer instanceof Promise ? answer.then(send) : send(answer);
}

/** The response in place of the origin's, whose body is not wanted; the slot ends with it. */
export async function replaceResponse(
  tx: Transaction,
  origin: OriginResponse,
  first: OwnAnswer,
  upload: PreparedRequest,
): Promise<Response> {
  // It makes no difference whether the body can be cancelled or has been cut by then.
  origin.response.body?.cancel().catch(() => undefined);
  // A page may come from the same upstream, which could have no other slot.
  tx.client.holder.close(origin.slot, Date.now());
  const answer = await withPage(tx, first);
  const sent = responseTo(answer, tx);
  const { event, lingerer } = tx;
  event.status = sent.status;
  const early = isEarly(upload)
    ? takeRest({ upload, lingerer, abort: origin.abort, isWhole: true }, Promise.resolve())
    : undefined;
  const found = sent.headers.has("Set-Cookie") ? has.cookie : 0;
  const own = withOwnHeaders(sent, origin, tx, true, found);
  endWith(undefined, origin, tx);
  return early === undefined ? own : lingerer.hold(own, tx.method, early);
}

/** The answer that stands: an error without a page of its own is offered to the filters. */
function withPage(tx: Transaction, answer: OwnAnswer): MaybePromise<OwnAnswer> {
  if (answer.kind === "response" || answer.page !== undefined) return answer;
  const instead = runOnRefusal(tx, answer.error);
  const kept = (made: OwnAnswer | undefined): OwnAnswer => {
    if (made === undefined) return answer;
    return made.kind === "error" && answer.headers !== undefined
      ? { ...made, headers: made.headers ?? answer.headers }
      : made;
  };
  return instead instanceof Promise ? instead.then(kept) : kept(instead);
}

function responseTo(answer: OwnAnswer, { request, id, method }: Transaction): Response {
  // A copy: what came by `fetch` has headers that no filter could change.
  if (answer.kind === "response") return new Response(answer.response.body, answer.response);
  const asked = { accept: request.headers.get("Accept"), requestId: id, method };
  return errorResponse(answer.error, asked, answer.page, answer.headers);
}
