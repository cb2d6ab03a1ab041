/**
 * A fleet on this machine: four isolates that share their objects on plain workerd, hundreds of clients, and objects that
 * fail at a word (`saboteur/`). Every upstream has its own host and its own origins, so one fleet serves many tests.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { Pool } from "undici";
import { onTestFinished } from "vitest";

import { leaseMs } from "../../core/protocol/clocks.ts";
import type { WeirRoute, WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { patienceMs } from "./patience.ts";
import type { Sabotage } from "./saboteur/sabotage.ts";
import { eventually, found, startStack, type Stack } from "./stack.ts";

export const isolates = 4;

/** Of each origin at home, unless the upstream says otherwise. */
export const maxConns = 8;
const homeOf = (upstream: string): string[] => [`${upstream}-a`, `${upstream}-b`];
const cloudOf = (upstream: string): string => `${upstream}-cloud`;

export interface FleetUpstream extends Omit<WeirUpstreamConfig, "pools"> {
  /** Whether it has a second pool; that one has no limit. */
  readonly cloud?: boolean;
  readonly maxConns?: number;
  /** Of its route. */
  readonly priority?: WeirRoute["priority"];
}

export interface Fleet {
  readonly stack: Stack;
  /** Starts the load. */
  load(upstream: string, options?: LoadOptions): Load;
  /** Requests that come to the isolate all at once, and what each of them got. */
  once(upstream: string, options: { isolate: number; requests: number }): Promise<Seen[]>;
  /** Does it to the object of that name: an upstream's, or UPSTREAM@REGION. */
  sabotage(object: string, kind: Sabotage, forMs?: number): Promise<void>;
  /** Takes the isolate's processor for so long. On plain workerd all isolates and objects of a process share it. */
  stall(isolate: number, forMs: number): Promise<void>;
  /** The most that were open at once at each origin of home, since the start or `forgetPeaks`. */
  peaks(upstream: string): number[];
  forgetPeaks(upstream: string): void;
  /** Slots in use by origin, as the upstream's own object counts them. */
  inFlight(upstream: string): Promise<number[]>;
  /** Requests that wait for a slot, as it counts them. */
  waiting(upstream: string): Promise<number>;
  /** Waits until it counts none: at most for as long as a lease lasts. */
  allFree(upstream: string): Promise<void>;
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Default 200. */
  readonly clients?: number;
  /** The isolates that they come to, in turn. Default all. */
  readonly through?: readonly number[];
  /** Default: an answer after a tenth of a second. */
  readonly path?: string;
}

export interface Load {
  /** What clients have got so far. */
  readonly seen: readonly Seen[];
  /** Waits until they have got so much more. */
  further(answers: number): Promise<void>;
  /** No client sends another request, and all have their answers. */
  end(): Promise<void>;
}

/** What a client got. `status` 0: no answer, or one that broke off. */
export interface Seen {
  readonly status: number;
  readonly mode?: string;
  readonly origin?: string;
  readonly retryAfter?: string;
}

/** Starts the fleet. `continents`: where each isolate is, as its requests tell. */
export async function startFleet(
  upstreams: Readonly<Record<string, FleetUpstream>>,
  continents: readonly string[] = [],
): Promise<Fleet> {
  const names = Object.keys(upstreams);
  const stack = await startStack({
    bundle: "saboteur",
    isolates,
    origins: { home: names.flatMap(homeOf), cloud: names.map(cloudOf) },
    spec: { workers: 64, serviceTime: { kind: "constant", ms: 100 } },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: Object.fromEntries(
        Object.entries(upstreams).map(
          ([name, { cloud, priority: _priority, maxConns: limit = maxConns, ...settings }]) => {
            const home = homeOf(name).map((origin) => ({
              name: origin,
              url: urlOf(origin),
              maxConns: limit,
            }));
            const burst = { name: cloudOf(name), url: urlOf(cloudOf(name)) };
            const pools = [
              { name: "home", origins: home },
              ...(cloud ? [{ name: "cloud", origins: [burst] }] : []),
            ];
            return [name, { health: false, ...settings, pools }];
          },
        ),
      ),
      routes: Object.entries(upstreams).map(([name, { priority }]) => ({
        host: `${name}.test`,
        upstream: name,
        debug: true,
        ...(priority && { priority }),
      })),
    }),
  });
  const headersOf = (isolate: number): Record<string, string> => {
    const continent = continents[isolate];
    return continent === undefined ? {} : { "x-continent": continent };
  };
  const viewOf = async (upstream: string) =>
    (await stack.admin.upstreams()).find(({ name }) => name === upstream);
  const inFlight = async (upstream: string): Promise<number[]> => {
    const view = await viewOf(upstream);
    return (view?.pools ?? []).flatMap(({ origins }) => origins.map((origin) => origin.inFlight));
  };
  return {
    stack,
    load: (upstream, options = {}) => {
      const { through = stack.weir.urls.map((_, isolate) => isolate) } = options;
      const ways = through.map((isolate) => ({
        url: stack.weir.urls[isolate] ?? "",
        headers: { host: `${upstream}.test`, ...headersOf(isolate) },
      }));
      return startLoad(ways, options);
    },
    once: async (upstream, { isolate, requests }) => {
      const url = stack.weir.urls[isolate] ?? "";
      const pool = new Pool(url, { connections: requests, pipelining: 1 });
      const headers = { host: `${upstream}.test`, ...headersOf(isolate) };
      const seen = await Promise.all(Array.from({ length: requests }, () => send(pool, "/", headers)));
      await pool.close();
      return seen;
    },
    sabotage: async (object, kind, forMs = 0) => {
      const { ok } = await fetch(
        `${stack.url}/sabotage?object=${encodeURIComponent(object)}&kind=${kind}&ms=${forMs}`,
      );
      if (!ok) throw new Error(`${object} could not be made ${kind}`);
    },
    stall: async (isolate, forMs) => {
      const { ok } = await fetch(`${stack.weir.urls[isolate] ?? ""}/stall?ms=${forMs}`);
      if (!ok) throw new Error(`isolate ${isolate} could not be stalled`);
    },
    peaks: (upstream) => homeOf(upstream).map((name) => found(stack.origins, name).stats().peakOpen),
    forgetPeaks: (upstream) => {
      for (const name of homeOf(upstream)) found(stack.origins, name).resetStats();
    },
    inFlight,
    waiting: async (upstream) => (await viewOf(upstream))?.queue?.length ?? 0,
    allFree: (upstream) =>
      eventually(
        `no slot of ${upstream} is in use`,
        async () => (await inFlight(upstream)).every((open) => open === 0),
        leaseMs,
      ),
    stop: () => stack.stop(),
  };
}

interface Way {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How long a client waits after a refusal, as a person does: somewhat less than `Retry-After` says. */
const comesBackMs = 200;

function startLoad(ways: readonly Way[], { clients = 200, path = "/" }: LoadOptions): Load {
  const seen: Seen[] = [];
  const pools = ways.map(({ url }) => new Pool(url, { connections: clients, pipelining: 1 }));
  const over = new AbortController();
  const client = async (index: number): Promise<void> => {
    const pool = pools[index % pools.length]!;
    const headers = { ...ways[index % ways.length]!.headers };
    while (!over.signal.aborted) {
      const got = await send(pool, path, headers);
      seen.push(got);
      if (got.status !== 200) await sleep(comesBackMs);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    over.abort();
    ended ??= all.then(() => Promise.all(pools.map((pool) => pool.close()))).then(() => undefined);
    return ended;
  };
  // A test that fails leaves no load for the next one.
  onTestFinished(end);
  return {
    seen,
    end,
    further: (answers) => {
      const enough = seen.length + answers;
      return eventually(`${answers} more answers`, () => seen.length >= enough, patienceMs);
    },
  };
}

async function send(pool: Pool, path: string, headers: Record<string, string>): Promise<Seen> {
  try {
    const {
      statusCode: status,
      headers: answer,
      body,
    } = await pool.request({ method: "GET", path, headers });
    await body.arrayBuffer();
    const text = (name: string): string | undefined => answer[name]?.toString();
    const [mode, origin, retryAfter] = ["x-weir-mode", "x-origin", "retry-after"].map(text);
    return { status, ...(mode && { mode }), ...(origin && { origin }), ...(retryAfter && { retryAfter }) };
  } catch {
    return { status: 0 };
  }
}

/** How many have got each: `"200 leased"`, `"503"` … */
export function tally(seen: readonly Seen[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, mode } of seen) {
    const kind = mode === undefined ? String(status) : `${status} ${mode}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
