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
  PolicyName as KnownPolicy,
  RetryCause,
  WhenUsedUp,
} from "../../core/model/upstream.ts";
import type { Target } from "../../core/protocol/config-section.ts";
import type { LocationHint } from "../../core/protocol/object-namespace.ts";
import type { BindingKind, ConnectionChoice } from "./config.ts";

/** A whole number and its unit, `B`, `KB`, `MB`, `GB` (of 1000) or `KiB`, `MiB`, `GiB` (of 1024): `"10MB"`. */
export type Size = string;

/** A whole number and its unit, `ms`, `s`, `m` or `h`: `"250ms"`, `"5s"`, `"2m"`, `"1h"`. */
export type Duration = string;

export interface WeirConfig {
  /** Where Weir runs: on Cloudflare (`"edge"`, the default), or on a workerd of your own. */
  target?: Target;
  /** Weir's own pages and API, below `/_weir/`. */
  admin?: {
    /** Hosts on which they answer. Default: all. Empty: none. */
    hosts?: string[];
  };
  /** Who says where requests come from, and how origins are told. */
  forwarding?: WeirForwarding;
  /** How much of a request is taken in. */
  limits?: WeirLimits;
  /** What routes forward to, by name. 1–100. */
  upstreams: Record<string, WeirUpstream>;
  /** What goes where; the most specific match wins. 1–1000. */
  routes: WeirRoute[];
}

export interface WeirForwarding {
  /**
   * Networks and addresses of proxies in front of Weir, `"10.0.0.0/8"`, `"2001:db8::1"`: what they say of the client is believed, and
   * continued for origins. 1000 at most. Default: none; everybody else's word is dropped.
   */
  trusted?: string[];
  /** What they say it in: `X-Forwarded-For`, `-Proto` and `-Host` (the default), or `Forwarded`. Only these are believed. */
  read?: "x-forwarded" | "forwarded";
  /** Origins are also told in `Forwarded` (RFC 7239). Default `false`. */
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
  /** Host to match, `"shop.example.com"`, or `"*.example.com"` for all below it. No port. Default: any. */
  host?: string;
  /** Path to match with all below it, `"/api"`. Default: any path. Not together with `exact`. */
  prefix?: string;
  /** The one path to match, `"/login"`. Not together with `prefix`. */
  exact?: string;
  /** The name of the upstream that answers. */
  upstream: string;
  /**
   * Where requests wait for a slot, those of a higher priority go first: `"high"`, `"normal"` or `"low"` for all of the
   * route, or `{ header: "X-Priority" }`, whose value is one of these (anything else: normal). The header is the client's
   * claim. Default: the queue's.
   */
  priority?: Priority | { header: string };
  /** The methods that are served, 1–32, `["GET", "POST"]`; `GET` is also `HEAD`. Others: 405. Default: all. */
  methods?: string[];
  /** The largest request body, 0 B – 5 GB; beyond it, 413. Default: no limit. */
  maxRequestBody?: Size;
  /** Requests by http are sent to https. Default `false`; `true`: with the defaults below. */
  https?: boolean | WeirHttps;
  /** 503 with a page, and no origin is asked. Default `false`; `true`: with the defaults below. */
  maintenance?: boolean | WeirMaintenance;
  /**
   * A path that an origin could take for one of another route, or for one with `..` in it, by decoding `%2F` or `%5C`, by decoding
   * twice, or by cutting what follows `;`: it is refused with 400 (`"reject"`, the default), or passed on as it is (`"keep"`).
   */
  ambiguousPaths?: "reject" | "keep";
  /** Responses of origins say in `X-Weir-Mode`, `-Pool`, `-Origin` and `-Attempts` how they came about. Default `false`. */
  debug?: boolean;
}

export interface WeirHttps {
  /** The port of https. Default 443. */
  port?: number;
  /** Browsers are told to come by https only (RFC 6797). Default `false`; `true`: with the defaults below. */
  hsts?: boolean | WeirHsts;
}

export interface WeirHsts {
  /** How long browsers remember, 0 s – 87600 h. Default `"8760h"`. `"0s"`: they forget. */
  maxAge?: Duration;
  /** It holds for all names below the host, too. Default `false`. */
  includeSubDomains?: boolean;
  /** Browsers may ship it; needs `includeSubDomains` and a year at least. Default `false`. */
  preload?: boolean;
}

export interface WeirMaintenance {
  /** When to come again, 1 s – 24 h. Default `"5m"`. */
  retryAfter?: Duration;
  /** The page, as HTML; `{requestId}` stands for the request's id. Default: Weir's own. */
  page?: string;
  /** Networks and addresses of clients that are served all the same. Default: none. */
  allow?: string[];
}

export interface WeirUpstream {
  /** How an origin is picked in its pool: a name, or an object with options. Default `"adaptive"`. */
  policy?: PolicyName | WeirPolicy;
  /**
   * How isolates come to their picks: by asking for each (`"strict"`), or by themselves under a lease (`"leased"`).
   * Default `"auto"`: whichever suits the isolate's traffic.
   */
  coordination?: Coordination;
  /**
   * When the shared state cannot be reached, no slot is left and no pool to spill to: serve above `maxConns` (`"exceed"`, the
   * default), or answer 503 (`"refuse"`).
   */
  onCoordinatorLoss?: OnCoordinatorLoss;
  /**
   * For a site with much traffic from several parts of the world: where objects stand that isolates ask instead, and
   * that are lent slots by the upstream's own. 8 at most, each once. Default: none.
   */
  regions?: LocationHint[];
  /** Where the upstream's shared state lives; best near its home pool. Default: near its first request. */
  location?: LocationHint;
  /** Home first, then where it spills to. 1–16. */
  pools: WeirPool[];
  /** Probes. Default `true`: `GET /` every 10 s. `false`: none. */
  health?: boolean | WeirHealth;
  /** What real traffic shows of an origin's health. Default `true`. `false`: ignored. */
  passive?: boolean | WeirPassive;
  /**
   * An origin that is new, or back from an outage, gets a part of its share that grows from a tenth to all of it within this
   * time, 0 s – 1 h. Default `"30s"`; `"0s"`: all of it at once.
   */
  slowStart?: Duration;
  /** Keeps a client on its origin by means of a cookie. Default `false`; `true`: with the defaults below. */
  sticky?: boolean | WeirSticky;
  /** Orders for instances of a burst pool, made from a forecast of the demand. Default: none. */
  autoscale?: WeirAutoscale;
  /** Origins say how busy they are, and that they want to be drained, in a signed header. Default: they do not. */
  loadReports?: WeirLoadReports;
  /**
   * Requests that find no free slot wait for one. Default `true`, with the defaults below; `false`: they spill or are refused at once.
   * Not beside `regions`, where the default is `false`.
   */
  queue?: boolean | WeirQueue;
  /** What of origins' answers names the origins themselves. */
  rewrite?: WeirRewrite;
  /** Pages for errors, and which of the origins' own they replace. */
  errors?: WeirErrors;
  timeouts?: WeirTimeouts;
  /** Second attempts, on another origin. */
  retries?: WeirRetries;
  /**
   * Watches for bursts: when home has been too small for a while, and when no longer. It routes no request; it decides when
   * sessions that began elsewhere come home, and is logged and shown. Default `false`; `true`: with the defaults below.
   */
  burst?: boolean | WeirBurst;
}

/** The policies that need no options. `least_time` goes by headers, `random_two` by open requests. */
export type PolicyName = Exclude<KnownPolicy, "hash">;

export type WeirPolicy =
  | { name: "adaptive" | "round_robin" | "least_conn" | "peak_ewma" | "ip_hash" | "first" }
  | {
      /** The least average time, times the open requests. */
      name: "least_time";
      /** To the response's headers, or to its last byte. Default `"header"`. */
      by?: AnswerTime;
      /** Requests that are still open count too, by their age. Default `false`. */
      inflight?: boolean;
    }
  | {
      /** Two at random, the better of them. */
      name: "random_two";
      /** By open requests, or by time and open requests. Default `"least_conn"`. */
      by?: "least_conn" | "least_time";
    }
  | {
      /** Equal keys go to the same origin. */
      name: "hash";
      /** `"path"`, `"address"`, `"header:NAME"`, `"cookie:NAME"` or `"query:NAME"`. */
      key: string;
      /** No origin has more than its share of the open requests and a quarter. Default `true`. */
      bounded?: boolean;
    };

export interface WeirPool {
  /** Unique in its upstream: 1–64 letters, digits, `.`, `_`, `-`. */
  name: string;
  /** Servers that are alike. At least 1, unless there is `register`; an upstream has 1000 at most. */
  origins: WeirOrigin[];
  /**
   * `"auto"`: what each origin can have open is found out from the times of its answers, and never more than its `maxConns`. Only
   * on the first pool; without a second one each of its origins needs `maxConns`. Default: it is `maxConns`.
   */
  capacity?: "auto";
  /** Further ones register themselves. Not beside `regions`. Default: none may. */
  register?: WeirRegister;
  /** What a request costs here, as the time that its user may be kept waiting at home instead, 0 – 60 s. Default `"0ms"`. */
  price?: Duration;
  /** What it costs, in your own currency; not for the first pool. Default: nothing. */
  cost?: WeirCost;
  /** How much may be spent on it; not for the first pool, nor with `regions`. Default: no limit. */
  budget?: WeirBudget;
}

export interface WeirRegister {
  /** What the origins sign with: 32–256 characters, `"${ENV:NAME}"`. */
  secret: string;
  /**
   * Where they may be: scheme, host and port, `"https://*.cloud.example.net"`, `"http://10.0.0.0/8:8080"`,
   * `"http://127.0.0.1:9300-9399"`; `:*` is any port, none is that of the scheme. 1–100.
   */
  urls: string[];
  /** From one heartbeat to the next, 1 s – 5 m; who misses three goes. Default `"10s"`. */
  every?: Duration;
  /** At most so many at a time, 1–1000. Default 100. */
  max?: number;
  /** The most requests that each may have open at once, over the whole fleet. Default: no limit. */
  maxConns?: number;
}

export interface WeirCost {
  /** Money for each attempt that is sent there, 0 or more. Default 0. */
  perRequest?: number;
  /** Money for 10^9 bytes of its responses' bodies, 0 or more. Default 0. */
  perGb?: number;
}

/** One limit, or both. */
export interface WeirBudget {
  /** The most attempts in an hour of UTC, 0 – 10^9. Default: no limit. */
  requestsPerHour?: number;
  /** The most money in a day of UTC, by the pool's `cost`. Default: no limit. */
  moneyPerDay?: number;
  /**
   * When it is used up: requests wait at home for a slot (`"queue"`), those of low priority are refused already when the others
   * could run short (`"shed-low-priority"`), or none is served there any more (`"fail"`). Default `"fail"`.
   */
  whenUsedUp?: WhenUsedUp;
}

export interface WeirOrigin {
  /** Unique in its upstream: 1–64 letters, digits, `.`, `_`, `-`. */
  name: string;
  /** `http:` or `https:`, host, port, and a path prefix if any: `"https://a.example.com"`. */
  url: string;
  /** Share of the traffic beside the other origins of the pool, 0–1000. Default 1; 0: never picked. */
  weight?: number;
  /** The most requests it may have open at once, over the whole fleet. Default: no limit. */
  maxConns?: number;
  /** Used only while no other origin of the pool can be. Default `false`. */
  backup?: boolean;
  /** How it is reached: a public `"fetch"` (the default), or a binding of the Worker (VPC, tunnel, other Worker, mTLS). */
  via?: "fetch" | { binding: string; kind?: BindingKind };
  /**
   * Which connections requests have: each one of its own (`"each"`), such as others have used before (`"reuse"`), or what suits the
   * origin (`"auto"`, the default): on workerd a request that cannot be sent twice has one of its own, and the others have, too,
   * until the origin is seen to keep its connections open, or to say when it closes them. At the edge and through a binding `"auto"`
   * is `"reuse"`, and `"each"` needs `via: "fetch"` or a binding of kind `"vpc-network"`.
   */
  connection?: ConnectionChoice;
  /**
   * The Host that it sees: that of `url` (`"origin"`, the default), the one that the client asked for (`"preserve"`), or always the
   * same (`"shop.example.com"`). Other than `"origin"` only with a `via` of kind `"vpc-service"` or `"worker"`.
   */
  host?: string;
  /** A service token of Cloudflare Access, `{ id: "${ENV:ID}", secret: "${ENV:SECRET}" }`. Default: none. */
  access?: { id: string; secret: string };
}

export interface WeirRewrite {
  /** A `Location` or `Refresh` that leads to an origin of the upstream leads to Weir instead. Default `true`. */
  redirects?: boolean;
  /** The `Domain` of cookies: `{ "origin.internal": "example.com" }`; to `""`: the host that was asked. Default: as it is. */
  cookieDomains?: Record<string, string>;
  /** The beginning of cookies' `Path`: `{ "/app": "/" }`. Default: as it is. */
  cookiePaths?: Record<string, string>;
}

export interface WeirErrors {
  /**
   * Pages as HTML, by status (`"404"`, `"500-599"`, from 400), 32 at most. `{status}`, `{message}` and `{requestId}` in them stand for
   * what they say. Default: Weir's own page.
   */
  pages?: Record<string, string>;
  /** Statuses of origins' answers that are replaced by a page, from 400: `[404, "500-599"]`. Default: none. */
  intercept?: (string | number)[];
}

export interface WeirHealth {
  /** Default `"GET"`. */
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
  /** Share of `interval` by which each round is moved at random, 0–0.5. Default 0.1. */
  jitter?: number;
  /** Good probes in a row that make an origin healthy, 1–100. Default 2. */
  rise?: number;
  /** Bad probes in a row that make it unhealthy, 1–100. Default 3. */
  fall?: number;
}

export interface WeirPassive {
  /** Failures in a row that eject an origin, 2–1000: one never does. Default 5. */
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
  /** The cookie's domain, `".example.com"`. Default: the host that was asked. */
  domain?: string;
  /**
   * A session that was bound to a later pool is moved home when that has had room for a while, once. Default `true`, and with
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
  /** Fewer instances are ordered only after they would have done for so long, 1 s – 24 h. Default `"1m"`. */
  shrinkAfter?: Duration;
  /** At least so many instances, 0–1000, at most `max`. Default 0. */
  min?: number;
  /** At most so many, 1–1000. */
  max: number;
  /** While home is not enough, the pool can do at least so much of what home can, 0–10. Default 0: what the forecast says. */
  reserve?: number;
  /** Where the orders go, and what they are signed with: 32–256 characters, `"${ENV:NAME}"`. */
  webhook: { url: string; secret: string };
}

export interface WeirLoadReports {
  /** What the origins sign `X-Weir-Load` with: 32–256 characters, `"${ENV:NAME}"`. */
  secret: string;
  /** So old a report may be to be believed, and so long it holds, 1 s – 300 s. Default `"10s"`. */
  maxAge?: Duration;
}

export interface WeirQueue {
  /**
   * The most requests that wait at once, over the whole fleet, 1–10,000. Default: as many as can be served within `timeout` (slots ×
   * `timeout` ÷ the time a request takes, as measured), at most 1,000.
   */
  length?: number;
  /** The longest that one waits, 10 ms – 60 s, and never beyond `timeouts.total`. Default `"5s"`, or half of `total` if that is shorter. */
  timeout?: Duration;
  /** Of requests whose route says nothing of it. Default `"normal"`. */
  priority?: Priority;
}

export interface WeirTimeouts {
  /** Per attempt, until the origin's headers, 10 ms – 1 h. Default `"15s"`, or `total` if that is shorter. */
  headers?: Duration;
  /** The whole request with its retries, 10 ms – 24 h. Default `"60s"`, or `headers` if that is longer. */
  total?: Duration;
  /** How long a stream or WebSocket keeps its slot without a sign of life, 1 s – 24 h. Default `"60s"`. */
  maxHold?: Duration;
  /** How long one exchange with the upstream's object may take, 10 ms – 10 s. Default `"250ms"`. */
  exchange?: Duration;
}

export interface WeirRetries {
  /** Further attempts after the first, 0–3. Default 2. */
  attempts?: number;
  /** Failures worth a second attempt. Default: all, `["connect", "timeout", "502", "503", "504"]`. */
  on?: RetryCause[];
  /** Retries allowed as a share of requests, fleet-wide, 0–1. Default 0.2. */
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
  /** What becomes of sessions that began in a later pool. Default `true`: they are moved home. `false`: they stay. */
  sessions?: boolean | WeirBurstSessions;
}

/** Each in `enter` above 0. */
export interface WeirBurstThresholds {
  /** Slots in use over `maxConns`, of home's origins that serve and have a limit, 0–1 (`enter`: from 0.01). */
  utilisation?: number;
  /** The wait that a request would have at home, up to 10 m. */
  wait?: Duration;
  /** The time that 95 % of home's answers of the last seconds do not exceed, to their headers, up to 10 m. */
  p95?: Duration;
  /** Requests that wait for home, up to 1,000,000. */
  queue?: number;
  /** Failed attempts at home as a share of those of the last seconds, 0–1 (`enter`: from 0.01). */
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
