/**
 * Those who wait, in order: the higher priority first, and in each priority whoever came first. The line is bounded; when it
 * is full, one who may go before others takes the place of the last of them, who has waited least. Everybody has a
 * deadline of his own, and leaves the line exactly once.
 */
import { priorities, type Millis, type Priority } from "../upstream.ts";

export interface Waiter<T> {
  /** Unique among those who wait. */
  readonly id: string;
  readonly priority: Priority;
  readonly joinedMs: Millis;
  /** He is not to be served at this time or later. */
  readonly untilMs: Millis;
  /** When he had better go elsewhere; `Infinity`: he cannot. It is the caller's to say, and to say anew. */
  goesMs: Millis;
  /** Who he is to the caller. */
  readonly who: T;
}

export class Line<T> {
  readonly #byPriority: Readonly<Record<Priority, Map<string, Waiter<T>>>> = {
    high: new Map(),
    normal: new Map(),
    low: new Map(),
  };
  /** Nobody's deadline is before this. */
  #firstDeadlineMs: Millis = Infinity;

  get length(): number {
    return priorities.reduce((sum, priority) => sum + this.#byPriority[priority].size, 0);
  }

  /** How many would be served before one of that priority who joined now. */
  ahead(priority: Priority): number {
    return priorities
      .slice(0, priorities.indexOf(priority) + 1)
      .reduce((sum, at) => sum + this.#byPriority[at].size, 0);
  }

  /** Whether one of that priority finds a place in a line of this length. */
  hasPlace(priority: Priority, length: number): boolean {
    return this.length < length || this.ahead(priority) < this.length;
  }

  /** Puts him in. Returns who had to make place for him; the caller has seen that there is one (`hasPlace`). */
  join(waiter: Waiter<T>, length: number): Waiter<T> | undefined {
    const displaced = this.length < length ? undefined : this.#last();
    if (displaced !== undefined) this.leave(displaced.id);
    this.#byPriority[waiter.priority].set(waiter.id, waiter);
    this.#firstDeadlineMs = Math.min(this.#firstDeadlineMs, waiter.untilMs);
    return displaced;
  }

  get(id: string): Waiter<T> | undefined {
    for (const priority of priorities) {
      const waiter = this.#byPriority[priority].get(id);
      if (waiter !== undefined) return waiter;
    }
    return undefined;
  }

  /** Who of that priority is to be served next. */
  first(priority: Priority): Waiter<T> | undefined {
    for (const waiter of this.#byPriority[priority].values()) return waiter;
    return undefined;
  }

  /** He is in it no more; `false` if he was not. */
  leave(id: string): boolean {
    return priorities.some((priority) => this.#byPriority[priority].delete(id));
  }

  /** Takes out those whose time is over. */
  expire(now: Millis): Waiter<T>[] {
    if (now < this.#firstDeadlineMs) return [];
    const over = [...this.all()].filter(({ untilMs }) => untilMs <= now);
    for (const { id } of over) this.leave(id);
    this.#firstDeadlineMs = Infinity;
    for (const { untilMs } of this.all()) this.#firstDeadlineMs = Math.min(this.#firstDeadlineMs, untilMs);
    return over;
  }

  /** When somebody's time is over, if nobody leaves before; a lower bound. `Infinity`: nobody waits. */
  get firstDeadlineMs(): Millis {
    return this.length === 0 ? Infinity : this.#firstDeadlineMs;
  }

  /** When somebody had better go elsewhere who is the first of his priority; `Infinity`: nobody. */
  get firstGoesMs(): Millis {
    return Math.min(...this.#firsts().map(({ goesMs }) => goesMs));
  }

  /** How long the one has waited who has waited longest; 0: nobody waits. */
  longestMs(now: Millis): Millis {
    return Math.max(0, ...this.#firsts().map(({ joinedMs }) => now - joinedMs));
  }

  #firsts(): Waiter<T>[] {
    return priorities.flatMap((priority) => this.first(priority) ?? []);
  }

  /** All, in the order in which they are to be served. */
  *all(): Generator<Waiter<T>> {
    for (const priority of priorities) yield* this.#byPriority[priority].values();
  }

  /** The newest of the lowest priority. */
  #last(): Waiter<T> | undefined {
    let last: Waiter<T> | undefined;
    for (const priority of priorities.toReversed()) {
      for (const waiter of this.#byPriority[priority].values()) last = waiter;
      if (last !== undefined) return last;
    }
    return last;
  }
}
