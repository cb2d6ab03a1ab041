/** The shape of an upstream; see `schema.ts` for what a shape is and is not. */
import * as z from "zod";
import { coordinations, onCoordinatorLosses, retryCauses } from "../../../core/model/upstream.ts";
import { locationHints } from "../../../core/protocol/object-namespace.ts";
import {
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
import { parseStatusRange } from "../kinds/status-range.ts";
import { parseWebhookUrl } from "../kinds/webhook-url.ts";
import { burst } from "./burst-schema.ts";
import { errors, rewrite } from "./http-schema.ts";
import { policy } from "./policy-schema.ts";
import { name, pool, signingSecret } from "./pool-schema.ts";
import { queue } from "./queue-schema.ts";

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
  method: option(oneOf(["GET", "HEAD", "OPTIONS"]), 'Method of the probe. Default "GET".'),
  path: option(
    checkedText('a path from "/" (not "//"), percent-encoded, without dot segments or "#"', isRequestTarget),
    'Path and query of the probe. Default "/".',
  ),
  headers: option(headers, "Headers of the probe. Default: none."),
  expect: option(list(statuses, 1, 32, "statuses"), 'Healthy statuses. Default ["200-399"].'),
  interval: option(duration("1s", "300s"), 'From probe to probe. Default "10s".'),
  timeout: option(duration("10ms", "300s"), 'The longest wait of a probe, at most interval. Default "5s".'),
  jitter: option(share(0.5), "Share of interval by which each round moves at random. Default 0.1."),
  rise: option(integer(1, 100), "Good probes in a row that make it healthy. Default 2."),
  fall: option(integer(1, 100), "Bad probes in a row that make it unhealthy. Default 3."),
});

const passive = switchable({
  failures: option(integer(2, 1000), "Failures in a row that eject. Default 5."),
  eject: option(
    duration("100ms", "24h"),
    'Length of the first ejection; the n-th lasts n times as long. Default "30s".',
  ),
  maxEject: option(duration("100ms", "24h"), 'The longest ejection. Default "300s".'),
});

const sticky = switchable({
  cookie: option(
    checkedText("a cookie's name: letters, digits and !#$%&'*+-.^_`|~", isToken),
    'The cookie\'s name. Default "weir".',
  ),
  ttl: option(duration("1s", "8760h"), 'A session ends this long after it began. Default "8h".'),
  idle: option(
    duration("1s", "8760h"),
    '… or after this long without a request, at most ttl. Default "30m".',
  ),
  path: option(
    checkedText('a path from "/", without ";" or control characters', isCookiePath),
    'The cookie\'s path. Default "/".',
  ),
  domain: option(
    text('a domain name such as ".example.com"', parseCookieDomain),
    "The cookie's domain. Default: the request's host.",
  ),
  homecoming: option(
    flag(),
    "A session that was bound to a later pool is moved home, once, when home has room. Default true.",
  ),
});

const webhook = section("an object with url and secret", {
  url: text("an https: URL, or http: on a private network", parseWebhookUrl).describe(
    "Where the orders are sent.",
  ),
  secret: signingSecret.describe("The key that signs the orders."),
});

const autoscale = section("an object with slots, max and webhook", {
  pool: option(name, "The pool that grows. Default: the second."),
  slots: integer(1, 1_000_000).describe("Requests that an instance can have open at once."),
  startsIn: option(duration("1s", "1h"), 'From an order to the first request. Default "45s".'),
  shrinkAfter: option(
    duration("1s", "24h"),
    'Fewer instances are ordered only after fewer would have sufficed for this long. Default "1m".',
  ),
  min: option(integer(0, 1000), "The fewest instances. Default 0."),
  max: integer(1, 1000).describe("The most instances."),
  reserve: option(
    share(10),
    "The least that the pool has while home is not enough, as a share of home's capacity. Default 0.",
  ),
  webhook: webhook.describe("Where the orders are sent."),
});

const loadReports = section("an object with secret (and maxAge)", {
  secret: signingSecret.describe("The key that the origins sign with."),
  maxAge: option(
    duration("1s", "300s"),
    'The oldest report that is believed, and how long a report holds. Default "10s".',
  ),
});

const timeouts = section("an object (keys: headers, total, maxHold, exchange)", {
  headers: option(duration("10ms", "1h"), 'Per attempt, to the response headers. Default "15s".'),
  total: option(
    duration("10ms", "24h"),
    'The whole request with its retries, to the response headers. Default "60s".',
  ),
  maxHold: option(
    duration("1s", "24h"),
    'How long a body or WebSocket keeps its slot after the last message of its isolate. Default "60s".',
  ),
  exchange: option(
    duration("10ms", "10s"),
    'The longest exchange with the upstream\'s object. Default "250ms".',
  ),
});

const retries = section("an object (keys: attempts, on, budget)", {
  attempts: option(integer(0, 3), "Further attempts after the first. Default 2."),
  on: option(list(oneOf(retryCauses), 0, 5, "failures"), "Failures that are retried. Default: all of them."),
  budget: option(share(1), "The most retries as a share of requests, fleet-wide. Default 0.2."),
});

/** One upstream. */
export const upstream = section("an upstream: an object with pools", {
  policy: option(policy, 'The rule that picks an origin of a pool. Default "adaptive".'),
  coordination: option(
    oneOf(coordinations),
    'How isolates pick: "strict" asks the object for each request, "leased" picks within lent slots. Default "auto".',
  ),
  onCoordinatorLoss: option(
    oneOf(onCoordinatorLosses),
    'Without the object and without a slot: "exceed" the limit (the default), or "refuse" the request.',
  ),
  regions: option(
    list(oneOf(locationHints), 0, 8, "regions"),
    "Regions with an object between their isolates and the upstream's own. Default: none.",
  ),
  location: option(
    oneOf(locationHints),
    "Where the upstream's shared state lives. Default: near its first request.",
  ),
  pools: list(pool, 1, 16, "pools").describe("Home first, then the pools that requests spill to."),
  health: option(health, "Probes (active health checks). Default true."),
  passive: option(passive, "Passive health checks: ejection by what real traffic shows. Default true."),
  slowStart: option(
    duration("0s", "1h"),
    'Slow start: ramp a new or recovered origin to its full share over this time. Default "30s"; "0s": off.',
  ),
  sticky: option(sticky, "Sticky sessions: a cookie keeps a client on its origin. Default false."),
  autoscale: option(autoscale, "Autoscaling: orders instances for a burst pool, by forecast. Default: none."),
  loadReports: option(
    loadReports,
    "Origins report how busy they are, in the signed header X-Weir-Load. Default: no reports are read.",
  ),
  queue: option(
    queue,
    "Requests that find no free slot wait in a queue. Default true, and false beside regions.",
  ),
  rewrite: option(rewrite, "Rewrites redirects and cookies that name the origins themselves."),
  errors: option(errors, "Error pages, and which of the origins' error answers they replace."),
  timeouts: option(timeouts, "Timeouts of attempts, requests, silent streams and exchanges."),
  retries: option(retries, "Retries on another origin."),
  burst: option(
    burst,
    "Reports when home has been too small for a while, and moves sessions home afterwards. Default false.",
  ),
});

export type UpstreamShape = z.output<typeof upstream>;
