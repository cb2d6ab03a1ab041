/**
 * Measures picks in turns (A B C, A B C …) after a warm-up of all, so that what slows the machine down for a moment slows
 * every policy down.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

import type { Policy } from "../../../core/model/upstream.ts";
import type { Done, Task } from "./thread.ts";

export const sizes = [10, 100, 256, 1_000] as const;

/** The most a pick may take, by the size of the pool. */
const targetNs: ReadonlyMap<number, number> = new Map([
  [10, 1_000],
  [1_000, 20_000],
]);

/** By how much a heap may grow over all rounds: less than a byte for each pick, so that none leaves anything behind. */
export const heapTargetBytes = 256 * 1_024;

export interface PickRow {
  readonly policy: string;
  readonly origins: number;
  /** The choice alone: median of the rounds, the least and the most of them. */
  readonly pickNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  /** The choice, and telling the signal of a start and a completion. Median. */
  readonly requestNs: number;
  /** By how much the policy's heap has grown over all rounds. */
  readonly heapGrowthBytes: number;
  readonly targetNs?: number;
  readonly met?: boolean;
}

const hashed = { from: "path" } as const;
const policies: readonly { readonly label: string; readonly policy: Policy }[] = [
  { label: "adaptive", policy: { name: "adaptive" } },
  { label: "round_robin", policy: { name: "round_robin" } },
  { label: "least_conn", policy: { name: "least_conn" } },
  { label: "least_time", policy: { name: "least_time", by: "header", inflight: false } },
  { label: "least_time inflight", policy: { name: "least_time", by: "header", inflight: true } },
  { label: "random_two", policy: { name: "random_two", by: "least_conn" } },
  { label: "peak_ewma", policy: { name: "peak_ewma" } },
  { label: "hash", policy: { name: "hash", key: hashed, bounded: false } },
  { label: "hash bounded", policy: { name: "hash", key: hashed, bounded: true } },
  { label: "first", policy: { name: "first" } },
];

/** A row for each policy and size; `rounds`: how often each has its turn. */
export async function measurePicks(rounds: number): Promise<PickRow[]> {
  const threads = policies.map(
    ({ policy }) => new Worker(new URL("thread.ts", import.meta.url), { workerData: policy }),
  );
  try {
    const done = policies.map(() => sizes.map((): Done[] => []));
    for (let round = -warmUps; round < rounds; round++) {
      for (const [index, thread] of threads.entries()) {
        for (const [place, origins] of sizes.entries()) {
          const result = await ask(thread, { origins, count: countFor(origins) });
          if (round >= -1) done[index]?.[place]?.push(result);
        }
      }
    }
    return policies.flatMap(({ label }, index) =>
      sizes.map((origins, place) => toRow(label, origins, done[index]?.[place] ?? [])),
    );
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

const warmUps = 3;

const countFor = (origins: number): number => Math.ceil(2_000_000 / (origins + 100));

async function ask(thread: Worker, task: Task): Promise<Done> {
  thread.postMessage(task);
  const [done] = (await once(thread, "message")) as [Done];
  return done;
}

/** The first of the results is the last warm-up: only its heap counts. */
function toRow(policy: string, origins: number, [warm, ...done]: readonly Done[]): PickRow {
  const picks = done.map(({ pickNs }) => pickNs).sort((a, b) => a - b);
  const requests = done.map(({ requestNs }) => requestNs).sort((a, b) => a - b);
  const target = targetNs.get(origins);
  const median = middle(picks);
  return {
    policy,
    origins,
    pickNs: median,
    minNs: picks[0] ?? NaN,
    maxNs: picks.at(-1) ?? NaN,
    requestNs: middle(requests),
    heapGrowthBytes: (done.at(-1)?.heapBytes ?? NaN) - (warm?.heapBytes ?? NaN),
    ...(target === undefined ? {} : { targetNs: target, met: median <= target }),
  };
}

const middle = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? NaN;
