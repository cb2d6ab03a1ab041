/**
 * A request's life, top to bottom: match route → prepare once → [pick → attempt → decide]* → finish → record.
 * Plain functions over plain values; the web framework is around it, not in it.
 */
import { matchRoute } from "../../core/routing/match.ts";
import type { Isolate } from "../coordination/isolate.ts";
import type { Env } from "../env.ts";
import { logRequest, type RequestEvent } from "./access-log.ts";
import { attemptInTurn } from "./attempt-loop.ts";
import { errorResponse, errorStatus, type ProxyError } from "./error-response.ts";
import { finishResponse } from "./finish-response.ts";
import { prepareRequest } from "./prepare-request.ts";
import { requestPriority } from "./priority.ts";
import type { RequestUrl } from "./request-url.ts";
import { openSession, sessionCookie } from "./session.ts";

export interface ProxyContext {
  readonly env: Env;
  readonly isolate: Isolate;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

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

async function serve(
  request: Request,
  url: RequestUrl | undefined,
  context: ProxyContext,
): Promise<Response> {
  const { env, isolate, waitUntil } = context;
  const event: RequestEvent = {
    requestId: crypto.randomUUID(),
    method: request.method,
    host: url?.hostname ?? "",
    path: url?.path ?? "",
    startedMs: Date.now(),
    attempts: 0,
  };
  if (url === undefined) return refuse(request, event, { kind: "bad-request" });
  const active = isolate.known ?? (await isolate.config(env));
  if (!active.ok) return refuse(request, event, { kind: "misconfigured" });
  const route = matchRoute(active.config.routes, url.hostname, url.routingPath);
  const upstream = route === undefined ? undefined : active.upstreams.get(route.upstream);
  if (route === undefined || upstream === undefined) return refuse(request, event, { kind: "no-route" });
  event.upstream = upstream.config.name;

  const { policy, queue } = upstream.config;
  const priority = requestPriority(route, request.headers, queue?.priority);
  const adminToken = env.WEIR_ADMIN_TOKEN ?? undefined;
  const facts = { id: event.requestId, url, platform: active.config.target, policy, priority, adminToken };
  const prepared = await prepareRequest(request, facts);
  if ("kind" in prepared) return refuse(request, event, prepared);
  const session =
    upstream.codec === undefined ? {} : await openSession(upstream, prepared.headers, event.startedMs);
  const client = isolate.client(upstream, request);

  const result = await attemptInTurn({ env, upstream, client, request: prepared, session, event, waitUntil });
  if (result.kind === "error") {
    prepared.alarm.stop();
    const flushed = client.flush(env);
    if (flushed !== undefined) waitUntil(flushed);
    return refuse(request, event, result.error);
  }
  const seen = { secure: url.scheme === "https", now: Date.now() };
  const cookie =
    upstream.codec === undefined ? undefined : await sessionCookie(upstream, session, result.pick, seen);
  const reading =
    upstream.reports === undefined
      ? undefined
      : await upstream.reports.read(result.pick.origin, result.response.headers, seen.now);
  const { alarm, clientSignal, uploaded } = prepared;
  return finishResponse(result, {
    env,
    upstream,
    client,
    event,
    clientSignal,
    uploaded,
    alarm,
    waitUntil,
    cookie,
    reading,
    debug: route.debug,
  });
}

/** Weir's own answer, for want of an origin's. */
function refuse(request: Request, event: RequestEvent, error: ProxyError): Response {
  event.status = errorStatus(error);
  event.failure ??= error.kind === "unavailable" ? error.why : error.kind;
  logRequest(event);
  const accept = request.headers.get("Accept");
  return errorResponse(error, { accept, requestId: event.requestId, method: request.method });
}
