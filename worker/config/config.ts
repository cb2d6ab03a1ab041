/**
 * The configuration after parsing: complete (every default filled in), durations in milliseconds, `${ENV:NAME}`
 * resolved. What a user writes is described by `schema.ts`; what the rules need of it by `core/upstream.ts`.
 */
import type { Autoscale, Origin, Pool, Priority, Upstream } from "../../core/upstream.ts";

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

export interface PoolConfig extends Pool {
  readonly origins: readonly OriginConfig[];
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
