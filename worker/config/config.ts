/**
 * The configuration after parsing: complete (every default filled in), durations in milliseconds, `${ENV:NAME}`
 * resolved. What a user writes is described by `schema.ts`; what the rules need of it by `core/upstream.ts`.
 */
import type { Autoscale, Millis, Origin, Pool, Priority, Upstream } from "../../core/upstream.ts";
import type { UrlPattern } from "./url-pattern.ts";

/** The location hints of Durable Objects; spelt out, so that a config can be parsed where Workers' types are not. */
export const locationHints = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
] as const;
export type LocationHint = (typeof locationHints)[number];

/** Where Weir runs. */
export const targets = ["edge", "workerd"] as const;
export type Target = (typeof targets)[number];

/** How an origin is reached: a public `fetch`, or the `fetch` of a binding (VPC, another Worker). */
export type Via = "fetch" | { readonly binding: string };

export interface OriginConfig extends Origin {
  /** Scheme, host and port, and a path prefix if any; never ends in a slash. No query, no credentials. */
  readonly url: string;
  readonly via: Via;
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

export interface UpstreamConfig extends Upstream {
  readonly autoscale?: AutoscaleConfig;
  readonly regions: readonly LocationHint[];
  readonly pools: readonly PoolConfig[];
  /** Where the upstream's objects are created (a Durable Object location hint); absent: near the first request. */
  readonly location?: LocationHint;
}

/** `host` is lower case, exact or `*.suffix`; absent: any. At most one of `prefix` and `exact`; neither: any path. */
export interface RouteConfig {
  readonly host?: string;
  readonly prefix?: string;
  readonly exact?: string;
  readonly upstream: string;
  /** Of its requests, or the header (lower case) that says so; absent: that of the upstream's queue. */
  readonly priority?: Priority | { readonly header: string };
  /** Responses say how they came about. */
  readonly debug: boolean;
}

export interface Config {
  /** Where it runs: on Cloudflare, or on a workerd of one's own. Decides which client address is vouched for. */
  readonly target: Target;
  /** Hosts on which `/_weir/` is Weir's; absent: all; empty: none. */
  readonly admin: { readonly hosts?: readonly string[] };
  readonly upstreams: readonly UpstreamConfig[];
  readonly routes: readonly RouteConfig[];
}
