/**
 * A request's life, top to bottom: find the route → its filters → prepare once → [pick → try → decide]* → the filters again → finish.
 * Plain functions over one transaction; the web framework is around it, not in it.
 */
import type { MaybePromise } from "../../core/protocol/object-namespace.ts";
import type { ActiveConfig, ServingConfig } from "../active-config.ts";
import { logRequest, requestEvent, type RequestEvent } from "../telemetry/access-log.ts";
import { askOrigins } from "./ask-origins.ts";
import type { OwnAnswer, RequestVerdict } from "./filters/filter.ts";
import { runOnEnd, runOnReady, runOnRequest, runOnResponse } from "./filters/run.ts";
import { findRoute, type Unrouted } from "./find-route.ts";
import { clientAddress } from "./request/client-address.ts";
import { prepareRequest } from "./request/prepare-request.ts";
import type { RequestUrl } from "./request/request-url.ts";
import { errorResponse, errorStatus, type ProxyError } from "./response/error-response.ts";
import { finishResponse } from "./response/finish-response.ts";
import { Lingerer, unreadOf } from "./response/lingering.ts";
import { refuseRequest, replaceResponse } from "./response/own-answer.ts";
import { Transaction, type ProxyContext } from "./transaction.ts";

/** So often a request may be sent on to another route (nginx allows as many internal redirects). */
const maxReroutes = 10;

/**
 * Serves the request. It runs under `waitUntil` as a whole: when a client resets its connection before the
 * headers, code that only the response awaits does not run on, and slots would stay open.
 * @param url `undefined`: the request's host or target is none, and it is refused.
 */
export function proxy(
  request: Request,
  url: RequestUrl | undefined,
  context: ProxyContext,
): Promise<Response> {
  const work = serve(request, url, context);
  context.waitUntil(work);
  return work;
}

/** It awaits only what has to be waited for: in workerd a promise costs about a microsecond, settled or not. */
async function serve(
  request: Request,
  url: RequestUrl | undefined,
  context: ProxyContext,
): Promise<Response> {
  const event = eventOf(request, url);
  const { env, isolate, waitUntil } = context;
  const active = isolate.known ?? (await isolate.config(env));
  if (!active.ok) return refuseUnrouted(request, url && "misconfigured", event, active, waitUntil);
  const found = findRoute(request, url, active);
  if (typeof found === "string") return refuseUnrouted(request, found, event, active, waitUntil);
  const lingerer = new Lingerer(active, () => found.source.address, waitUntil);
  const tx = new Transaction(request, context, active.config, event, lingerer, found);

  const entering = enterRoute(tx, active);
  const closed = entering instanceof Promise ? await entering : entering;
  if (closed !== undefined) return refuseRequest(tx, closed, unreadOf(request));
  const preparing = prepareRequest(tx);
  const prepared = preparing instanceof Promise ? await preparing : preparing;
  if ("kind" in prepared) return refuseRequest(tx, { kind: "error", error: prepared }, unreadOf(request));
  tx.uploaded = prepared.uploaded();
  const readying = runOnReady(tx);
  const early = readying instanceof Promise ? await readying : readying;
  if (early !== undefined) {
    prepared.forgetBody();
    return refuseRequest(tx, early, prepared.takeBack());
  }

  const result = await askOrigins(tx, prepared);
  if (result.kind === "error") return refuseRequest(tx, result, prepared.takeBack());
  const heard = runOnResponse(tx, result);
  const response = heard instanceof Promise ? await heard : heard;
  return response.kind === "served"
    ? finishResponse(response, tx, prepared)
    : replaceResponse(tx, result, response, prepared);
}

/** What is known of the request from the start. */
function eventOf({ method }: Request, url: RequestUrl | undefined): RequestEvent {
  const { hostname: host = "", path = "" } = url ?? {};
  return requestEvent({ requestId: crypto.randomUUID(), method, host, path, startedMs: Date.now() });
}

/** Enters the filters of the route, and of each route that they send the request on to. Resolves to the answer that one of them gives. */
function enterRoute(tx: Transaction, active: ServingConfig): MaybePromise<OwnAnswer | undefined> {
  const verdict = runOnRequest(tx);
  if (verdict === undefined) return undefined;
  return verdict instanceof Promise
    ? verdict.then((late) => follow(tx, active, late))
    : follow(tx, active, verdict);
}

async function follow(
  tx: Transaction,
  active: ServingConfig,
  first: RequestVerdict | undefined,
): Promise<OwnAnswer | undefined> {
  let verdict = first;
  for (let reroutes = 0; verdict?.kind === "reroute"; reroutes++) {
    if (reroutes === maxReroutes) {
      tx.event.failure = "reroute-cycle";
      return { kind: "error", error: { kind: "misconfigured" } };
    }
    // Where there is no such route, the one that it has answers.
    const found = findRoute(tx.request, verdict.url, active);
    if (typeof found === "string") return { kind: "error", error: { kind: found } };
    runOnEnd(tx, { kind: "rerouted" });
    tx.reroute(found);
    verdict = await runOnRequest(tx);
  }
  return verdict?.answer;
}

/** The answer to a request that gets to no route, and so to no filter. */
function refuseUnrouted(
  request: Request,
  why: Unrouted | "misconfigured" | undefined,
  event: RequestEvent,
  active: ActiveConfig,
  waitUntil: ProxyContext["waitUntil"],
): MaybePromise<Response> {
  const { requestId, method } = event;
  const error: ProxyError = { kind: why ?? "bad-request" };
  event.status = errorStatus(error);
  event.failure = error.kind;
  logRequest(event, Date.now());
  const answer = errorResponse(error, { accept: request.headers.get("Accept"), requestId, method });
  // Which proxies are believed is for routes to say.
  const lingerer = new Lingerer(active, () => clientAddress(request, "workerd"), waitUntil);
  return lingerer.behind(answer, method, unreadOf(request));
}
