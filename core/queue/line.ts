/**
 * The waiting requests, in order: higher priority first, and in each priority the one that came first. The line is bounded. When it
 * is full, a request of higher priority takes the place of the last of the lowest, which has waited least. Each request has its own
 * deadline, and leaves the line exactly once.
 *
 * Each priority has two lanes. A request that would be bound where it is served waits longer before it goes elsewhere than a
 * single one does; in one lane it would keep those behind it from leaving in time. The heads of the two lanes are served
 * in the order in which they came.
 */
import { priorities, type Millis, type Priority } from "../model/upstream.ts";

export interface Waiter<T> {
  /** Unique among the asks that wait. */
  readonly id: string;
  readonly priority: Priority;
  /** It would be bound where it is served: it has a lane of its own. */
  readonly binds: boolean;
  readonly joinedMs: Millis;
  /** The waiter is not to be served at this time or later. */
  readonly untilMs: Millis;
  /** When the request should go elsewhere; `Infinity`: it cannot. The caller sets it, and sets it anew. */
  goesMs: Millis;
  /** What waits, as the caller knows it. */
  readonly who: T;
}

/** Of the order in which they came; no two waiters have the same number. */
interface Placed<T> {
  readonly waiter: Waiter<T>;
  readonly nth: number;
}

interface Lane<T> {
  readonly priority: Priority;
  readonly binds: boolean;
  readonly placed: Map<string, Placed<T>>;
}

export class Line<T> {
  readonly #lanes: readonly Lane<T>[] = priorities.flatMap((priority) =>
    [false, true].map((binds) => ({ priority, binds, placed: new Map() })),
  );
  #joined = 0;
  /** No waiter's deadline is before this. */
  #firstDeadlineMs: Millis = Infinity;

  get length(): number {
    return this.#lanes.reduce((sum, { placed }) => sum + placed.size, 0);
  }

  /** How many would be served before a request of that priority that joined now. */
  ahead(priority: Priority): number {
    const rank = priorities.indexOf(priority);
    return this.#lanes.reduce(
      (sum, lane) => (priorities.indexOf(lane.priority) <= rank ? sum + lane.placed.size : sum),
      0,
    );
  }

  /** Whether one of that priority finds a place in a line of this length. */
  hasPlace(priority: Priority, length: number): boolean {
    return this.length < length || this.ahead(priority) < this.length;
  }

  /** Adds the waiter. Returns the waiter that it displaced. The caller has checked that there is a place (`hasPlace`). */
  join(waiter: Waiter<T>, length: number): Waiter<T> | undefined {
    const displaced = this.length < length ? undefined : this.#last();
    if (displaced !== undefined) this.leave(displaced.id);
    const lane = this.#lanes.find(
      ({ priority, binds }) => priority === waiter.priority && binds === waiter.binds,
    );
    lane?.placed.set(waiter.id, { waiter, nth: this.#joined++ });
    this.#firstDeadlineMs = Math.min(this.#firstDeadlineMs, waiter.untilMs);
    return displaced;
  }

  get(id: string): Waiter<T> | undefined {
    for (const { placed } of this.#lanes) {
      const found = placed.get(id);
      if (found !== undefined) return found.waiter;
    }
    return undefined;
  }

  /** The request of that priority that is to be served next, without the lanes in `passed`. */
  first(priority: Priority, passed: ReadonlySet<boolean> = none): Waiter<T> | undefined {
    let first: Placed<T> | undefined;
    for (const lane of this.#lanes) {
      if (lane.priority !== priority || passed.has(lane.binds)) continue;
      const head = headOf(lane);
      if (head !== undefined && (first === undefined || head.nth < first.nth)) first = head;
    }
    return first?.waiter;
  }

  /** Removes the waiter; `false` if it was not in the line. */
  leave(id: string): boolean {
    return this.#lanes.some(({ placed }) => placed.delete(id));
  }

  /** Takes out the requests whose time is over. */
  expire(now: Millis): Waiter<T>[] {
    if (now < this.#firstDeadlineMs) return [];
    const over: Waiter<T>[] = [];
    this.#firstDeadlineMs = Infinity;
    for (const { placed } of this.#lanes) {
      for (const { waiter } of placed.values()) {
        if (waiter.untilMs <= now) over.push(waiter);
        else this.#firstDeadlineMs = Math.min(this.#firstDeadlineMs, waiter.untilMs);
      }
    }
    for (const { id } of over) this.leave(id);
    return over;
  }

  /** When the time of the first ask is over, if none leaves before; a lower bound. `Infinity`: none waits. */
  get firstDeadlineMs(): Millis {
    return this.length === 0 ? Infinity : this.#firstDeadlineMs;
  }

  /** The earliest time at which the first request of a lane is to go to a later pool; `Infinity`: none is. */
  get firstGoesMs(): Millis {
    return Math.min(...this.#firsts().map(({ goesMs }) => goesMs));
  }

  /** The longest time that a request in the line has waited; 0: none waits. */
  longestMs(now: Millis): Millis {
    return Math.max(0, ...this.#firsts().map(({ joinedMs }) => now - joinedMs));
  }

  #firsts(): Waiter<T>[] {
    return this.#lanes.flatMap((lane) => headOf(lane)?.waiter ?? []);
  }

  /** All, in the order in which they are to be served. */
  all(): Waiter<T>[] {
    return priorities.flatMap((priority) => this.#of(priority).map(({ waiter }) => waiter));
  }

  #of(priority: Priority): Placed<T>[] {
    return this.#lanes
      .filter((lane) => lane.priority === priority)
      .flatMap(({ placed }) => Array.from(placed.values()))
      .sort((one, other) => one.nth - other.nth);
  }

  /** The newest of the lowest priority. */
  #last(): Waiter<T> | undefined {
    for (const priority of priorities.toReversed()) {
      const last = this.#of(priority).at(-1);
      if (last !== undefined) return last.waiter;
    }
    return undefined;
  }
}

const none: ReadonlySet<boolean> = new Set();

function headOf<T>({ placed }: Lane<T>): Placed<T> | undefined {
  for (const head of placed.values()) return head;
  return undefined;
}
