/**
 * The whole pipeline in Node: a Worker's isolate with a config, a strict object that grants what a test says, and origins that are a function in
 * place of `fetch`. Nothing waits for a clock.
 */
import { afterEach, beforeEach, expect, vi } from "vitest";

import type { ExchangeMessage, ExchangeReply } from "../../../../core/protocol/exchange.ts";
import { HoldKeeper } from "../../../../core/limits/hold-keeper.ts";
import { RateKeeper } from "../../../../core/limits/rate-keeper.ts";
import type { Pick } from "../../../../core/protocol/pick.ts";
import type { HoldAsk } from "../../../../core/protocol/concurrency.ts";
import type { RateAsk } from "../../../../core/protocol/rate-limits.ts";
import type { RoleResult } from "../../../../core/protocol/role-object.ts";
import { RouteTable } from "../../../../core/routing/route-table.ts";
import type { Addressed, ExchangeResult } from "../../../../core/protocol/upstream-object.ts";
import type { ActiveConfig, ActiveUpstream, ServingConfig } from "../../../../worker/active-config.ts";
import type { WeirConfig } from "../../../../worker/config/weir-config.ts";
import type { Env } from "../../../../worker/env.ts";
import { Isolate } from "../../../../worker/isolate.ts";
import type { RouteFilter } from "../../../../worker/proxy/filters/filter.ts";
import { inPhases, type RouteFilters } from "../../../../worker/proxy/filters/phases.ts";
import { findRoute } from "../../../../worker/proxy/find-route.ts";
import { proxy } from "../../../../worker/proxy/pipeline.ts";
import { readRequestUrl } from "../../../../worker/proxy/request/request-url.ts";
import { Lingerer } from "../../../../worker/proxy/response/lingering.ts";
import { Transaction, type ProxyContext } from "../../../../worker/proxy/transaction.ts";
import { requestEvent } from "../../../../worker/telemetry/access-log.ts";
import { fakeEnv, fakeRole, fakeUpstream } from "../fake-objects.ts";
import { standInForWorkerdStreams } from "./workerd-streams.ts";

export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string };
type OriginAnswer = (url: string, init: RequestInit) => Response | Promise<Response>;

export interface Asking extends RequestInit {
  readonly scheme?: "http" | "https";
  readonly authority?: string;
  /** The client's; absent: one of a documentation network. `null`: the runtime does not tell. */
  readonly address?: string | null;
}

const strict: ExchangeReply = { epoch: 1, outcomesSeen: 0, mode: "strict" };

export const toOrigin = (origin: string, pool = "home"): Pick => ({
  kind: "granted",
  origin,
  pool,
  pinEpoch: 1,
  pin: "none",
});

/** An upstream for requests beside the client's; its object grants origin a. */
export const asideUpstream = {
  pools: [{ name: "home", origins: [{ name: "a", url: "http://aside.test", connection: "reuse" }] }],
  coordination: "strict",
};

const isObject = (value: unknown): value is object => typeof value === "object";

/** One route to one upstream of two origins, unless a test says otherwise. */
export const shop = (upstream: object = {}, route: object = {}, root: object = {}): WeirConfig => ({
  target: "workerd",
  ...root,
  upstreams: {
    ...("upstreams" in root && isObject(root.upstreams) && root.upstreams),
    shop: {
      pools: [
        {
          name: "home",
          origins: [
            { name: "a", url: "http://a.test", maxConns: 9, connection: "reuse" },
            { name: "b", url: "http://b.test", maxConns: 9, connection: "reuse" },
          ],
        },
      ],
      coordination: "strict",
      ...upstream,
    },
  },
  routes: [{ upstream: "shop", ...route }],
});

export class ProxiedSite {
  readonly #isolate: Isolate;
  readonly #active: ServingConfig;
  readonly #env: Env;
  readonly #promised: Promise<unknown>[] = [];
  readonly #heard: Heard;
  /** What the object has been sent. */
  readonly messages: Addressed<ExchangeMessage>[];
  /** What the object answers to each ask, one after the other; then origin a. */
  readonly picks: Pick[];
  /** What the objects of rate limits have been asked. */
  readonly limitAsks: (RateAsk | HoldAsk)[];
  /** What the origins are sent. */
  readonly sent: { readonly url: string; readonly init: RequestInit }[] = [];
  /** What the origins answer. */
  origin: OriginAnswer = () => new Response("from the origin", { headers: { "Content-Length": "15" } });

  private constructor(isolate: Isolate, active: ServingConfig, env: Env, heard: Heard) {
    this.#isolate = isolate;
    this.#active = active;
    this.#env = env;
    this.#heard = heard;
    this.messages = heard.messages;
    this.picks = heard.picks;
    this.limitAsks = heard.limitAsks;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      this.sent.push({ url, init });
      return Promise.resolve(this.origin(url, init));
    });
  }

  /** A site with this config. @param filters those of all routes, in place of what the config says. */
  static async open(
    config: WeirConfig,
    { filters, env = {} }: { readonly filters?: readonly RouteFilter[]; readonly env?: Partial<Env> } = {},
  ): Promise<ProxiedSite> {
    const heard: Heard = { messages: [], picks: [], limitAsks: [], isLost: false, areLimitsLost: false };
    const heardAside: Heard = { ...heard, messages: [], picks: [] };
    const keepers: Keepers = { rates: new RateKeeper(Date.now(), 64), holds: new HoldKeeper() };
    const role = fakeRole({ call: async (json) => limitReply(json, keepers, heard) });
    const upstreams = fakeEnv(
      fakeUpstream({ exchange: async (json) => reply(json, heard) }),
      undefined,
      role,
    );
    const asides = fakeEnv(fakeUpstream({ exchange: async (json) => reply(json, heardAside) }));
    const objects: Env["UPSTREAM_STATE"] = {
      getByName: (name) =>
        (["aside", "copies"].includes(name) ? asides : upstreams).UPSTREAM_STATE.getByName(name),
    };
    const bindings = { ...upstreams, UPSTREAM_STATE: objects, ...env };
    const isolate = new Isolate(config);
    const active = await isolate.config(bindings);
    if (!active.ok) return expect.unreachable(JSON.stringify(active.issues));
    const replaced = filters && inPhases(filters);
    return new ProxiedSite(
      isolate,
      replaced === undefined ? active : withFilters(active, replaced),
      bindings,
      heard,
    );
  }

  /** The objects of rate limits do not answer any more. */
  loseLimits(): void {
    this.#heard.areLimitsLost = true;
  }

  /** The object does not answer any more. */
  lose(): void {
    this.#heard.isLost = true;
  }

  /** The filters that the config gives to its first route, in their order. */
  get filters(): readonly RouteFilter[] {
    const { onRequest, onReady, onRefusal, onResponse, onSend } =
      this.#active.routes[0]?.filters ?? expect.unreachable();
    return [...new Set([...onRequest, ...onReady, ...onRefusal, ...onResponse, ...onSend])];
  }

  /** The config, as requests are served by it. */
  get active(): ServingConfig {
    return this.#active;
  }

  upstream(name: string): ActiveUpstream {
    return this.#active.upstreams.get(name) ?? expect.unreachable(`there is no upstream ${name}`);
  }

  /** The client's answer. */
  fetch(target: string, asking: Asking = {}, active: ActiveConfig = this.#active): Promise<Response> {
    return this.send(requestOf(target, asking), active);
  }

  /** The answer to a request that a test has made. */
  send(request: Request, active: ActiveConfig = this.#active): Promise<Response> {
    return proxy(request, readRequestUrl(request), this.#contextOf(active));
  }

  /** A request's transaction before its first filter, for tests of a single step. */
  enter(target = "/", asking: Asking = {}): Transaction {
    const request = requestOf(target, asking);
    const found = findRoute(request, readRequestUrl(request), this.#active);
    if (typeof found === "string") return expect.unreachable(found);
    const context = this.#contextOf(this.#active);
    const { method } = request;
    const known = { requestId: "request-1", method, host: "shop.test", path: target, startedMs: Date.now() };
    const lingerer = new Lingerer(this.#active, () => found.source.address, context.waitUntil);
    return new Transaction(request, context, this.#active.config, requestEvent(known), lingerer, found);
  }

  #contextOf(active: ActiveConfig): ProxyContext {
    return {
      env: this.#env,
      isolate: {
        known: active,
        config: () => Promise.resolve(active),
        client: (upstream, asking) => this.#isolate.client(upstream, asking),
      },
      waitUntil: (work) => void this.#promised.push(work),
    };
  }

  /** The client's answer, when the whole request is over. */
  async get(target = "/", init: Asking = {}): Promise<{ status: number; headers: Headers; body: string }> {
    const { status, headers, ...response } = await this.fetch(target, init).then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      body: await answer.text(),
    }));
    await this.settle();
    return { status, headers, ...response };
  }

  /** Until all that was promised to `waitUntil` is over. */
  async settle(): Promise<void> {
    for (let work = this.#promised.shift(); work !== undefined; work = this.#promised.shift()) {
      await vi.advanceTimersByTimeAsync(5_000);
      await work;
    }
  }

  /** How many slots the isolate holds, by what it tells the object with the message of a request that passes no filter. */
  async openSlots(): Promise<number> {
    const before = this.messages.length;
    this.picks.length = 0;
    this.origin = () => new Response(null);
    await this.fetch("/", {}, withFilters(this.#active, inPhases([])));
    const held = this.messages[before]?.held ?? expect.unreachable("the isolate asked nothing");
    await this.settle();
    return held.reduce((sum, { open }) => sum + open, 0);
  }
}

/** The same config, but all of its routes have these filters. */
function withFilters(active: ServingConfig, filters: RouteFilters): ServingConfig {
  const routes = active.routes.map((route) => ({ ...route, filters }));
  return { ...active, routes, table: new RouteTable(routes) };
}

function requestOf(
  target: string,
  { scheme = "http", authority = "shop.test", address = "192.0.2.7", ...init }: Asking,
): Request {
  const request = new Request(`${scheme}://${authority}${target}`, init);
  Object.defineProperty(request, "cf", { value: { clientIp: address } });
  return request;
}

interface Heard {
  readonly messages: Addressed<ExchangeMessage>[];
  readonly picks: Pick[];
  readonly limitAsks: (RateAsk | HoldAsk)[];
  isLost: boolean;
  areLimitsLost: boolean;
}

function reply(json: string, { messages, picks, isLost }: Heard): string {
  if (isLost) throw new Error("internal error; reference = test");
  const message: Addressed<ExchangeMessage> = JSON.parse(json);
  messages.push(message);
  const pick = message.want === undefined ? undefined : (picks.shift() ?? toOrigin("a"));
  return JSON.stringify({
    kind: "reply",
    reply: { ...strict, ...(pick && { pick }) },
  } satisfies ExchangeResult);
}

interface Keepers {
  readonly rates: RateKeeper;
  readonly holds: HoldKeeper;
}

/** Of the objects of limits, which are one here. */
function limitReply(json: string, { rates, holds }: Keepers, { limitAsks, areLimitsLost }: Heard): string {
  if (areLimitsLost) throw new Error("internal error; reference = test");
  const ask: RateAsk | HoldAsk = JSON.parse(json);
  limitAsks.push(ask);
  const answer = "kind" in ask ? holds.answer(ask, Date.now()) : rates.answer(ask, Date.now());
  return JSON.stringify({ kind: "answer", answer } satisfies RoleResult);
}

const lines: LogLine[] = [];

/** The log lines of this test. */
export const logged = (event: string): LogLine[] => lines.filter((line) => line.event === event);

/** Puts clock, log and the runtime's streams in place for every test of the file. */
export function inNode(): void {
  standInForWorkerdStreams();
  beforeEach(() => {
    lines.length = 0;
    vi.useFakeTimers();
    vi.spyOn(console, "log").mockImplementation((text: string) => void lines.push(JSON.parse(text)));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}
