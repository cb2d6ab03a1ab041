/**
 * Commands to try on a running Weir. Each works as printed, so they are made for the config that runs and the state
 * it is in: one that spills needs two pools, one that takes an origin out needs another that serves on.
 */
import type { Config } from "../../worker/config/sections/config.ts";
import type { OriginConfig } from "../../worker/config/sections/origin.ts";
import type { RouteConfig } from "../../worker/config/sections/route.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";
import { localPort } from "../local/simulated-origins.ts";
import type { StartFacts } from "./facts.ts";
import { orderWords, standingOrders } from "./operator-orders.ts";

export interface Suggestion {
  /** What it shows, in a few words. */
  readonly what: string;
  /** A line for a POSIX shell. */
  readonly command: string;
}

/** Where `weir drain` and `weir up` look without being told. */
const usualPort = 8787;
const usualTokenFile = ".weir/admin-token";

const localNames = ["localhost", "127.0.0.1"] as const;
type LocalName = (typeof localNames)[number];

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
    what: `bring ${origin} back: an operator's order keeps it ${orderWords[state]}`,
    command: orderCommand(facts, upstream, origin, "up"),
  }));

function oneRequest(facts: StartFacts, route: RouteConfig, home: readonly OriginConfig[]): Suggestion {
  const what = areSimulated(facts, home)
    ? "one request; X-Origin names the origin that answered"
    : "one request";
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
      // One process that opens them all: so many processes would start one after the other, on a busy machine not within a second.
      command: `curl -sZ --no-progress-meter --parallel-immediate --parallel-max ${crowd} ${hostHeader(route)}'localhost:${facts.port}/slow/1000?[1-${crowd}]' | grep -o '"origin":"[^"]*"' | sort | uniq -c`,
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
      what: `take ${first.name} out of service gently; bring it back with weir up`,
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

/** In the words of `weir drain` and `weir up`, which find Weir and its token by themselves where those are in the usual places. */
function orderCommand(
  { port, config, tokenFile }: StartFacts,
  upstream: string,
  origin: string,
  order: "drain" | "up",
): string {
  const isAmbiguous = config.upstreams.some(
    ({ name, pools }) =>
      name !== upstream && pools.some(({ origins }) => origins.some((one) => one.name === origin)),
  );
  const { name, host } = apiHost(config, "127.0.0.1");
  const isUsual = port === usualPort && name === "127.0.0.1";
  return [
    `npx weir ${order} ${origin}`,
    ...(isAmbiguous ? [`--upstream ${upstream}`] : []),
    ...(isUsual ? [] : [`--url http://${name}:${port}`]),
    ...(host === undefined ? [] : [`--host ${host}`]),
    ...(tokenFile === undefined || tokenFile === usualTokenFile
      ? []
      : [`--token-file ${shellWord(tokenFile)}`]),
  ].join(" ");
}

function apiOf({ port, config, tokenFile }: StartFacts): string {
  const { name, host } = apiHost(config, "localhost");
  const header = host === undefined ? "" : `-H 'Host: ${host}' `;
  const token = tokenFile === undefined ? "$WEIR_ADMIN_TOKEN" : `$(cat ${shellWord(tokenFile)})`;
  return `-H "Authorization: Bearer ${token}" ${header}${name}:${port}/_weir/api/v1/upstreams`;
}

/**
 * By which name of this machine the API is reached, and which Host must be sent if it is none of them. On a host that is not the
 * API's the token would be told to an origin.
 */
function apiHost(
  { admin: { hosts } }: Config,
  usual: LocalName,
): { readonly name: LocalName; readonly host?: string } {
  const known = [usual, ...localNames].find((name) => hosts === undefined || hosts.includes(name));
  if (known !== undefined) return { name: known };
  const [host] = hosts ?? [];
  return { name: usual, ...(host !== undefined && { host }) };
}

/** The text as one word of a shell's line. */
const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Where a request takes this route. */
const addressOf = ({ port }: StartFacts, route: RouteConfig): string =>
  `${hostHeader(route)}localhost:${port}`;

/** An option of curl's with a space behind it; empty for a route of every host. */
const hostHeader = ({ host }: RouteConfig): string =>
  host === undefined ? "" : `-H 'Host: ${host.replace("*", "www")}' `;

const simulatedName = ({ simulated }: StartFacts, origin: OriginConfig): string | undefined =>
  simulated?.names.get(localPort(origin) ?? 0);

const areSimulated = (facts: StartFacts, origins: readonly OriginConfig[]): boolean =>
  origins.every((origin) => simulatedName(facts, origin) !== undefined);
