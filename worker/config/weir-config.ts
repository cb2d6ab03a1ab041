/**
 * What a user writes in `weir.config.ts`, or in JSON of the same shape: the reference of every option, its unit and
 * its default, where an editor shows it. `schema.ts` is the same shape as something that can be checked; a test holds
 * the two together. Any text may contain `${ENV:NAME}`, which stands for a variable or secret of the deployment.
 */
import type {
  AnswerTime,
  Coordination,
  OnCoordinatorLoss,
  Priority,
  PolicyName,
  RetryCause,
  WhenUsedUp,
} from "../../core/model/upstream.ts";
import type { Target } from "../../core/protocol/config-section.ts";
import type { LocationHint } from "../../core/protocol/object-namespace.ts";
import type { BindingKind, ConnectionChoice } from "./sections/way.ts";

/** A whole number and its unit, `B`, `KB`, `MB`, `GB` (of 1000) or `KiB`, `MiB`, `GiB` (of 1024): `"10MB"`. */
export type Size = string;

/** A whole number and its unit, `ms`, `s`, `m` or `h`: `"250ms"`, `"5s"`, `"2m"`, `"1h"`. */
export type Duration = string;

export interface WeirConfig {
  /** Where Weir runs: on Cloudflare (`"edge"`, the default), or on a workerd of your own. */
  target?: Target;
  /** Weir's own pages and API, below `/_weir/`. */
  admin?: {
    /** Hosts on which `/_weir/` answers. Default: all. Empty: none. */
    hosts?: string[];
  };
  /** Which proxies may say where requests come from, and how origins are told. */
  forwarding?: WeirForwarding;
  /** The largest target and headers of a request. */
  limits?: WeirLimits;
  /** What routes forward to, by name. 1–100. */
  upstreams: Record<string, WeirUpstreamConfig>;
  /** Which requests go to which upstream; the most specific match wins. 1–1000. */
  routes: WeirRoute[];
}

export interface WeirForwarding {
  /**
   * Networks and addresses of proxies in front of Weir, `"10.0.0.0/8"`, `"2001:db8::1"`: Weir believes their forwarding headers, and
   * passes them on to origins. 1000 at most. Default: none; the headers of all others are dropped.
   */
  trusted?: string[];
  /** The headers that these proxies write: `X-Forwarded-For`, `-Proto` and `-Host` (the default), or `Forwarded`. The other kind is dropped. */
  read?: "x-forwarded" | "forwarded";
  /** Origins get a `Forwarded` header (RFC 7239), too. Default `false`. */
  forwarded?: boolean;
  /** Weir's name in `Via`, in requests and responses. Default: no `Via`. */
  via?: string;
}

export interface WeirLimits {
  /** The longest path and query, 64 B – 64 KiB; beyond it, 414. Default `"16KiB"`. */
  target?: Size;
  /** The names and values of a request's headers together, 1 KiB – 128 KiB; beyond it, 431. Default `"64KiB"`. */
  headers?: Size;
}

export interface WeirRoute {
  /** Host to match, `"shop.example.com"`, or `"*.example.com"` for all names below it. No port. Default: any. */
  host?: string;
  /** Path to match, with all paths below it, `"/api"`. Default: any path. Not together with `exact`. */
  prefix?: string;
  /** Match this path only, `"/login"`. Not together with `prefix`. */
  exact?: string;
  /** The name of the upstream that answers. */
  upstream: string;
  /**
   * The order in which requests wait for a slot, higher first: `"high"`, `"normal"` or `"low"` for the whole route, or
   * `{ header: "X-Priority" }`, whose value is one of these (anything else: normal). Any client can send that header.
   * Default: the queue's.
   */
  priority?: Priority | { header: string };
  /** The methods that are served, 1–32, `["GET", "POST"]`; `GET` includes `HEAD`. Others: 405. Default: all. */
  methods?: string[];
  /** The largest request body, 0 B – 5 GB; beyond it, 413. Default: no limit. */
  maxRequestBody?: Size;
  /** Redirect http requests to https. Default `false`; `true`: with the defaults below. */
  https?: boolean | WeirHttps;
  /** Maintenance: answer 503 with a page, and send nothing to origins. Default `false`; `true`: with the defaults below. */
  maintenance?: boolean | WeirMaintenance;
  /**
   * A path that an origin could read as one of another route, or as one with `..` in it, by decoding `%2F` or `%5C`, by decoding
   * twice, or by cutting what follows `;`: refuse it with 400 (`"reject"`, the default), or pass it on as it is (`"keep"`).
   */
  ambiguousPaths?: "reject" | "keep";
  /** Debug headers: responses of origins get `X-Weir-Mode`, `-Pool`, `-Origin` and `-Attempts`. Default `false`. */
  debug?: boolean;
}

export interface WeirHttps {
  /** The port of https. Default 443. */
  port?: number;
  /** HSTS: browsers use https only (RFC 6797). Default `false`; `true`: with the defaults below. */
  hsts?: boolean | WeirHsts;
}

export interface WeirHsts {
  /** How long browsers remember, 0 s – 87600 h. Default `"8760h"`. `"0s"`: they forget. */
  maxAge?: Duration;
  /** HSTS holds for all names below the host, too. Default `false`. */
  includeSubDomains?: boolean;
  /** Browsers may ship the host in their preload list; needs `includeSubDomains` and at least a year. Default `false`. */
  preload?: boolean;
}

export interface WeirMaintenance {
  /** The `Retry-After` of the answer, 1 s – 24 h. Default `"5m"`. */
  retryAfter?: Duration;
  /** The page, as HTML; `{requestId}` stands for the request's id. Default: Weir's own. */
  page?: string;
  /** Networks and addresses of clients that are served as usual. Default: none. */
  allow?: string[];
}

export interface WeirUpstreamConfig {
  /** The rule that picks an origin of a pool: a name, or an object with options. Default `"adaptive"`. */
  policy?: PlainPolicyName | WeirPolicy;
  /**
   * How isolates pick: they ask the upstream's object for each request (`"strict"`), or pick by themselves within a lease (`"leased"`).
   * Default `"auto"`: by the isolate's traffic.
   */
  coordination?: Coordination;
  /**
   * When the upstream's object cannot be reached, no slot is left and there is no pool to spill to: serve above `maxConns` (`"exceed"`,
   * the default), or answer 503 (`"refuse"`).
   */
  onCoordinatorLoss?: OnCoordinatorLoss;
  /**
   * For a site with much traffic from several parts of the world: regions with an object of their own. Isolates ask the nearest
   * one, and the upstream's own object lends it slots. 8 at most, each once. Default: none.
   */
  regions?: LocationHint[];
  /** Where the upstream's shared state lives; best near its home pool. Default: near its first request. */
  location?: LocationHint;
  /** Home first, then the pools that requests spill to. 1–16. */
  pools: WeirPool[];
  /** Probes (active health checks). Default `true`: `GET /` every 10 s. `false`: none. */
  health?: boolean | WeirHealth;
  /** Passive health checks: ejection of origins by what real traffic shows. Default `true`. `false`: ignored. */
  passive?: boolean | WeirPassive;
  /**
   * Slow start: a new or recovered origin ramps up from a tenth of its share to all of it over this time, 0 s – 1 h.
   * Default `"30s"`; `"0s"`: the full share at once.
   */
  slowStart?: Duration;
  /** Sticky sessions: a cookie keeps a client on its origin. Default `false`; `true`: with the defaults below. */
  sticky?: boolean | WeirSticky;
  /** Autoscaling: orders instances for a burst pool, from a forecast of the demand. Default: none. */
  autoscale?: WeirAutoscale;
  /** Origins report how busy they are, and that they want to be drained, in a signed header. Default: no reports are read. */
  loadReports?: WeirLoadReports;
  /**
   * Requests that find no free slot wait in a queue. Default `true`, with the defaults below; `false`: they spill or are refused at once.
   * Not beside `regions`, where the default is `false`.
   */
  queue?: boolean | WeirQueue;
  /** Rewrites redirects and cookies that name the origins themselves. */
  rewrite?: WeirRewrite;
  /** Error pages, and which of the origins' error answers they replace. */
  errors?: WeirErrors;
  timeouts?: WeirTimeouts;
  /** Retries on another origin. */
  retries?: WeirRetries;
  /**
   * Reports when home has been too small for a while, and when that is over. It does not change routing; it decides when
   * sessions that began elsewhere are moved home, and is logged and shown. Default `false`; `true`: with the defaults below.
   */
  burst?: boolean | WeirBurst;
}

/** The policies that need no options. `least_time` uses the time to the headers, `random_two` open requests. */
export type PlainPolicyName = Exclude<PolicyName, "hash">;

export type WeirPolicy =
  | { name: "adaptive" | "round_robin" | "least_conn" | "peak_ewma" | "ip_hash" | "first" }
  | {
      /** The lowest average response time × (open requests + 1). */
      name: "least_time";
      /** To the response's headers, or to its last byte. Default `"header"`. */
      by?: AnswerTime;
      /** Requests that are still open count, too, by their age. Default `false`. */
      inflight?: boolean;
    }
  | {
      /** The better of two random ones. */
      name: "random_two";
      /** Compared by open requests, or by time and open requests. Default `"least_conn"`. */
      by?: "least_conn" | "least_time";
    }
  | {
      /** Equal keys go to the same origin. */
      name: "hash";
      /** `"path"`, `"address"`, `"header:NAME"`, `"cookie:NAME"` or `"query:NAME"`. */
      key: string;
      /** No origin has more than 1.25 times its share of the open requests. Default `true`. */
      bounded?: boolean;
    };

export interface WeirPool {
  /** Unique in its upstream: 1–64 letters, digits, `.`, `_`, `-`. */
  name: string;
  /** Servers that are alike. At least 1, unless there is `register`; an upstream has 1000 at most. */
  origins: WeirOrigin[];
  /**
   * `"auto"`: Weir finds out how many requests each origin can have open, from the times of its answers, `maxConns` at most. Only
   * on the first pool; without a second pool each of its origins needs `maxConns`. Default: `maxConns` says it.
   */
  capacity?: "auto";
  /** Further origins may register themselves. Not beside `regions`. Default: none may. */
  register?: WeirRegister;
  /** What a request costs here, as the time that its user may wait at home instead, 0 – 60 s. Default `"0ms"`. */
  price?: Duration;
  /** What the pool costs, in your own currency; not for the first pool. Default: nothing. */
  cost?: WeirCost;
  /** How much may be spent on the pool; not for the first pool, nor with `regions`. Default: no limit. */
  budget?: WeirBudget;
}

export interface WeirRegister {
  /** The key that the origins sign with: 32–256 characters, `"${ENV:NAME}"`. */
  secret: string;
  /**
   * The URLs that they may register: scheme, host and port, `"https://*.cloud.example.net"`, `"http://10.0.0.0/8:8080"`,
   * `"http://127.0.0.1:9300-9399"`; `:*` is any port, no port is that of the scheme. 1–100.
   */
  urls: string[];
  /** From one heartbeat to the next, 1 s – 5 m; an origin that misses three is removed. Default `"10s"`. */
  every?: Duration;
  /** The most registered origins at a time, 1–1000. Default 100. */
  max?: number;
  /** The most requests that each may have open at once, over the whole fleet. Default: no limit. */
  maxConns?: number;
}

export interface WeirCost {
  /** Money for each attempt that is sent there, 0 or more. Default 0. */
  perRequest?: number;
  /** Money for 10^9 bytes of response bodies, 0 or more. Default 0. */
  perGb?: number;
}

/** One limit, or both. */
export interface WeirBudget {
  /** The most attempts in an hour of UTC, 0 – 10^9. Default: no limit. */
  requestsPerHour?: number;
  /** The most money in a day of UTC, by the pool's `cost`. Default: no limit. */
  moneyPerDay?: number;
  /**
   * When the budget is used up: requests wait at home for a slot (`"queue"`), requests of low priority are refused earlier, when the
   * others could run short (`"shed-low-priority"`), or the pool serves no more (`"fail"`). Default `"fail"`.
   */
  whenUsedUp?: WhenUsedUp;
}

export interface WeirOrigin {
  /** Unique in its upstream: 1–64 letters, digits, `.`, `_`, `-`. */
  name: string;
  /** `http:` or `https:`, host, port, and a path prefix if any: `"https://a.example.com"`. */
  url: string;
  /** Share of the traffic, in relation to the other origins of the pool, 0–1000. Default 1; 0: never picked. */
  weight?: number;
  /** The most requests it may have open at once, over the whole fleet. Default: no limit. */
  maxConns?: number;
  /** Used only while no other origin of the pool can be used. Default `false`. */
  backup?: boolean;
  /** How Weir reaches it: a public `"fetch"` (the default), or a binding of the Worker (VPC, tunnel, other Worker, mTLS). */
  via?: "fetch" | { binding: string; kind?: BindingKind };
  /**
   * Connection reuse: a connection of its own for each request (`"each"`), connections that other requests have used (`"reuse"`), or
   * what suits the origin (`"auto"`, the default). With `"auto"` on workerd, a request that cannot be sent twice has its own connection;
   * the others have, too, until Weir has seen that the origin keeps its connections open, or says when it closes them. At the edge and
   * through a binding `"auto"` is `"reuse"`, and `"each"` needs `via: "fetch"` or a binding of kind `"vpc-network"`.
   */
  connection?: ConnectionChoice;
  /**
   * The Host header that it gets: that of `url` (`"origin"`, the default), the one that the client asked for (`"preserve"`), or always
   * the same (`"shop.example.com"`). Other than `"origin"` only with a `via` of kind `"vpc-service"` or `"worker"`.
   */
  host?: string;
  /** A service token of Cloudflare Access, `{ id: "${ENV:ID}", secret: "${ENV:SECRET}" }`. Default: none. */
  access?: { id: string; secret: string };
}

export interface WeirRewrite {
  /** Rewrites a `Location` or `Refresh` that leads to an origin of the upstream, so that it leads to Weir. Default `true`. */
  redirects?: boolean;
  /** The `Domain` of cookies: `{ "origin.internal": "example.com" }`; to `""`: no `Domain`. Default: as it is. */
  cookieDomains?: Record<string, string>;
  /** The beginning of cookies' `Path`: `{ "/app": "/" }`. Default: as it is. */
  cookiePaths?: Record<string, string>;
}

export interface WeirErrors {
  /**
   * Pages as HTML, by status (`"404"`, `"500-599"`, from 400), 32 at most. Weir replaces `{status}`, `{message}` and `{requestId}` in
   * them. Default: Weir's own page.
   */
  pages?: Record<string, string>;
  /** Statuses of origins' answers whose body is replaced by a page, from 400: `[404, "500-599"]`. Default: none. */
  intercept?: (string | number)[];
}

export interface WeirHealth {
  /** Method of the probe. Default `"GET"`. */
  method?: "GET" | "HEAD" | "OPTIONS";
  /** Path and query of the probe. Default `"/"`. */
  path?: string;
  /** Headers of the probe, 32 at most; not `Host` nor those of the connection. Default: none. */
  headers?: Record<string, string>;
  /** Statuses of a healthy origin: `204`, `"204"` or `"200-399"`. Default `["200-399"]`. */
  expect?: (string | number)[];
  /** From one probe to the next, 1 s – 300 s. Default `"10s"`, or `timeout` if that is longer. */
  interval?: Duration;
  /** The longest a probe waits, 10 ms – 300 s, never beyond `interval`. Default `"5s"`, or `interval` if shorter. */
  timeout?: Duration;
  /** Share of `interval` by which each round moves at random, 0–0.5. Default 0.1. */
  jitter?: number;
  /** Good probes in a row that make an origin healthy, 1–100. Default 2. */
  rise?: number;
  /** Bad probes in a row that make it unhealthy, 1–100. Default 3. */
  fall?: number;
}

export interface WeirPassive {
  /** Failures in a row that eject an origin, 2–1000; one failure never does. Default 5. */
  failures?: number;
  /**
   * The first ejection's length, 100 ms – 24 h; the n-th lasts n times as long. One for lost connections ends as soon as
   * probes are good again. Default `"30s"`.
   */
  eject?: Duration;
  /** The longest ejection, at least `eject`, at most 24 h. Default `"300s"`, or `eject` if that is longer. */
  maxEject?: Duration;
}

export interface WeirSticky {
  /** The cookie's name. Default `"weir"`. */
  cookie?: string;
  /** A session ends this long after it began, 1 s – 8760 h. Default `"8h"`, or `idle` if that is longer. */
  ttl?: Duration;
  /** … or after this long without a request, at most `ttl`. Default `"30m"`, or `ttl` if that is shorter. */
  idle?: Duration;
  /** The cookie's path. Default `"/"`. */
  path?: string;
  /** The cookie's domain, `".example.com"`. Default: the request's host. */
  domain?: string;
  /**
   * A session that was bound to a later pool is moved home, once, when home has had room for a while. Default `true`; with
   * `burst.sessions: false` it is `false`. `false` is for applications that keep a session's state on one server.
   */
  homecoming?: boolean;
}

export interface WeirAutoscale {
  /** The pool that grows, not the first. Default: the second. */
  pool?: string;
  /** Requests that an instance can have open at once, 1–1,000,000. */
  slots: number;
  /** From an order to the first request of an instance, 1 s – 1 h. Default `"45s"`. */
  startsIn?: Duration;
  /** Fewer instances are ordered only after fewer would have sufficed for this long, 1 s – 24 h. Default `"1m"`. */
  shrinkAfter?: Duration;
  /** The fewest instances, 0–1000, at most `max`. Default 0. */
  min?: number;
  /** The most instances, 1–1000. */
  max: number;
  /** While home is not enough, the pool has at least this share of home's capacity, 0–10. Default 0: what the forecast says. */
  reserve?: number;
  /** Where the orders are sent, and the key that signs them: 32–256 characters, `"${ENV:NAME}"`. */
  webhook: { url: string; secret: string };
}

export interface WeirLoadReports {
  /** The key that the origins sign `X-Weir-Load` with: 32–256 characters, `"${ENV:NAME}"`. */
  secret: string;
  /** The oldest report that is believed, and how long a report holds, 1 s – 300 s. Default `"10s"`. */
  maxAge?: Duration;
}

export interface WeirQueue {
  /**
   * The most requests that wait at once, over the whole fleet, 1–10,000. Default: as many as can be served within `timeout` (slots ×
   * `timeout` ÷ the time a request takes, as measured), at most 1,000.
   */
  length?: number;
  /** The longest that a request waits, 10 ms – 60 s, and never beyond `timeouts.total`. Default `"5s"`, or half of `total` if that is shorter. */
  timeout?: Duration;
  /** The priority of requests whose route has none. Default `"normal"`. */
  priority?: Priority;
}

export interface WeirTimeouts {
  /** Per attempt, until the origin's headers, 10 ms – 1 h. Default `"15s"`, or `total` if that is shorter. */
  headers?: Duration;
  /** The whole request with its retries, 10 ms – 24 h. Default `"60s"`, or `headers` if that is longer. */
  total?: Duration;
  /** How long a body or WebSocket keeps its slot after the last message of the isolate that holds it, 1 s – 24 h. Default `"60s"`. */
  maxHold?: Duration;
  /** The longest exchange with the upstream's object, 10 ms – 10 s. Default `"250ms"`. */
  exchange?: Duration;
}

export interface WeirRetries {
  /** Further attempts after the first, 0–3. Default 2. */
  attempts?: number;
  /** Failures that are retried. Default: all, `["connect", "timeout", "502", "503", "504"]`. */
  on?: RetryCause[];
  /** The most retries as a share of requests, fleet-wide, 0–1. Default 0.2. */
  budget?: number;
}

export interface WeirBurst {
  /** A burst begins when any of these has been reached or exceeded for `for`. Default: `utilisation: 0.9`. */
  enter?: WeirBurstEnter;
  /**
   * It ends when all of these have been kept to for `for`. Each below that of `enter`, which must name it. Default: those
   * of `enter`, times 7/9.
   */
  exit?: WeirBurstExit;
  /** The shortest burst, 0 s – 24 h. Default `"60s"`. */
  minHold?: Duration;
  /** Sessions that began in a later pool are moved home after the burst. Default `true`. `false`: they stay. */
  sessions?: boolean | WeirBurstSessions;
}

/** Each in `enter` above 0. */
export interface WeirBurstThresholds {
  /** Slots in use ÷ `maxConns`, of home's origins that serve and have a limit, 0–1 (`enter`: from 0.01). */
  utilisation?: number;
  /** How long the next request would wait for a slot at home, up to 10 m. */
  wait?: Duration;
  /** 95th percentile of home's response times of the last seconds, to the headers, up to 10 m. */
  p95?: Duration;
  /** Requests that wait for home, up to 1,000,000. */
  queue?: number;
  /** Failed attempts at home as a share of all attempts of the last seconds, 0–1 (`enter`: from 0.01). */
  errorRate?: number;
}

export interface WeirBurstEnter extends WeirBurstThresholds {
  /** Without a break, 1 s – 1 h. Default `"10s"`, or `exit.for` if that is shorter. */
  for?: Duration;
}

export interface WeirBurstExit extends WeirBurstThresholds {
  /** Without a break, at least `enter.for` and two `health.interval`, at most 24 h. Default `"60s"`, or longer if need be. */
  for?: Duration;
}

export interface WeirBurstSessions {
  /** All are moved within this time after the burst, 1 s – 24 h, evenly, while home has room. Default `"10m"`. */
  moveWithin?: Duration;
}
