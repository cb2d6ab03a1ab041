/**
 * The configuration after parsing: complete (every default filled in), durations in milliseconds, `${ENV:NAME}`
 * resolved. What a user writes is described by `schema.ts`; what the rules need of it by `core/model/upstream.ts`.
 */
import type { Autoscale, Millis, Origin, Pool, Priority, Upstream } from "../../core/model/upstream.ts";
import type { Target } from "../../core/protocol/config-section.ts";
import type { LocationHint } from "../../core/protocol/object-namespace.ts";
import type { Network } from "./kinds/network.ts";
import type { StatusRange } from "./kinds/status-range.ts";
import type { UrlPattern } from "./kinds/url-pattern.ts";

/** What a binding is, as far as it makes a difference. */
export const bindingKinds = ["vpc-network", "vpc-service", "worker", "mtls"] as const;
export type BindingKind = (typeof bindingKinds)[number];

/** How an origin is reached: a public `fetch`, or the `fetch` of a binding. */
export type Via = "fetch" | { readonly binding: string; readonly kind?: BindingKind };

/** Which connections requests to an origin have: one each, such as others have used, or what suits the origin. */
export const connections = ["auto", "each", "reuse"] as const;
export type ConnectionChoice = (typeof connections)[number];

export interface OriginConfig extends Origin {
  /** Scheme, host and port, and a path prefix if any; never ends in a slash. No query, no credentials. */
  readonly url: string;
  readonly via: Via;
  readonly connection: ConnectionChoice;
  /** The Host that it sees: the one that the client asked for, or always the same; absent: that of `url`. */
  readonly host?: "preserve" | { readonly literal: string };
  /** The service token that Cloudflare Access lets Weir in by. */
  readonly access?: { readonly id: string; readonly secret: string };
}

/** How origins register themselves with a pool. */
export interface RegisterConfig {
  /** What they sign with. */
  readonly secret: string;
  /** From one heartbeat to the next. */
  readonly everyMs: Millis;
  /** Where they may be. */
  readonly urls: readonly UrlPattern[];
  readonly max: number;
  /** Of each of them; absent: no limit. */
  readonly maxConns?: number;
}

export interface PoolConfig extends Pool {
  readonly origins: readonly OriginConfig[];
  /** Absent: nobody registers. */
  readonly register?: RegisterConfig;
}

/** Where orders for instances go, and what they are signed with. */
export interface ScaleHookConfig {
  readonly url: string;
  readonly secret: string;
}

export interface AutoscaleConfig extends Autoscale {
  readonly webhook: ScaleHookConfig;
}

/** How what an origin says of itself becomes true for clients. Empty lists: nothing of the kind is rewritten. */
export interface RewriteConfig {
  /** Location and Refresh. */
  readonly redirects: boolean;
  /** In lower case and without a leading dot; to `""`: the attribute is left out. */
  readonly cookieDomains: readonly { readonly from: string; readonly to: string }[];
  /** The longest first. */
  readonly cookiePaths: readonly { readonly from: string; readonly to: string }[];
}

/** The most specific range first. */
export interface ErrorsConfig {
  readonly pages: readonly (StatusRange & { readonly html: string })[];
  readonly intercept: readonly StatusRange[];
}

export interface UpstreamConfig extends Upstream {
  readonly rewrite: RewriteConfig;
  /** Absent: Weir's own pages, and the origins' own errors. */
  readonly errors?: ErrorsConfig;
  readonly autoscale?: AutoscaleConfig;
  readonly regions: readonly LocationHint[];
  readonly pools: readonly PoolConfig[];
  /** Where the upstream's objects are created (a Durable Object location hint); absent: near the first request. */
  readonly location?: LocationHint;
}

/** What becomes of requests that come by http, and what browsers are told of https. */
export interface HttpsConfig {
  readonly port: number;
  /** The value of Strict-Transport-Security; absent: none is sent. */
  readonly hsts?: string;
}

export interface MaintenanceConfig {
  readonly retryAfterMs: Millis;
  /** Absent: Weir's own. */
  readonly page?: string;
  readonly allow: readonly Network[];
}

/**
 * `host` is lower case, exact or `*.suffix`; absent: any. At most one of `prefix` and `exact`, in the form of a request's routing
 * path; neither: any path.
 */
export interface RouteConfig {
  readonly host?: string;
  readonly prefix?: string;
  readonly exact?: string;
  readonly upstream: string;
  /** Paths that servers read in different ways are passed on as they are; absent: refused. */
  readonly ambiguousPaths?: "keep";
  /** Of its requests, or the header (lower case) that says so; absent: that of the upstream's queue. */
  readonly priority?: Priority | { readonly header: string };
  /** Responses say how they came about. */
  readonly debug: boolean;
  /** With HEAD, if GET is among them; absent: all. */
  readonly methods?: readonly string[];
  /** Absent: no limit. */
  readonly maxRequestBytes?: number;
  readonly https?: HttpsConfig;
  readonly maintenance?: MaintenanceConfig;
}

/** Whose word about the client counts, and in which headers origins are told. */
export interface ForwardingConfig {
  readonly trusted: readonly Network[];
  /** What the trusted peers write. */
  readonly read: "x-forwarded" | "forwarded";
  /** Origins are told in Forwarded, besides X-Forwarded-*. */
  readonly forwarded: boolean;
  /** Absent: no Via. */
  readonly via?: string;
}

/** Of a request as it comes in. */
export interface LimitsConfig {
  readonly targetBytes: number;
  readonly headersBytes: number;
}

export interface Config {
  /** Where it runs: on Cloudflare, or on a workerd of one's own. Decides which client address is vouched for. */
  readonly target: Target;
  /** Hosts on which `/_weir/` is Weir's; absent: all; empty: none. */
  readonly admin: { readonly hosts?: readonly string[] };
  readonly forwarding: ForwardingConfig;
  readonly limits: LimitsConfig;
  readonly upstreams: readonly UpstreamConfig[];
  readonly routes: readonly RouteConfig[];
}
