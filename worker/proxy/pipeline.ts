/**
 * A request's life, top to bottom: match route → what it answers itself → prepare once → [pick → attempt → decide]* → finish → record.
 * Plain functions over plain values; the web framework is around it, not in it.
 */
import { namesHost } from "../../core/routing/match.ts";
import { chooseRoute } from "../../core/routing/choose.ts";
import type { ActiveConfig, ActiveUpstream } from "../active-config.ts";
import type { Config } from "../config/sections/config.ts";
import type { RouteConfig } from "../config/sections/route.ts";
import type { Isolate } from "../isolate.ts";
import type { UpstreamClient } from "../objects/upstream-client.ts";
import type { Env } from "../env.ts";
import { logRequest, requestEvent, type RequestEvent } from "../telemetry/access-log.ts";
import { attemptInTurn } from "./attempt/attempt-loop.ts";
import { clientAddress } from "./request/client-address.ts";
import type { ClientBody } from "./request/client-body.ts";
import { errorResponse, errorStatus, type Asked, type ProxyError } from "./response/error-response.ts";
import { finishResponse } from "./response/finish-response.ts";
import { Lingerer, unreadOf } from "./response/lingering.ts";
import { prepareRequest, type RequestFacts } from "./request/prepare-request.ts";
import { requestPriority } from "./request/priority.ts";
import { requestSource, type RequestSource } from "./request/request-source.ts";
import type { RequestUrl } from "./request/request-url.ts";
import { gate } from "./request/route-gate.ts";
import { openSession, sessionCookie } from "./request/session.ts";

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

/** It awaits only what has to be waited for: in workerd a promise costs about a microsecond, settled or not. */
async function serve(
  request: Request,
  url: RequestUrl | undefined,
  { env, isolate, waitUntil }: ProxyContext,
): Promise<Response> {
  const event = eventOf(request, url);
  const active = isolate.known ?? (await isolate.config(env));
  const routed = findRoute(request, url, active);
  const lingerer = new Lingerer(active, () => addressOf(routed, request), waitUntil);
  if (typeof routed === "string")
    return refuse(event, { kind: routed }, askedOf(request, event), lingerer, unreadOf(request));
  const { config, route, upstream, source } = routed;
  event.upstream = upstream.config.name;
  const hsts = source.scheme === "https" ? route.https?.hsts : undefined;
  // Made only where Weir answers: reading a header costs.
  const asked = (): Asked => ({ ...askedOf(request, event), hsts, pages: upstream.config.errors?.pages });
  const closed = gate(route, request, source, routed.url);
  if (closed !== undefined) return refuse(event, closed, asked(), lingerer, unreadOf(request));
  const preparing = prepareRequest(request, factsOf(request, routed, event, env));
  const prepared = preparing instanceof Promise ? await preparing : preparing;
  if ("kind" in prepared) return refuse(event, prepared, asked(), lingerer, unreadOf(request));
  const { codec, reports } = upstream;
  const session = codec === undefined ? {} : await openSession(upstream, prepared.headers, event.startedMs);
  const client = isolate.client(upstream, request);

  const result = await attemptInTurn({ env, upstream, client, request: prepared, session, event, waitUntil });
  tallySpill(event, client);
  const { alarm, clientSignal, uploaded } = prepared;
  prepared.forgetBody();
  if (result.kind === "error") {
    alarm.stop();
    const flushed = client.flush(env, Date.now());
    if (flushed !== undefined) waitUntil(flushed);
    return refuse(event, result.error, asked(), lingerer, prepared.takeBack());
  }
  const { pick, response, answeredMs: now } = result;
  const secure = source.scheme === "https";
  const cookie = codec && (await sessionCookie(upstream, session, pick, { secure, now }));
  const reading = reports && (await reports.read(pick.origin, response.headers, now));
  return finishResponse(result, {
    env,
    platform: config.target,
    upstream,
    client,
    event,
    clientSignal,
    uploaded,
    upload: prepared,
    lingerer,
    alarm,
    waitUntil,
    reading,
    asked,
    source,
    cookie,
    hsts,
    via: config.forwarding.via,
    debug: route.debug,
  });
}

/** What is known of the request from the start. */
function eventOf({ method }: Request, url: RequestUrl | undefined): RequestEvent {
  const { hostname: host = "", path = "" } = url ?? {};
  return requestEvent({ requestId: crypto.randomUUID(), method, host, path, startedMs: Date.now() });
}

/** Counts what the request's log line will say, once, whichever way its slot was granted: so the API and the log agree. */
function tallySpill({ pool, spill }: RequestEvent, client: UpstreamClient): void {
  if (pool !== undefined && spill !== undefined) client.holder.tally(pool, spill, 1);
}

/** Why a request gets to no route. */
type Unrouted = "bad-request" | "misconfigured" | "target-too-long" | "no-route" | "ambiguous-path";

/** What a request is for, and where it comes from. */
interface Routed {
  readonly url: RequestUrl;
  readonly config: Config;
  readonly route: RouteConfig;
  readonly upstream: ActiveUpstream;
  readonly source: RequestSource;
}

function findRoute(request: Request, url: RequestUrl | undefined, active: ActiveConfig): Routed | Unrouted {
  if (url === undefined) return "bad-request";
  if (!active.ok) return "misconfigured";
  const { config, upstreams } = active;
  if (url.target.length > config.limits.targetBytes) return "target-too-long";
  const choice = chooseRoute(config.routes, url);
  if (choice.kind !== "route") return choice.kind;
  const { route, target } = choice;
  const upstream = upstreams.get(route.upstream);
  if (upstream === undefined) return "no-route";
  const isNamed = (host: string): boolean =>
    namesHost(
      config.routes.filter((other) => other.upstream === route.upstream),
      host,
    );
  const source = requestSource(request, url, config.target, config.forwarding, isNamed);
  return { url: target === url.target ? url : { ...url, target }, config, route, upstream, source };
}

/** The client's address. Of a request that no route takes only the peer is known. */
function addressOf(routed: Routed | Unrouted, request: Request): string | undefined {
  return typeof routed === "string" ? clientAddress(request, "workerd") : routed.source.address;
}

function factsOf(
  request: Request,
  { url, config, route, upstream, source }: Routed,
  { requestId: id, method }: RequestEvent,
  env: Env,
): RequestFacts {
  const adminToken = env.WEIR_ADMIN_TOKEN ?? undefined;
  const { loopId } = upstream;
  const { policy, queue } = upstream.config;
  const priority = requestPriority(route, request, queue?.priority);
  return { id, method, url, source, config, route, policy, priority, adminToken, loopId };
}

/** What an answer of Weir's own goes by. */
function askedOf(request: Request, { requestId, method }: RequestEvent): Asked {
  return { accept: request.headers.get("Accept"), requestId, method };
}

/** Weir's own answer, for want of an origin's. @param rest what the client may still be sending. */
function refuse(
  event: RequestEvent,
  error: ProxyError,
  asked: Asked,
  lingerer: Lingerer,
  rest: ClientBody | undefined,
): Response | Promise<Response> {
  event.status = errorStatus(error);
  event.failure ??= error.kind === "unavailable" ? error.why : error.kind;
  logRequest(event, Date.now());
  return lingerer.behind(errorResponse(error, asked), asked.method, rest);
}
