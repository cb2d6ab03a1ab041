/**
 * What is allowed in a config, but is seldom meant: each with its place, what was found, and what was probably meant.
 * Warnings are for people at a terminal; nothing depends on them. Pure.
 */
import type { Config } from "../../worker/config/sections/config.ts";
import type { OriginConfig } from "../../worker/config/sections/origin.ts";
import type { PoolConfig } from "../../worker/config/sections/pool.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";
import type { ConfigIssue } from "../../worker/config/parse/issue.ts";
import { formatPath } from "../../worker/config/parse/notation.ts";
import type { Path } from "../../worker/config/parse/plain.ts";

export function configWarnings(config: Config): ConfigIssue[] {
  const routed = new Set(config.routes.flatMap(({ upstream = [] }) => upstream));
  return [openApi(config), ...config.upstreams.map((upstream) => upstreamWarnings(upstream, routed))].flat();
}

const upstreamWarnings = (upstream: UpstreamConfig, routed: ReadonlySet<string>): ConfigIssue[] => [
  ...(routed.has(upstream.name) ? [] : [unrouted(upstream)]),
  ...sameServers(upstream),
  ...neverSpills(upstream),
  ...originsOf(upstream).flatMap(oddPort),
];

/** A proxy in front faces others, as a rule the internet, and passes on what they ask for. */
function openApi({ admin, forwarding }: Config): ConfigIssue[] {
  if (admin.hosts !== undefined || forwarding.trusted.length === 0) return [];
  const expected =
    'the hosts on which the API answers, such as ["127.0.0.1"]: without them the API answers every client that asks for /_weir/ through a proxy of forwarding.trusted';
  return [warning(["admin", "hosts"], "all hosts", expected)];
}

const warning = (place: Path, found: string, expected: string): ConfigIssue => ({
  path: formatPath(place),
  found,
  expected,
  place,
});

interface OriginAt {
  readonly origin: OriginConfig;
  readonly place: Path;
}

const originsOf = ({ name, pools }: UpstreamConfig): OriginAt[] =>
  pools.flatMap(({ origins }, pool) =>
    origins.map((origin, index) => ({
      origin,
      place: ["upstreams", name, "pools", pool, "origins", index],
    })),
  );

const unrouted = ({ name }: UpstreamConfig): ConfigIssue =>
  warning(
    ["upstreams", name],
    "no route that leads to it",
    "a route with this upstream: without one it gets no request, though its origins are probed",
  );

/** A server that is written down twice has two counts of its slots, and two verdicts. */
function sameServers(upstream: UpstreamConfig): ConfigIssue[] {
  const firsts = new Map<string, string>();
  return originsOf(upstream).flatMap(({ origin: { url, via, host }, place }) => {
    const server = JSON.stringify([url, via, host]);
    const first = firsts.get(server);
    if (first === undefined) firsts.set(server, formatPath(place));
    if (first === undefined) return [];
    const expected =
      "a url of its own: the slots of each origin are counted apart, so this server gets the maxConns of both";
    return [warning([...place, "url"], `the url of ${first}`, expected)];
  });
}

/** A pool that never is full leaves the next one idle, but for outages. */
function neverSpills({ name, pools }: UpstreamConfig): ConfigIssue[] {
  const [home, next] = pools;
  const boundless = home === undefined ? [] : withoutLimit(home);
  if (home?.capacity !== undefined || boundless.length === 0 || next === undefined) return [];
  return [
    warning(
      ["upstreams", name, "pools", 0],
      `no maxConns for ${boundless.slice(0, 5).join(", ")}${boundless.length > 5 ? " …" : ""}`,
      `maxConns for each of its origins (workers × threads of the server), or capacity: "auto" for the pool: without them the pool is never full, and "${next.name}" serves only while it is down`,
    ),
  ];
}

const withoutLimit = ({ origins, register }: PoolConfig): string[] => [
  ...origins.filter(({ maxConns, weight }) => maxConns === undefined && weight > 0).map(({ name }) => name),
  ...(register !== undefined && register.maxConns === undefined ? ["those that register themselves"] : []),
];

/** Plain HTTP to a port that is usually TLS's, or the other way round. */
function oddPort({ origin, place }: OriginAt): ConfigIssue[] {
  const [, scheme = "", port = ""] = /^(https?):\/\/[^/]*:(\d+)/.exec(origin.url) ?? [];
  const isOdd =
    (scheme === "http" && (port === "443" || port === "8443")) || (scheme === "https" && port === "80");
  if (!isOdd) return [];
  const other = scheme === "http" ? "https" : "http";
  return [warning([...place, "url"], `${scheme}: on port ${port}`, `${other}: on this port, usually`)];
}
