/**
 * How long requests take in each pool, and how many end in a second, by their completions: what the length of a wait is
 * estimated from. Both are averages in which a completion counts for some ten seconds.
 */
import { decay } from "../model/decay.ts";
import type { Millis, OriginName, Pool, PoolName } from "../model/upstream.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";

/** A completion counts for 1/e of itself after so long. */
const memoryMs: Millis = 10_000;

interface Measured {
  /** Weighted sums: of the times, of how many there were, and of all that ended. */
  times: number;
  timed: number;
  count: number;
  readonly sinceMs: Millis;
  atMs: Millis;
}

export class ServiceTimes {
  readonly #pools = new Map<PoolName, Measured>();
  #poolOf: ReadonlyMap<OriginName, PoolName> = new Map();
  #home: PoolName = "";

  /** Other pools: home, and the later ones. What is known of those that stay, stays. */
  reconfigure(pools: readonly Pool[]): void {
    const named = pools.flatMap(({ name, origins }) => origins.map((origin) => [origin.name, name] as const));
    this.#poolOf = new Map(named);
    this.#home = pools[0]?.name ?? "";
  }

  /** So ended some requests on an origin. */
  recordOutcomes({ origin, count = 1, headerMs = [], lastByteMs = [] }: OutcomeRun, now: Millis): void {
    const pool = this.#poolOf.get(origin);
    if (pool === undefined) return;
    let measured = this.#pools.get(pool);
    if (measured === undefined) {
      measured = { times: 0, timed: 0, count: 0, sinceMs: now, atMs: now };
      this.#pools.set(pool, measured);
    }
    age(measured, now);
    measured.count += count;
    if (headerMs.length + lastByteMs.length === 0) return;
    measured.times += count * meanOf(headerMs, lastByteMs);
    measured.timed += count;
  }

  /** What a request takes there on average, to the end of its slot; `undefined`: none has been seen. */
  meanMs(pool: PoolName): Millis | undefined {
    const measured = this.#pools.get(pool);
    return measured === undefined || measured.timed === 0 ? undefined : measured.times / measured.timed;
  }

  /** The mean of the first pool of which one is known; 0: of none. */
  get firstMeanMs(): Millis {
    for (const pool of new Set(this.#poolOf.values())) {
      const meanMs = this.meanMs(pool);
      if (meanMs !== undefined) return meanMs;
    }
    return 0;
  }

  /** In how many seconds so many requests end there, or at home, as fast as they have ended recently; `undefined`: it is not known. */
  roomInS(count: number, pool: Pick<Pool, "name"> | undefined, now: Millis): number | undefined {
    const endedASecond = this.endedASecond(pool?.name ?? this.#home, now);
    return endedASecond === undefined ? undefined : count / endedASecond;
  }

  /** How many requests end there in a second; `undefined`: it is not measured for long enough. */
  endedASecond(pool: PoolName, now: Millis): number | undefined {
    const measured = this.#pools.get(pool);
    if (measured === undefined || now - measured.sinceMs < 1_000) return undefined;
    age(measured, now);
    // Of what is not yet remembered for long, less is remembered.
    const seen = 1 - decay(now - measured.sinceMs, memoryMs);
    return (measured.count * 1_000) / (memoryMs * seen);
  }
}

/** Some end with their headers and some with their last byte; of a long run only some times of each are known. */
function meanOf(headerMs: readonly Millis[], lastByteMs: readonly Millis[]): Millis {
  const streamed = headerMs.length === 0 ? 1 : Math.min(1, lastByteMs.length / headerMs.length);
  return (1 - streamed) * mean(headerMs) + streamed * mean(lastByteMs);
}

function mean(times: readonly Millis[]): Millis {
  return times.reduce((sum, time) => sum + time, 0) / Math.max(1, times.length);
}

function age(measured: Measured, now: Millis): void {
  if (now <= measured.atMs) return;
  const left = decay(now - measured.atMs, memoryMs);
  measured.times *= left;
  measured.timed *= left;
  measured.count *= left;
  measured.atMs = now;
}
