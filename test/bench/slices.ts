/**
 * Throughput, where ratios count. A shared machine is now fast and now slow, by a factor of two from one second to the
 * next, so turns of seconds cannot be compared. Here every rung has its load all the time, but all of them stand still
 * but one, and whose turn it is changes every 70 ms, in random order: whatever slows the machine down hits all alike.
 * (Latencies cannot be had this way, as requests stand still as well: those come from turns, `measure.ts`.)
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Plan, Target } from "./measure.ts";
import { cpuTimeMs } from "./process-usage.ts";
import type { Body } from "./traffic.ts";
import { startLoad, type LoadResult, type RunningLoad } from "./wrk.ts";

/** What a rung did in its slices. Of the result's times, those in which it stood still are a part. */
export interface Slices {
  readonly result: LoadResult;
  readonly rps: number;
  readonly cpuMsPerRequest: number;
}

const sliceMs = 70;
/** For what is still in the air when a load stands still. */
const settleMs = 8;

interface Lane {
  readonly target: Target;
  readonly load: RunningLoad;
  readonly cpuBeforeMs: number;
  activeMs: number;
}

/** Loads all targets, each for `seconds` in all; one result each, in their order. */
export async function runSlices(
  targets: readonly Target[],
  body: Body,
  plan: Pick<Plan, "seconds" | "connections" | "signal">,
): Promise<Slices[]> {
  const { signal, connections, seconds } = plan;
  const wallSeconds = Math.ceil(targets.length * seconds * 2) + 5;
  const lanes = targets.map((target): Lane => {
    const load = startLoad({ url: `${target.url}/${body}`, connections, seconds: wallSeconds, signal });
    load.pause();
    return { target, load, cpuBeforeMs: cpuTimeMs(target.pid), activeMs: 0 };
  });
  while (lanes.some(({ activeMs }) => activeMs < seconds * 1000)) {
    for (const lane of shuffled(lanes)) await runSlice(lane);
  }
  for (const { load } of lanes) load.finish();
  return Promise.all(lanes.map(toSlices));
}

async function runSlice(lane: Lane): Promise<void> {
  const startedMs = performance.now();
  lane.load.resume();
  await sleep(sliceMs);
  lane.load.pause();
  lane.activeMs += performance.now() - startedMs;
  await sleep(settleMs);
}

async function toSlices({ target, load, activeMs, cpuBeforeMs }: Lane): Promise<Slices> {
  const result = await load.result;
  const cpuMs = cpuTimeMs(target.pid) - cpuBeforeMs;
  return { result, rps: (result.requests / activeMs) * 1000, cpuMsPerRequest: cpuMs / result.requests };
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
