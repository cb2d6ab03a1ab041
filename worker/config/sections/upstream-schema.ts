/** The shape of an upstream; see `schema.ts` for what a shape is and is not. */
import * as z from "zod";
import {
  coordinations,
  onCoordinatorLosses,
  retryCauses,
  whenUsedUps,
} from "../../../core/model/upstream.ts";
import { locationHints } from "../../../core/protocol/object-namespace.ts";
import { connections } from "../config.ts";
import {
  amount,
  byName,
  checkedText,
  duration,
  flag,
  integer,
  list,
  oneOf,
  option,
  section,
  share,
  switchable,
  text,
} from "../kinds/fields.ts";
import { parseCookieDomain } from "../kinds/host.ts";
import {
  isCookiePath,
  isHeaderValue,
  isProbeHeaderName,
  isRequestTarget,
  isToken,
} from "../kinds/http-syntax.ts";
import { originUrlAdvice, originUrlExpected, parseOriginUrl } from "../kinds/origin-url.ts";
import { parseStatusRange } from "../kinds/status-range.ts";
import { parseUrlPattern, urlPatternExpected } from "../kinds/url-pattern.ts";
import { parseWebhookUrl } from "../kinds/webhook-url.ts";
import { burst } from "./burst-schema.ts";
import { errors, rewrite } from "./http-schema.ts";
import { policy } from "./policy-schema.ts";
import { queue } from "./queue-schema.ts";
import { access, originHost, via } from "./via-schema.ts";

export const nameExpected = 'a name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit';
export const name = checkedText(nameExpected, (name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name));

const signingSecret = checkedText("a secret of 32 to 256 characters, as ${ENV:NAME}", (secret) =>
  /^.{32,256}$/s.test(secret),
);

const origin = section("an origin: an object with name and url", {
  name: name.describe("Unique in its upstream."),
  url: text(originUrlExpected, parseOriginUrl, originUrlAdvice).describe(
    "Scheme, host, port, and a path prefix if any.",
  ),
  weight: option(integer(0, 1000), "Share of the pool's traffic. Default 1; 0: never picked."),
  maxConns: option(integer(1, 1_000_000), "Most open requests, fleet-wide. Default: no limit."),
  backup: option(flag(), "Used only while no other origin of the pool can be. Default false."),
  via: option(via, 'How it is reached: public "fetch" (the default), or a binding.'),
  connection: option(
    oneOf(connections),
    'Which connections requests have: "each" its own, "reuse" those of others, or what suits the origin ("auto", the default).',
  ),
  host: option(originHost, 'The Host that it sees: "origin" (the default), "preserve", or a host.'),
  access: option(access, "A service token of Cloudflare Access. Default: none."),
});

const money = amount("an amount of money");

const cost = section("an object (keys: perRequest, perGb)", {
  perRequest: option(money, "Money for each attempt there, in your own currency. Default 0."),
  perGb: option(money, "Money for 10^9 bytes of responses' bodies. Default 0."),
});

const budget = section("an object (keys: requestsPerHour, moneyPerDay, whenUsedUp)", {
  requestsPerHour: option(
    integer(0, 1_000_000_000),
    "The most attempts in an hour of UTC. Default: no limit.",
  ),
  moneyPerDay: option(money, "The most money in a day of UTC, by cost. Default: no limit."),
  whenUsedUp: option(
    oneOf(whenUsedUps),
    'Requests wait at home ("queue"), unimportant ones go first ("shed-low-priority"), or none is served there ("fail"). Default "fail".',
  ),
});

const register = section("an object with secret and urls", {
  secret: signingSecret.describe("What the origins sign with."),
  urls: list(text(urlPatternExpected, parseUrlPattern), 1, 100, "URLs").describe("Where they may be."),
  every: option(duration("1s", "5m"), 'From heartbeat to heartbeat; three missed: it goes. Default "10s".'),
  max: option(integer(1, 1000), "At most so many. Default 100."),
  maxConns: option(integer(1, 1_000_000), "Most open requests of each, fleet-wide. Default: no limit."),
});

const pool = section("a pool: an object with name and origins", {
  name: name.describe("Unique in its upstream."),
  origins: list(origin, 0, 1000, "origins").describe("Servers that are alike. At least 1, or register."),
  capacity: option(
    z.literal("auto", { error: '"auto", or nothing: then maxConns of each origin says it' }),
    'What home can have open is found out ("auto"), maxConns at most. Default: it is maxConns.',
  ),
  register: option(register, "Origins that register themselves. Default: none may."),
  price: option(duration("0ms", "60s"), 'What a request costs here, as a wait at home. Default "0ms".'),
  cost: option(cost, "What it costs, not for the first pool. Default: nothing."),
  budget: option(budget, "How much may be spent on it, not for the first pool. Default: no limit."),
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
  method: option(oneOf(["GET", "HEAD", "OPTIONS"]), 'Default "GET".'),
  path: option(
    checkedText('a path from "/" (not "//"), percent-encoded, without dot segments or "#"', isRequestTarget),
    'Path and query of the probe. Default "/".',
  ),
  headers: option(headers, "Headers of the probe. Default: none."),
  expect: option(list(statuses, 1, 32, "statuses"), 'Healthy statuses. Default ["200-399"].'),
  interval: option(duration("1s", "300s"), 'From probe to probe. Default "10s".'),
  timeout: option(duration("10ms", "300s"), 'Longest wait, within interval. Default "5s".'),
  jitter: option(share(0.5), "Share of interval by which rounds move at random. Default 0.1."),
  rise: option(integer(1, 100), "Good probes in a row that make it healthy. Default 2."),
  fall: option(integer(1, 100), "Bad probes in a row that make it unhealthy. Default 3."),
});

const passive = switchable({
  failures: option(integer(2, 1000), "Failures in a row that eject. Default 5."),
  eject: option(duration("100ms", "24h"), 'First ejection; the n-th is n times it. Default "30s".'),
  maxEject: option(duration("100ms", "24h"), 'Longest ejection. Default "300s".'),
});

const sticky = switchable({
  cookie: option(
    checkedText("a cookie's name: letters, digits and !#$%&'*+-.^_`|~", isToken),
    'The cookie\'s name. Default "weir".',
  ),
  ttl: option(duration("1s", "8760h"), 'Session\'s length from its beginning. Default "8h".'),
  idle: option(duration("1s", "8760h"), '… and from its last request, within ttl. Default "30m".'),
  path: option(
    checkedText('a path from "/", without ";" or control characters', isCookiePath),
    'The cookie\'s path. Default "/".',
  ),
  domain: option(
    text('a domain name such as ".example.com"', parseCookieDomain),
    "The cookie's domain. Default: the host that was asked.",
  ),
  homecoming: option(
    flag(),
    "A session that was bound to a later pool is moved home when that has room, once. Default true.",
  ),
});

const webhook = section("an object with url and secret", {
  url: text("an https: URL, or http: on a private network", parseWebhookUrl).describe("Takes the orders."),
  secret: signingSecret.describe("What the orders are signed with."),
});

const autoscale = section("an object with slots, max and webhook", {
  pool: option(name, "The pool that grows. Default: the second."),
  slots: integer(1, 1_000_000).describe("Requests that an instance can have open at once."),
  startsIn: option(duration("1s", "1h"), 'From an order to the first request. Default "45s".'),
  shrinkAfter: option(
    duration("1s", "24h"),
    'Fewer only after they would have done for so long. Default "1m".',
  ),
  min: option(integer(0, 1000), "At least so many instances. Default 0."),
  max: integer(1, 1000).describe("At most so many."),
  reserve: option(share(10), "What stands by while home is not enough, as a part of home. Default 0."),
  webhook: webhook.describe("Where orders go."),
});

const loadReports = section("an object with secret (and maxAge)", {
  secret: signingSecret.describe("What the origins sign with."),
  maxAge: option(duration("1s", "300s"), 'So old a report may be, and so long it holds. Default "10s".'),
});

const timeouts = section("an object (keys: headers, total, maxHold, exchange)", {
  headers: option(duration("10ms", "1h"), 'Per attempt, to the headers. Default "15s".'),
  total: option(duration("10ms", "24h"), 'The request with its retries. Default "60s".'),
  maxHold: option(duration("1s", "24h"), 'A silent stream keeps its slot so long. Default "60s".'),
  exchange: option(duration("10ms", "10s"), 'One exchange with the upstream\'s object. Default "250ms".'),
});

const retries = section("an object (keys: attempts, on, budget)", {
  attempts: option(integer(0, 3), "Further attempts after the first. Default 2."),
  on: option(list(oneOf(retryCauses), 0, 5, "failures"), "What to retry. Default: all of them."),
  budget: option(share(1), "Retries as a share of requests, fleet-wide. Default 0.2."),
});

/** One upstream. */
export const upstream = section("an upstream: an object with pools", {
  policy: option(policy, 'How an origin is picked. Default "adaptive".'),
  coordination: option(
    oneOf(coordinations),
    'How isolates come to their picks: "strict" asks for each, "leased" does not. Default "auto".',
  ),
  onCoordinatorLoss: option(
    oneOf(onCoordinatorLosses),
    'Without the object and without a slot: "exceed" the limit (the default), or "refuse" the request.',
  ),
  regions: option(
    list(oneOf(locationHints), 0, 8, "regions"),
    "Where objects stand between the isolates and the upstream's own. Default: nowhere.",
  ),
  location: option(oneOf(locationHints), "Where its state lives. Default: near the first request."),
  pools: list(pool, 1, 16, "pools").describe("Home first, then where it spills to."),
  health: option(health, "Probes. Default true."),
  passive: option(passive, "What real traffic shows of health. Default true."),
  slowStart: option(
    duration("0s", "1h"),
    'How long the share of an origin grows that is new or back; "0s": not at all. Default "30s".',
  ),
  sticky: option(sticky, "A client stays on its origin, by a cookie. Default false."),
  autoscale: option(autoscale, "Orders for instances of a burst pool, by forecast. Default: none."),
  loadReports: option(
    loadReports,
    "Origins say how busy they are, in the signed header X-Weir-Load. Default: not.",
  ),
  queue: option(
    queue,
    "Requests that find no free slot wait for one. Default true, and false beside regions.",
  ),
  rewrite: option(rewrite, "What of origins' answers names the origins themselves."),
  errors: option(errors, "Pages for errors, and which of the origins' own they replace."),
  timeouts: option(timeouts, "How long things may take."),
  retries: option(retries, "Second attempts, on another origin."),
  burst: option(
    burst,
    "When home has been too small for a while, and where sessions live then. Default false.",
  ),
});

export type UpstreamShape = z.output<typeof upstream>;
