/**
 * A pool of servers in virtual time, small enough to hold a balancer against in a unit test: requests come at random,
 * wait their turn at a server with a few workers, and take a random time. All randomness comes from one seed, a stream a
 * concern, so that policies are judged on the same requests.
 */
import { seededRandom, type Random } from "../../core/model/random.ts";
import type { Balancer } from "../../core/selection/registry.ts";
import type { Millis } from "../../core/model/upstream.ts";

export interface Server {
  readonly workers: number;
  /** How many times as long as on a server of 1 a request takes, at a time. */
  readonly slowness: (now: Millis) => number;
  /** Whether it answers with an error in 1 ms instead, at a time. */
  readonly fails?: (now: Millis) => boolean;
}

export interface Traffic {
  readonly perSecond: number;
  readonly seconds: number;
  readonly serviceMs: (random: Random) => Millis;
  readonly seed: number;
}

export interface Served {
  /** Of the requests that were answered, in order. */
  readonly latenciesMs: readonly Millis[];
  /** Requests sent to each server, by the second in which they came. */
  readonly picks: readonly (readonly number[])[];
  readonly failed: number;
}

interface Job {
  readonly server: number;
  readonly cameMs: Millis;
  readonly workMs: Millis;
  readonly ok: boolean;
}

/** Exponential times of this mean. */
export function exponential(meanMs: Millis): (random: Random) => Millis {
  return (random) => -meanMs * Math.log(1 - random.next());
}

/** Lognormal times of this mean and coefficient of variation. */
export function lognormal(meanMs: Millis, variation: number): (random: Random) => Millis {
  const variance = Math.log(1 + variation ** 2);
  const middle = Math.log(meanMs) - variance / 2;
  return (random) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    return Math.exp(middle + Math.sqrt(variance) * normal);
  };
}

/** Lets the traffic run. `create` makes the balancer for servers named `0`, `1` … */
export function serve(
  servers: readonly Server[],
  traffic: Traffic,
  create: (origins: readonly { readonly name: string }[]) => Balancer,
): Served {
  const candidates = servers.map((_, index) => ({ name: `${index}`, weight: 1, inFlight: 0 }));
  const { policy, signal } = create(candidates);
  const [gaps, works, choices] = [1, 2, 3].map((stream) => seededRandom(traffic.seed * 10 + stream));
  if (gaps === undefined || works === undefined || choices === undefined) throw new Error("no randomness");
  const queues = servers.map((): Job[] => []);
  const busy = servers.map(() => 0);
  const ends = new Agenda<Job>();
  const latenciesMs: Millis[] = [];
  const picks = servers.map(() => Array.from({ length: traffic.seconds }, () => 0));
  let failed = 0;

  const begin = (job: Job, now: Millis): void => {
    busy[job.server] = (busy[job.server] ?? 0) + 1;
    ends.add(now + job.workMs * (servers[job.server]?.slowness(now) ?? 1), job);
  };
  const end = (job: Job, now: Millis): void => {
    const candidate = candidates[job.server];
    if (candidate !== undefined) candidate.inFlight--;
    signal.recordCompletion(
      `${job.server}`,
      { ok: job.ok, headerMs: now - job.cameMs, lastByteMs: now - job.cameMs },
      now,
    );
    if (job.ok) latenciesMs.push(now - job.cameMs);
    else failed++;
    busy[job.server] = (busy[job.server] ?? 0) - 1;
    const next = queues[job.server]?.shift();
    if (next !== undefined) begin(next, now);
  };

  for (let now = 0; ; now += exponential(1_000 / traffic.perSecond)(gaps)) {
    for (let due = ends.next(now); due !== undefined; due = ends.next(now)) end(due.item, due.atMs);
    if (now >= traffic.seconds * 1_000) break;
    const workMs = traffic.serviceMs(works);
    const chosen = policy.select(candidates, { random: choices, now });
    const server = Number(chosen?.name);
    const second = picks[server];
    const candidate = candidates[server];
    if (second === undefined || candidate === undefined) throw new Error("no candidate was chosen");
    second[Math.floor(now / 1_000)] = (second[Math.floor(now / 1_000)] ?? 0) + 1;
    candidate.inFlight++;
    signal.recordStart(candidate.name, now);
    const ok = servers[server]?.fails?.(now) !== true;
    const job = { server, cameMs: now, workMs: ok ? workMs : 1, ok };
    if ((busy[server] ?? 0) < (servers[server]?.workers ?? 0)) begin(job, now);
    else queues[server]?.push(job);
  }
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), picks, failed };
}

/** The latency that this share of the answers did not exceed. */
export function quantile({ latenciesMs }: Served, share: number): Millis {
  return latenciesMs[Math.floor(share * latenciesMs.length)] ?? NaN;
}

/** What is to happen, the earliest first: a binary heap. */
class Agenda<Item> {
  readonly #heap: { readonly atMs: Millis; readonly item: Item }[] = [];

  add(atMs: Millis, item: Item): void {
    const heap = this.#heap;
    let place = heap.push({ atMs, item }) - 1;
    for (let parent = (place - 1) >> 1; place > 0 && this.#at(parent) > atMs; parent = (place - 1) >> 1) {
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Takes the earliest, if it is due. */
  next(now: Millis): { readonly atMs: Millis; readonly item: Item } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.atMs > now) return undefined;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    for (let place = 0; ;) {
      const left = 2 * place + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(child) >= this.#at(place)) return;
      this.#swap(place, child);
      place = child;
    }
  }

  #at(place: number): Millis {
    return this.#heap[place]?.atMs ?? Infinity;
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return;
    this.#heap[one] = b;
    this.#heap[other] = a;
  }
}
