/**
 * The workers and their threads: which of them serves the next request, and when a worker is replaced.
 *
 * As in uWSGI, a worker that has served `maxRequests` takes nothing new, lets its other threads finish, and is
 * gone for `restartMs`. Approximations: the worker with the fewest busy threads accepts (the kernel wakes whichever
 * it likes), and there is no minimum lifetime.
 */
import type { Millis } from "../../core/model/upstream.ts";
import type { OriginSpec } from "./spec.ts";

type Worker =
  | { readonly state: "running"; busy: number; handled: number }
  | { readonly state: "restarting"; readonly until: Millis };

export class Workers {
  readonly #spec: OriginSpec;
  #workers: Worker[] = [];
  /** How many of them are. */
  #restarting = 0;

  constructor(spec: OriginSpec) {
    this.#spec = spec;
    this.reset();
  }

  /** Slots in use. */
  get busy(): number {
    return this.#workers.reduce((sum, worker) => sum + (worker.state === "running" ? worker.busy : 0), 0);
  }

  /** Occupies a thread of the least busy worker (of equals the first) and returns the worker's index. */
  takeIdle(): number | undefined {
    let chosen: number | undefined;
    let fewest = this.#spec.threads;
    for (const [index, worker] of this.#workers.entries()) {
      if (worker.state === "running" && worker.busy < fewest && !this.#retires(worker)) {
        chosen = index;
        fewest = worker.busy;
        if (fewest === 0) break;
      }
    }
    const worker = chosen === undefined ? undefined : this.#workers[chosen];
    if (worker?.state === "running") worker.busy += 1;
    return chosen;
  }

  /** Frees a thread. Returns when the worker will be back if this was the last request before its replacement. */
  free(index: number, now: Millis): Millis | undefined {
    const worker = this.#workers[index];
    if (worker?.state !== "running" || worker.busy === 0)
      throw new Error(`worker ${index} has no busy thread`);
    worker.busy -= 1;
    worker.handled += 1;
    if (!this.#retires(worker) || worker.busy > 0) return undefined;
    const until = now + this.#spec.restartMs;
    this.#workers[index] = { state: "restarting", until };
    this.#restarting += 1;
    return until;
  }

  /** Brings back the workers whose restart is over. */
  wake(now: Millis): void {
    if (this.#restarting === 0) return;
    for (const [index, worker] of this.#workers.entries()) {
      if (worker.state !== "restarting" || worker.until > now) continue;
      this.#workers[index] = freshWorker();
      this.#restarting -= 1;
    }
  }

  reset(): void {
    this.#workers = Array.from({ length: this.#spec.workers }, freshWorker);
    this.#restarting = 0;
  }

  #retires(worker: { readonly handled: number }): boolean {
    return this.#spec.maxRequests !== undefined && worker.handled >= this.#spec.maxRequests;
  }
}

function freshWorker(): Worker {
  return { state: "running", busy: 0, handled: 0 };
}
