/** A config on this machine: the same, but all its origins are in one server (`echo-site.ts`), and no time is short. */
import type {
  WeirConfig,
  WeirOrigin,
  WeirRoute,
  WeirUpstreamConfig,
} from "../../../worker/config/weir-config.ts";
import { pathOf, type Place } from "./echo-site.ts";
import { without } from "./places.ts";

/** The bindings that its origins name: each leads to the server, whatever the URL says. */
export function bindingsOf({ upstreams }: WeirConfig): string[] {
  const origins = Object.values(upstreams).flatMap(({ pools }) => pools.flatMap(({ origins }) => origins));
  return origins.flatMap(({ via }) => (typeof via === "object" ? [via.binding] : []));
}

/** Long enough for a machine that has much else to do: then no timeout is to be expected of the config. */
const patience = { headers: "20s", total: "40s", exchange: "5s" };

export function runnable(config: WeirConfig, address: string): WeirConfig {
  const upstreams = Object.entries(config.upstreams).map(([name, upstream], index) => [
    name,
    runnableUpstream(upstream, index, address),
  ]);
  const { trusted } = config.forwarding ?? {};
  return {
    ...config,
    ...(trusted && { forwarding: { ...config.forwarding, trusted: trusted.map(nearby) } }),
    target: "workerd",
    upstreams: Object.fromEntries(upstreams),
    routes: config.routes.map((route) => runnableRoute(route, Object.keys(config.upstreams)[0] ?? "")),
  };
}

/** The trial's own address is in one of the networks that configs name. */
const nearby = (network: string): string => (network === "10.0.0.0/8" ? "127.0.0.0/8" : network);

/** Without rules and limits of requests, which have tests of their own: what they do would have to be written a second time. */
function runnableRoute(written: WeirRoute, first: string): WeirRoute {
  const route = {
    ...without(written, "rules", "rateLimits", "concurrency"),
    upstream: written.upstream ?? first,
  };
  const { maintenance, when } = route;
  return {
    ...route,
    ...(when && { when: { ...nearbyClients(when), ...(when.not && { not: nearbyClients(when.not) }) } }),
    ...(typeof maintenance === "object" && {
      maintenance: { ...maintenance, ...(maintenance.allow && { allow: maintenance.allow.map(nearby) }) },
    }),
  };
}

function nearbyClients<When extends { readonly clients?: readonly string[] }>(when: When): When {
  return { ...when, ...(when.clients && { clients: when.clients.map(nearby) }) };
}

function runnableUpstream(upstream: WeirUpstreamConfig, u: number, address: string): WeirUpstreamConfig {
  const { pools, health, autoscale, timeouts } = upstream;
  return {
    ...upstream,
    pools: pools.map((pool, p) => ({
      ...pool,
      origins: pool.origins.map((origin, o) => runnableOrigin(origin, `${u}-${p}-${o}`, address)),
    })),
    ...(typeof health === "object" && {
      // Nor of probes: rounds that are late on a busy machine are fewer than it takes.
      health: { ...without(health, "timeout"), fall: Math.max(3, health.fall ?? 3) },
    }),
    timeouts: { ...timeouts, ...patience },
    ...(autoscale && {
      autoscale: { ...autoscale, webhook: { ...autoscale.webhook, url: `http://${address}/order` } },
    }),
  };
}

/** A public fetch goes to the server itself, and in the clear: no token goes with it. */
function runnableOrigin(origin: WeirOrigin, place: Place, address: string): WeirOrigin {
  const url = new URL(origin.url);
  url.pathname = pathOf(place) + url.pathname;
  if ((origin.via ?? "fetch") !== "fetch") {
    // A connection of the request's own is as secure as the URL says, and the server is not; `fetch` leaves that to the binding.
    if (origin.connection === "each") url.protocol = "http:";
    return { ...origin, url: url.href };
  }
  return { ...without(origin, "access"), url: `http://${address}${url.pathname}` };
}
