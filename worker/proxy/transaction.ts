/**
 * One request's life in one object: what came in, which route it takes, what filters have found out and want, and what is known of the
 * answer. Each step of the pipeline reads and writes it, so no step hands a shape of its own to the next one.
 */
import type { Slot } from "../../core/holder/open-slots.ts";
import type { Pin } from "../../core/protocol/pick.ts";
import { hashNumber } from "../../core/selection/hash.ts";
import type { ActiveRoute, ActiveUpstream } from "../active-config.ts";
import { Alarm } from "../alarm.ts";
import type { Config } from "../config/sections/config.ts";
import type { Env } from "../env.ts";
import type { Isolate } from "../isolate.ts";
import type { UpstreamClient } from "../objects/upstream-client.ts";
import type { RequestEvent } from "../telemetry/access-log.ts";
import type { RequestEnd } from "./filters/filter.ts";
import { runOnEnd } from "./filters/run.ts";
import { ownerOf } from "./request/client-address.ts";
import { accountOf } from "./request/request-key.ts";
import type { RequestSource } from "./request/request-source.ts";
import type { RequestUrl } from "./request/request-url.ts";
import type { Lingerer } from "./response/lingering.ts";
import type { Reading } from "./response/load-report.ts";

/** What the Worker lends to each request. */
export interface ProxyContext {
  readonly env: Env;
  readonly isolate: Pick<Isolate, "known" | "config" | "client">;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Where a request goes, as its host and path say. */
export interface RouteFound {
  readonly route: ActiveRoute;
  /** With the target as origins are to get it. */
  readonly url: RequestUrl;
  readonly source: RequestSource;
  /** Origins could take the path for another route's. */
  readonly isAmbiguous: boolean;
}

type HeaderEdit = (headers: Headers) => void;

export class Transaction {
  readonly request: Request;
  readonly method: string;
  readonly env: Env;
  readonly isolate: ProxyContext["isolate"];
  readonly waitUntil: (work: Promise<unknown>) => void;
  readonly config: Config;
  /** The request's log line, written while it lives. */
  readonly event: RequestEvent;
  /** How the client is read on when it gets an answer early. */
  readonly lingerer: Lingerer;
  /** For all of the request's deadlines; the code that ends the request stops it. */
  readonly alarm = new Alarm();
  route: ActiveRoute;
  url: RequestUrl;
  source: RequestSource;
  isAmbiguous: boolean;
  /** The most of the request's body that is taken. */
  maxBodyBytes = Infinity;
  /** What the origin's answer says of the origin itself; goes to the object with how the attempt ended. */
  reading: Reading | undefined = undefined;
  /** The request's body, once it is there as a whole, in memory; `null`: it has none; `undefined`: it is not in memory. */
  bodyBytes: Uint8Array<ArrayBuffer> | null | undefined = undefined;
  /** Settles when a body that is sent while it arrives has been sent; absent: there is none such. */
  uploaded: Promise<void> | undefined = undefined;
  /** That of the latest attempt; absent: none was granted yet. */
  slot: Slot | undefined = undefined;
  /** This stay on a route: what filters keep of the request, they keep of it. */
  stay: object = {};
  /** How many filters of the route have been entered: those hear of the end. */
  entered = 0;
  #upstream: ActiveUpstream | undefined;
  #client: UpstreamClient | undefined = undefined;
  #pin: Pin | undefined = undefined;
  #clientNumber: number | undefined = undefined;
  #edits: HeaderEdit[] | undefined = undefined;

  constructor(
    request: Request,
    { env, isolate, waitUntil }: ProxyContext,
    config: Config,
    event: RequestEvent,
    lingerer: Lingerer,
    { route, url, source, isAmbiguous }: RouteFound,
  ) {
    this.request = request;
    this.method = event.method;
    this.env = env;
    this.isolate = isolate;
    this.waitUntil = waitUntil;
    this.config = config;
    this.event = event;
    this.lingerer = lingerer;
    this.route = route;
    this.url = url;
    this.source = source;
    this.isAmbiguous = isAmbiguous;
    this.#upstream = route.to;
    this.#tell();
  }

  /** Also in `X-Request-Id` and on error pages. */
  get id(): string {
    return this.event.requestId;
  }

  /** The deployment's, if it has one: it opens Weir, and no origin may learn it from a stray request. */
  get adminToken(): string | undefined {
    return this.env.WEIR_ADMIN_TOKEN ?? undefined;
  }

  /** The client, as far as an address tells: an IPv4 address, or the /64 of an IPv6 one. Clients that share one are one. */
  get clientName(): string {
    return ownerOf(this.source.address);
  }

  /** Stands for the client in messages, 32 bits, so that objects learn no addresses. Two clients may have the same one, rarely. */
  get clientNumber(): number {
    return (this.#clientNumber ??= hashNumber(this.clientName));
  }

  /** What the client's parts are counted under: its address, or what `limits.client.key` says. `undefined`: nothing tells whose the request is. */
  get account(): string | undefined {
    const { request, url, source, config } = this;
    return accountOf(config.limits.client.key, { request, url, address: source.address });
  }

  /** Stands for the account in messages, as `clientNumber` does for the client. */
  get accountNumber(): number | undefined {
    const { account } = this;
    if (account === undefined) return undefined;
    return account === this.clientName ? this.clientNumber : hashNumber(account);
  }

  /** What stands for the upstream in CDN-Loop. */
  get loopId(): string {
    return this.upstream.loopId;
  }

  /**
   * Where the request goes: the route's upstream, unless a filter sets another one.
   * @throws if the route has none: then its rules answer all requests, and nothing asks for one.
   */
  get upstream(): ActiveUpstream {
    if (this.#upstream === undefined) throw new Error(`the route ${this.route.name} has no upstream`);
    return this.#upstream;
  }

  /** @throws if the request is bound to a session: that belongs to the upstream that it was opened in. */
  set upstream(upstream: ActiveUpstream) {
    if (this.#pin !== undefined) throw new Error("the upstream is set after a session of it was opened");
    this.#upstream = upstream;
    this.#client = undefined;
    this.#tell();
  }

  /** This isolate's client of the upstream's object. */
  get client(): UpstreamClient {
    return (this.#client ??= this.isolate.client(this.upstream, this.request));
  }

  /** The part of the client that counts; absent: the route has no upstream. */
  get holder(): UpstreamClient["holder"] | undefined {
    return this.#upstream && this.client.holder;
  }

  /** Tells the filters that were entered; absent: none of them wants to hear of the end. */
  get onEnd(): ((end: RequestEnd) => void) | undefined {
    return this.route.filters.hasEnd ? (end) => runOnEnd(this, end) : undefined;
  }

  /** The session's origin, if the request has a session. */
  get pin(): Pin | undefined {
    return this.#pin;
  }

  /** The request belongs to this session of the upstream. */
  bind(pin: Pin): void {
    this.#pin = pin;
  }

  /** Changes the headers that origins get, after Weir has made them from the client's: what it drops and adds by itself is done by then. */
  editOriginHeaders(edit: HeaderEdit): void {
    (this.#edits ??= []).push(edit);
  }

  /** What filters want of the headers for the origin, in their order. */
  applyEdits(headers: Headers): void {
    for (const edit of this.#edits ?? []) edit(headers);
  }

  /** Begins anew on another route, as if the request had come there: nothing that the filters of the old one asked for holds there. */
  reroute({ route, url, source, isAmbiguous }: RouteFound): void {
    this.route = route;
    this.url = url;
    this.source = source;
    this.#clientNumber = undefined;
    this.isAmbiguous = isAmbiguous;
    this.maxBodyBytes = Infinity;
    this.stay = {};
    this.entered = 0;
    this.#pin = undefined;
    this.#edits = undefined;
    this.#upstream = route.to;
    this.#client = undefined;
    this.#tell();
  }

  #tell(): void {
    this.event.route = this.route.name;
    this.event.upstream = this.#upstream?.config.name;
  }
}

/** What a filter remembers of each request between its phases, for as long as the request stays on its route. */
export class PerRequest<Value> {
  readonly #values = new WeakMap<object, Value>();

  keep(tx: Pick<Transaction, "stay">, value: Value): void {
    this.#values.set(tx.stay, value);
  }

  /** `undefined`: nothing was kept of this request. */
  of(tx: Pick<Transaction, "stay">): Value | undefined {
    return this.#values.get(tx.stay);
  }
}
