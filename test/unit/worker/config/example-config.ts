/** Small configs to vary: the least that is valid, and the same with one part replaced. */
import type { WeirConfig, WeirUpstreamConfig } from "../../../../worker/config/weir-config.ts";

/** The least that is valid: one upstream of one origin, one route. */
export function leastConfig(): WeirConfig {
  return { upstreams: { shop: leastUpstream() }, routes: [{ upstream: "shop" }] };
}

export function leastUpstream(): WeirUpstreamConfig {
  return { pools: [{ name: "home", origins: [{ name: "a", url: "https://a.example.com" }] }] };
}

/** The least config with these parts in its upstream, of whatever type. */
export function withUpstream(parts: object, root: object = {}): object {
  return { ...leastConfig(), upstreams: { shop: { ...leastUpstream(), ...parts } }, ...root };
}

/** … with these parts in its only origin. */
export function withOrigin(parts: object, root: object = {}): object {
  return withOrigins([{ name: "a", url: "https://a.example.com", ...parts }], root);
}

/** … with these origins in its only pool. */
export function withOrigins(origins: readonly object[], root: object = {}): object {
  return withUpstream({ pools: [{ name: "home", origins }] }, root);
}

/** … with these routes. */
export function withRoutes(...routes: readonly object[]): object {
  return { ...leastConfig(), routes };
}

/** An environment that holds nothing. */
export const emptyEnv = (): undefined => undefined;
