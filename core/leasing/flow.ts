/** What came and what went in the last period, fleet-wide: shares are made of it (`shares.ts`). */
import type { Millis, OriginName } from "../model/upstream.ts";

interface Counts {
  arrivals: number;
  readonly completions: Map<OriginName, number>;
}

export class Flow {
  #current = none();
  #last = none();
  #sinceMs: Millis = 0;

  arrived(count: number): void {
    this.#current.arrivals += count;
  }

  completed(origin: OriginName, count: number): void {
    const { completions } = this.#current;
    completions.set(origin, (completions.get(origin) ?? 0) + count);
  }

  /** Begins a new period, if the current one has lasted so long. */
  turn(periodMs: Millis, now: Millis): void {
    if (now - this.#sinceMs < periodMs) return;
    const isRecent = now - this.#sinceMs < 2 * periodMs;
    this.#last = isRecent ? this.#current : none();
    this.#current = none();
    this.#sinceMs = now;
  }

  /** Requests that came in the last complete period. */
  get arrivals(): number {
    return this.#last.arrivals;
  }

  /** Requests on the origin that ended in it. */
  completionsOf(origin: OriginName): number {
    return this.#last.completions.get(origin) ?? 0;
  }
}

function none(): Counts {
  return { arrivals: 0, completions: new Map() };
}
