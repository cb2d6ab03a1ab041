/**
 * What clients within their limits notice of a flood that is held to the same limit: without a flood, beside one of a single key, and beside one
 * whose every request has a new key. The three take turns, since a shared machine is now fast and now slow.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { cpuTimeMs, residentMb } from "../process-usage.ts";
import type { RunningRung } from "../rung.ts";
import { flood } from "./flood.ts";

export const floods = ["none", "one", "random"] as const;
export type FloodKind = (typeof floods)[number];

export interface LimitsPlan {
  readonly rounds: number;
  /** How many new keys are sent before anything is measured. */
  readonly keys: number;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string) => void;
}

export interface Beside {
  /** Of the clients within their limits. */
  readonly latenciesMs: number[];
  readonly errors: string[];
  /** Of the flood. */
  requests: number;
  refused: number;
  cpuMs: number;
  seconds: number;
}

export interface Measured {
  readonly beside: Readonly<Record<FloodKind, Beside>>;
  /** New keys before the measurement, and how the memory of the whole process grew by them. */
  readonly keys: number;
  readonly memoryMb: { readonly before: number; readonly after: number };
}

const turnSeconds = 3;
/** Sixteen connections that pause so long send some 1,500 requests a second. */
const pauseMs = 8;
/** Each client stays below its limit. */
const clients = 8;
const everyMs = 50;

export async function measureLimits({ url, pid }: RunningRung, plan: LimitsPlan): Promise<Measured> {
  const small = `${url}/small`;
  const beside: Measured["beside"] = { none: nothingYet(), one: nothingYet(), random: nothingYet() };
  const agent = new Agent({ connections: clients });
  const turn = async (kind: FloodKind, into: Beside): Promise<void> => {
    const cpuBeforeMs = cpuTimeMs(pid);
    const over = sleep(turnSeconds * 1_000);
    const flooding =
      kind === "none"
        ? Promise.resolve({ requests: 0, refused: 0 })
        : flood({ ...plan, url: small, keys: kind, seconds: turnSeconds, pauseMs });
    await askUntil(over, small, agent, into);
    const { requests, refused } = await flooding;
    into.requests += requests;
    into.refused += refused;
    into.cpuMs += cpuTimeMs(pid) - cpuBeforeMs;
    into.seconds += turnSeconds;
  };
  try {
    for (const kind of floods) await turn(kind, nothingYet());
    const before = residentMb(pid);
    let keys = 0;
    while (keys < plan.keys) {
      plan.onProgress(`${keys} of ${plan.keys} keys`);
      keys += (await flood({ ...plan, url: small, keys: "random", seconds: 5, pauseMs: 0 })).requests;
    }
    const memoryMb = { before, after: residentMb(pid) };
    for (let round = 1; round <= plan.rounds; round++) {
      for (const kind of shuffled(floods)) {
        plan.onProgress(`round ${round} of ${plan.rounds} · beside ${kind}`);
        await turn(kind, beside[kind]);
      }
    }
    return { beside, keys, memoryMb };
  } finally {
    await agent.close();
  }
}

const nothingYet = (): Beside => ({
  latenciesMs: [],
  errors: [],
  requests: 0,
  refused: 0,
  cpuMs: 0,
  seconds: 0,
});

/** Clients with keys of their own, in a steady rhythm whatever becomes of their requests. */
async function askUntil(over: Promise<void>, url: string, agent: Agent, into: Beside): Promise<void> {
  const isOver = { now: false };
  void over.then(() => (isOver.now = true));
  const ask = async (key: string): Promise<void> => {
    const startMs = performance.now();
    try {
      const { statusCode, body } = await request(url, { headers: { "X-Key": key }, dispatcher: agent });
      await body.dump();
      if (statusCode === 200) into.latenciesMs.push(performance.now() - startMs);
      else into.errors.push(`status ${statusCode}`);
    } catch (error) {
      into.errors.push(String(error));
    }
  };
  await Promise.all(
    Array.from({ length: clients }, async (_, nth) => {
      await sleep((nth * everyMs) / clients);
      const asked: Promise<void>[] = [];
      while (!isOver.now) {
        asked.push(ask(`client-${nth}`));
        await sleep(everyMs);
      }
      await Promise.all(asked);
    }),
  );
}

const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
