/**
 * One policy at work, in a thread of its own: an isolate that knows several policies optimises none of them as well as
 * one that runs a single one, and an upstream's object has a single one. Each pool is busy, its origins differ, and
 * requests come and go while it is measured.
 */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";

import { seededRandom } from "../../../core/model/random.ts";
import type { PolicyInput } from "../../../core/selection/policy.ts";
import { createBalancer, type Balancer } from "../../../core/selection/registry.ts";
import type { Policy } from "../../../core/model/upstream.ts";

/** What a thread is asked to do: so many requests in the pool of this size. */
export interface Task {
  readonly origins: number;
  readonly count: number;
}

/** Nanoseconds each, and the heap after a collection. */
export interface Done {
  readonly pickNs: number;
  readonly requestNs: number;
  readonly heapBytes: number;
}

/** One pool in use: requests begin and end, and time goes on. */
class BusyPool {
  readonly #balancer: Balancer;
  readonly #random = seededRandom(1);
  readonly #candidates: { readonly name: string; readonly weight: number; inFlight: number }[];
  readonly #keys = Array.from({ length: 1_024 }, (_, index) => `/products/${index * 7_919}`);
  #now = 1_000_000;
  #turn = 0;

  constructor(policy: Policy, origins: number) {
    this.#candidates = Array.from({ length: origins }, (_, index) => ({
      name: `on-prem-${index}`,
      weight: 1 + (index % 3),
      inFlight: Math.floor(this.#random.next() * 8),
    }));
    this.#balancer = createBalancer(policy, this.#candidates);
    for (const { name, inFlight } of this.#candidates) {
      for (let open = 0; open < inFlight; open++) this.#balancer.signal.recordStart(name, this.#now);
    }
  }

  /** Nanoseconds per pick, of so many. */
  pick(count: number): number {
    const { policy } = this.#balancer;
    const started = cpuNs();
    for (let pick = 0; pick < count; pick++) policy.select(this.#candidates, this.#choice());
    return (cpuNs() - started) / count;
  }

  /** Nanoseconds per request, of so many: the pick, its start, and the completion of an earlier one. */
  serve(count: number): number {
    const { policy, signal } = this.#balancer;
    const started = cpuNs();
    for (let request = 0; request < count; request++) {
      const chosen = policy.select(this.#candidates, this.#choice());
      const candidate = this.#candidates.find(({ name }) => name === chosen?.name);
      if (candidate === undefined) throw new Error("no candidate was chosen");
      candidate.inFlight = (candidate.inFlight + 1) % 16;
      signal.recordStart(candidate.name, this.#now);
      const took = 5 + 100 * this.#random.next();
      signal.recordCompletion(
        candidate.name,
        { ok: request % 64 > 0, headerMs: took, lastByteMs: took },
        this.#now,
      );
    }
    return (cpuNs() - started) / count;
  }

  #choice(): PolicyInput {
    this.#now += 0.1;
    this.#turn = (this.#turn + 1) & 1_023;
    return { key: this.#keys[this.#turn], random: this.#random, now: this.#now };
  }
}

/** CPU time of this thread: what else runs on the machine does not count. */
function cpuNs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1_000;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapBytes(): number {
  collectGarbage();
  return getHeapStatistics().used_heap_size;
}

const pools = new Map<number, BusyPool>();

parentPort?.on("message", ({ origins, count }: Task) => {
  const pool = pools.get(origins) ?? new BusyPool(workerData as Policy, origins);
  pools.set(origins, pool);
  const done: Done = { pickNs: pool.pick(count), requestNs: pool.serve(count), heapBytes: heapBytes() };
  parentPort?.postMessage(done);
});
