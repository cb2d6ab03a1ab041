/** The shape of an upstream; see `schema.ts` for what a shape is and is not. */
import * as z from "zod";
import { policyNames, retryCauses } from "../../core/upstream.ts";
import { locations } from "./config.ts";
import {
  byName,
  checkedText,
  duration,
  flag,
  integer,
  list,
  oneOf,
  section,
  share,
  switchable,
  text,
} from "./fields.ts";
import { parseCookieDomain } from "./host.ts";
import { isCookiePath, isHeaderValue, isProbeHeaderName, isRequestTarget, isToken } from "./http-syntax.ts";
import { parseOriginUrl } from "./origin-url.ts";
import { parseStatusRange } from "./status-range.ts";

export const nameExpected = 'a name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit';
export const name = checkedText(nameExpected, (name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name));

const bindingName = checkedText(
  "the name of a binding: 1 to 64 letters, digits or _, the first a letter",
  (name) => /^[A-Za-z]\w{0,63}$/.test(name),
);
const binding = section('"fetch", or an object with the key binding', {
  binding: bindingName.describe(
    "The Worker's binding whose fetch reaches the origin (VPC, tunnel, other Worker).",
  ),
});
const via = z.union([z.literal("fetch"), binding], { error: '"fetch", or { "binding": "NAME" }' });

const origin = section("an origin: an object with name and url", {
  name: name.describe("Unique in its upstream."),
  url: text("an http: or https: URL without credentials, query or fragment", parseOriginUrl).describe(
    "Scheme, host, port, and a path prefix if any.",
  ),
  weight: integer(0, 1000)
    .exactOptional()
    .describe("Share of the pool's traffic. Default 1; 0: never picked."),
  maxConns: integer(1, 1_000_000)
    .exactOptional()
    .describe("Most open requests, fleet-wide. Default: no limit."),
  backup: flag()
    .exactOptional()
    .describe("Used only while no other origin of the pool can be. Default false."),
  via: via.exactOptional().describe('How it is reached: public "fetch" (the default), or a binding.'),
});

const pool = section("a pool: an object with name and origins", {
  name: name.describe("Unique in its upstream."),
  origins: list(origin, 1, 1000, "origins").describe("Servers that are alike."),
});

const headerNameExpected =
  "a header's name, and not Host or one of the connection's own (Connection, Upgrade …)";
const headers = byName(
  checkedText(headerNameExpected, isProbeHeaderName),
  checkedText("a header's value: no CR, LF or other control characters, no space at its ends", isHeaderValue),
  { least: 0, most: 32, what: "headers", nameExpected: headerNameExpected },
);

const statusExpected = 'a status or a range of them within 100-599, such as 204, "204" or "200-399"';
const statuses = z
  .union([z.string(), z.number()], { error: statusExpected })
  .transform((written, context) => {
    const range = parseStatusRange(written);
    if (range !== undefined) return range;
    context.addIssue({ code: "custom", message: statusExpected });
    return z.NEVER;
  });

const health = switchable({
  method: oneOf(["GET", "HEAD", "OPTIONS"]).exactOptional().describe('Default "GET".'),
  path: checkedText(
    'a path from "/", percent-encoded, without "//" at its start, ".." or "#"',
    isRequestTarget,
  )
    .exactOptional()
    .describe('Path and query of the probe. Default "/".'),
  headers: headers.exactOptional().describe("Headers of the probe. Default: none."),
  expect: list(statuses, 1, 32, "statuses")
    .exactOptional()
    .describe('Healthy statuses. Default ["200-399"].'),
  interval: duration("1s", "300s").exactOptional().describe('From probe to probe. Default "10s".'),
  timeout: duration("10ms", "300s").exactOptional().describe('Longest wait, within interval. Default "5s".'),
  jitter: share(0.5)
    .exactOptional()
    .describe("Share of interval by which rounds move at random. Default 0.1."),
  rise: integer(1, 100).exactOptional().describe("Good probes in a row that make it healthy. Default 2."),
  fall: integer(1, 100).exactOptional().describe("Bad probes in a row that make it unhealthy. Default 3."),
});

const passive = switchable({
  failures: integer(2, 1000).exactOptional().describe("Failures in a row that eject. Default 5."),
  eject: duration("100ms", "24h")
    .exactOptional()
    .describe('First ejection; the n-th is n times it. Default "30s".'),
  maxEject: duration("100ms", "24h").exactOptional().describe('Longest ejection. Default "300s".'),
});

const sticky = switchable({
  cookie: checkedText("a cookie's name: letters, digits and !#$%&'*+-.^_`|~", isToken)
    .exactOptional()
    .describe('The cookie\'s name. Default "weir".'),
  ttl: duration("1s", "8760h")
    .exactOptional()
    .describe('Session\'s length from its beginning. Default "8h".'),
  idle: duration("1s", "8760h")
    .exactOptional()
    .describe('… and from its last request, within ttl. Default "30m".'),
  path: checkedText('a path from "/", without ";" or control characters', isCookiePath)
    .exactOptional()
    .describe('The cookie\'s path. Default "/".'),
  domain: text('a domain name such as ".example.com"', parseCookieDomain)
    .exactOptional()
    .describe("The cookie's domain. Default: the host that was asked."),
});

const timeouts = section("an object (keys: headers, total, maxHold)", {
  headers: duration("10ms", "1h").exactOptional().describe('Per attempt, to the headers. Default "15s".'),
  total: duration("10ms", "24h").exactOptional().describe('The request with its retries. Default "60s".'),
  maxHold: duration("1s", "24h")
    .exactOptional()
    .describe('A silent stream keeps its slot so long. Default "60s".'),
});

const retries = section("an object (keys: attempts, on, budget)", {
  attempts: integer(0, 3).exactOptional().describe("Further attempts after the first. Default 1."),
  on: list(oneOf(retryCauses), 0, 5, "failures")
    .exactOptional()
    .describe("What to retry. Default: all of them."),
  budget: share(1).exactOptional().describe("Retries as a share of requests, fleet-wide. Default 0.2."),
});

/** One upstream. */
export const upstream = section("an upstream: an object with pools", {
  policy: oneOf(policyNames).exactOptional().describe('How an origin is picked. Default "least_conn".'),
  location: oneOf(locations)
    .exactOptional()
    .describe("Where its state lives. Default: near the first request."),
  pools: list(pool, 1, 16, "pools").describe("Home first, then where it spills to."),
  health: health.exactOptional().describe("Probes. Default true."),
  passive: passive.exactOptional().describe("What real traffic shows of health. Default true."),
  sticky: sticky.exactOptional().describe("A client stays on its origin, by a cookie. Default false."),
  timeouts: timeouts.exactOptional().describe("How long things may take."),
  retries: retries.exactOptional().describe("Second attempts, on another origin."),
});

export type UpstreamShape = z.output<typeof upstream>;
