/**
 * Commands to try on a running Weir. Each works as printed, so they are made for the config that runs and the state
 * it is in: one that spills needs two pools, one that takes an origin out needs another that serves on.
 */
import type { OriginConfig, RouteConfig, UpstreamConfig } from "../../worker/config/config.ts";
import { localPort } from "../local/simulated-origins.ts";
import type { StartFacts } from "./facts.ts";
import { orderWords, standingOrders } from "./operator-orders.ts";

export interface Suggestion {
  /** What it shows, in a few words. */
  readonly what: string;
  /** A line for a POSIX shell. */
  readonly command: string;
}

/** How many requests at once are sure to be more than the home pool's slots. */
const crowdFactor = 2.5;

/** The commands for these facts; first those that undo what keeps an origin out of service. */
export function suggestions(facts: StartFacts): Suggestion[] {
  const { routes, upstreams } = facts.config;
  const route = routes.find(({ host, prefix, exact }) => !host && !prefix && !exact) ?? routes[0];
  const upstream = upstreams.find(({ name }) => name === route?.upstream);
  if (route === undefined || upstream === undefined) return [];
  const serving = servingOrigins(facts, upstream);
  const home = serving.filter((origin) => upstream.pools[0]?.origins.includes(origin));
  return [
    ...undoing(facts),
    oneRequest(facts, route, home),
    ...crowd(facts, route, upstream, home),
    ...order(facts, upstream, home, serving),
    ...kill(facts, home, serving),
  ];
}

/** All that no operator has taken out. */
function servingOrigins(facts: StartFacts, { name, pools }: UpstreamConfig): OriginConfig[] {
  const orders = standingOrders(facts).filter(({ upstream }) => upstream === name);
  const out = new Set(orders.map(({ origin }) => origin));
  return pools.flatMap(({ origins }) => origins).filter((origin) => !out.has(origin.name));
}

const undoing = (facts: StartFacts): Suggestion[] =>
  standingOrders(facts).map(({ upstream, origin, state }) => ({
    what: `bring ${origin} back: an operator's order keeps it ${orderWords[state].state}`,
    command: orderCommand(facts, upstream, origin, orderWords[state].undo),
  }));

function oneRequest(facts: StartFacts, route: RouteConfig, home: readonly OriginConfig[]): Suggestion {
  const what = areSimulated(facts, home) ? "one request; X-Origin says who answered" : "one request";
  return { what, command: `curl -i ${addressOf(facts, route)}${route.exact ?? route.prefix ?? "/"}` };
}

function crowd(
  facts: StartFacts,
  route: RouteConfig,
  { pools }: UpstreamConfig,
  home: readonly OriginConfig[],
): Suggestion[] {
  const slots = home.reduce((sum, { maxConns }) => sum + (maxConns ?? Number.POSITIVE_INFINITY), 0);
  const isKnown = Number.isFinite(slots) && pools[0]?.capacity === undefined;
  const spills = home.length > 0 && pools.length > 1 && isKnown;
  const takesAnyPath = route.exact === undefined && route.prefix === undefined;
  if (!spills || !takesAnyPath || !areSimulated(facts, home)) return [];
  const crowd = Math.ceil(slots * crowdFactor);
  return [
    {
      what: `${crowd} at once: ${pools[0]?.name} fills its ${slots} slots, the rest spills`,
      command: `seq ${crowd} | xargs -P${crowd} -I{} curl -s ${addressOf(facts, route)}/slow/1000 | grep -o '"origin":"[^"]*"' | sort | uniq -c`,
    },
  ];
}

/** A drain, where it does not end the service; else a look at the state. */
function order(
  facts: StartFacts,
  { name }: UpstreamConfig,
  [first]: readonly OriginConfig[],
  serving: readonly OriginConfig[],
): Suggestion[] {
  if (facts.views === undefined) return [];
  if (first === undefined || serving.length < 2) {
    return [
      {
        what: "the live state of every origin",
        command: `curl -s ${apiOf(facts)}`,
      },
    ];
  }
  return [
    {
      what: `take ${first.name} out of service gently; bring it back with …/undrain`,
      command: orderCommand(facts, name, first.name, "drain"),
    },
  ];
}

function kill(
  facts: StartFacts,
  home: readonly OriginConfig[],
  serving: readonly OriginConfig[],
): Suggestion[] {
  const victim = home.at(-1);
  const name = victim && simulatedName(facts, victim);
  if (name === undefined || !areSimulated(facts, home)) return [];
  const note = serving.length < 2 ? ", the only one" : "";
  return [
    {
      what: `kill ${name}${note}; bring it back with …/revive`,
      command: `curl -X POST ${facts.simulated?.controlUrl}/origins/${name}/kill`,
    },
  ];
}

const orderCommand = (facts: StartFacts, upstream: string, origin: string, order: string): string =>
  `curl -X POST ${apiOf(facts)}/${upstream}/origins/${origin}/${order}`;

/** Elsewhere than on its hosts the API is not Weir's, and the token would be told to an origin. */
function apiOf({ port, config, adminToken }: StartFacts): string {
  const { hosts } = config.admin;
  const host = hosts === undefined || hosts.includes("localhost") ? "" : `-H 'Host: ${hosts[0]}' `;
  return `-H 'Authorization: Bearer ${adminToken}' ${host}localhost:${port}/_weir/api/v1/upstreams`;
}

/** Where a request takes this route. */
function addressOf({ port }: StartFacts, { host }: RouteConfig): string {
  const header = host === undefined ? "" : `-H 'Host: ${host.replace("*", "www")}' `;
  return `${header}localhost:${port}`;
}

const simulatedName = ({ simulated }: StartFacts, origin: OriginConfig): string | undefined =>
  simulated?.names.get(localPort(origin) ?? 0);

const areSimulated = (facts: StartFacts, origins: readonly OriginConfig[]): boolean =>
  origins.every((origin) => simulatedName(facts, origin) !== undefined);
