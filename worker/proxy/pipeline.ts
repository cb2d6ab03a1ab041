/**
 * A request's life, top to bottom: match route → what it answers itself → prepare once → [pick → attempt → decide]* → finish → record.
 * Plain functions over plain values; the web framework is around it, not in it.
 */
import { chooseRoute } from "../../core/routing/choose.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { Config, RouteConfig } from "../config/config.ts";
import type { Isolate } from "../coordination/isolate.ts";
import type { Env } from "../env.ts";
import { logRequest, type RequestEvent } from "./access-log.ts";
import { attemptInTurn, type Served } from "./attempt-loop.ts";
import { errorResponse, errorStatus, type Asked, type ProxyError } from "./error-response.ts";
import { finishResponse, type FinishContext } from "./finish-response.ts";
import { prepareRequest } from "./prepare-request.ts";
import { requestPriority } from "./priority.ts";
import { requestSource, type RequestSource } from "./request-source.ts";
import type { RequestUrl } from "./request-url.ts";
import { gate } from "./route-gate.ts";
import { openSession, sessionCookie, type RequestSession } from "./session.ts";

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
  const { env, isolate } = context;
  const event: RequestEvent = {
    requestId: crypto.randomUUID(),
    method: request.method,
    host: url?.hostname ?? "",
    path: url?.path ?? "",
    startedMs: Date.now(),
    attempts: 0,
  };
  const refuseAs = (kind: RefusedUnrouted): Response => refuse(event, { kind }, askedOf(request, event));
  if (url === undefined) return refuseAs("bad-request");
  const active = isolate.known ?? (await isolate.config(env));
  if (!active.ok) return refuseAs("misconfigured");
  const { config } = active;
  if (url.target.length > config.limits.targetBytes) return refuseAs("target-too-long");
  const choice = chooseRoute(config.routes, url);
  if (choice.kind !== "route") return refuseAs(choice.kind);
  const { route, target } = choice;
  const upstream = active.upstreams.get(route.upstream);
  if (upstream === undefined) return refuseAs("no-route");
  event.upstream = upstream.config.name;
  const source = requestSource(request, url, config.target, config.forwarding);
  const sent = target === url.target ? url : { ...url, target };
  return forward(request, event, { url: sent, config, route, upstream, source }, context);
}

/** Why a request gets to no route. */
type RefusedUnrouted = "bad-request" | "misconfigured" | "target-too-long" | "no-route" | "ambiguous-path";

/** What a request is for, and where it comes from. */
interface Routed {
  readonly url: RequestUrl;
  readonly config: Config;
  readonly route: RouteConfig;
  readonly upstream: ActiveUpstream;
  readonly source: RequestSource;
}

async function forward(
  request: Request,
  event: RequestEvent,
  routed: Routed,
  { env, isolate, waitUntil }: ProxyContext,
): Promise<Response> {
  const { url, config, route, upstream, source } = routed;
  const hsts = source.scheme === "https" ? route.https?.hsts : undefined;
  // Made only where Weir answers: reading a header costs.
  const asked = (): Asked => ({ ...askedOf(request, event), hsts, pages: upstream.config.errors?.pages });
  const closed = gate(route, request, source, url);
  if (closed !== undefined) return refuse(event, closed, asked());
  const { policy, queue } = upstream.config;
  const priority = requestPriority(route, request.headers, queue?.priority);
  const adminToken = env.WEIR_ADMIN_TOKEN ?? undefined;
  const { loopId } = upstream;
  const facts = { id: event.requestId, url, source, config, route, policy, priority, adminToken, loopId };
  const prepared = await prepareRequest(request, facts);
  if ("kind" in prepared) return refuse(event, prepared, asked());
  const session =
    upstream.codec === undefined ? {} : await openSession(upstream, prepared.headers, event.startedMs);
  const client = isolate.client(upstream, request);

  const result = await attemptInTurn({ env, upstream, client, request: prepared, session, event, waitUntil });
  prepared.forgetBody();
  if (result.kind === "error") {
    prepared.alarm.stop();
    const flushed = client.flush(env);
    if (flushed !== undefined) waitUntil(flushed);
    return refuse(event, result.error, asked());
  }
  const { alarm, clientSignal, uploaded } = prepared;
  const { via } = config.forwarding;
  const { debug } = route;
  const platform = config.target;
  const seen = { env, platform, upstream, client, event, clientSignal, uploaded, alarm, waitUntil };
  return deliver(result, session, { ...seen, source, asked, hsts, via, debug });
}

/** What the origin's answer says of the origin, and of the session, and then the client's. */
async function deliver(
  served: Served,
  session: RequestSession,
  context: Omit<FinishContext, "cookie" | "reading">,
): Promise<Response> {
  const { upstream, source } = context;
  const { pick, response } = served;
  const seen = { secure: source.scheme === "https", now: Date.now() };
  const cookie =
    upstream.codec === undefined ? undefined : await sessionCookie(upstream, session, pick, seen);
  const reading =
    upstream.reports === undefined
      ? undefined
      : await upstream.reports.read(pick.origin, response.headers, seen.now);
  return finishResponse(served, { ...context, cookie, reading });
}

/** What an answer of Weir's own goes by. */
function askedOf(request: Request, { requestId, method }: RequestEvent): Asked {
  return { accept: request.headers.get("Accept"), requestId, method };
}

/** Weir's own answer, for want of an origin's. */
function refuse(event: RequestEvent, error: ProxyError, asked: Asked): Response {
  event.status = errorStatus(error);
  event.failure ??= error.kind === "unavailable" ? error.why : error.kind;
  logRequest(event);
  return errorResponse(error, asked);
}
