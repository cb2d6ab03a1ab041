/**
 * The headers of a response on their way to the client: the origin's, without what belongs to its connection or names the
 * origin itself, and Weir's own.
 */
import type { Target } from "../../../core/protocol/config-section.ts";
import type { GrantedPick } from "../../../core/protocol/pick.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import type { UpstreamClient } from "../../objects/upstream-client.ts";
import type { RequestEvent } from "../../telemetry/access-log.ts";
import { baseUrl } from "../../transport/base-url.ts";
import type { Served } from "../attempt/attempt-loop.ts";
import { dropChallenges } from "../attempt/connection-login.ts";
import { dropFromClients, has } from "../request/forwarding-headers.ts";
import type { RequestSource } from "../request/request-source.ts";
import { rewriteCookies, rewriteRedirects } from "./rewrite-response.ts";

export interface ClientHeaderFacts {
  readonly platform: Target;
  /** Knows the origin that answered. */
  readonly client: Pick<UpstreamClient, "originOf">;
  readonly upstream: ActiveUpstream;
  readonly event: RequestEvent;
  /** Who asked. */
  readonly source: RequestSource;
  /** A sticky session's cookie to set. */
  readonly cookie: string | undefined;
  /** The route's Strict-Transport-Security, if the request came by https. */
  readonly hsts: string | undefined;
  /** Weir's name in Via; absent: no Via. */
  readonly via: string | undefined;
  /** The route wants the response to say how it came about. */
  readonly debug: boolean;
}

/** The response, which has a copy of the origin's headers, with those that are for the client. */
export function withClientHeaders(
  sent: Response,
  { response, pick }: Served,
  context: ClientHeaderFacts,
): Response {
  const { headers } = sent;
  const { rewrite } = context.upstream.config;
  const found = dropFromClients(headers, response.headers);
  if ((found & has.redirect) !== 0 && rewrite.redirects) {
    const [served, ...others] = originUrls(context.upstream, pick.origin);
    if (served !== undefined) rewriteRedirects(headers, served, others, context.source);
  }
  if ((found & has.cookie) !== 0) rewriteCookies(headers, rewrite);
  if ((found & has.challenge) !== 0) withoutChallenges(headers, pick, context);
  // RFC 9110 §6.6.1: a proxy that passes on a response without a date adds one.
  if ((found & has.date) === 0) headers.set("Date", new Date().toUTCString());
  return withOwnHeaders(sent, context);
}

/** Takes off the challenges that no client could answer. */
export function withoutChallenges(
  headers: Headers,
  pick: GrantedPick,
  { upstream, client, platform }: ClientHeaderFacts,
): void {
  const origin = client.originOf(pick);
  if (origin !== undefined) dropChallenges(headers, { upstream: upstream.config.name, origin, platform });
}

/** Adds Weir's own headers to a response, whether an origin or Weir made its body. */
export function withOwnHeaders(sent: Response, facts: ClientHeaderFacts): Response {
  const { event, cookie, debug, via, hsts } = facts;
  const { headers } = sent;
  headers.set("X-Request-Id", event.requestId);
  if (hsts !== undefined) headers.set("Strict-Transport-Security", hsts);
  if (via !== undefined) headers.append("Via", `1.1 ${via}`);
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
  return origins
    .toSorted((a, b) => Number(b.name === name) - Number(a.name === name))
    .map((origin) => baseUrl(origin));
}
