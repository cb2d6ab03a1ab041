/**
 * Members that leave by themselves, as orders like an operator's (`protocol/origins-out.ts`): the object tells every holder, and each
 * confirms. So a member is let go only when no holder sends it anything any more. Orders are in memory only: the roster says which members
 * are leaving, and an object that has lost its memory gives the orders anew, under versions that no holder has seen.
 */
import type { Millis, Origin, OriginName } from "../model/upstream.ts";

export interface Departure {
  /** At first it takes the requests of sessions that are bound to it, and in the end none. */
  readonly state: "draining" | "down";
  /** The version of all orders with which this one came. */
  readonly order: number;
  readonly orderedMs: Millis;
}

export class Departures {
  readonly #orders = new Map<OriginName, Departure>();

  /** Which members leave, by the config as it is now. Whether that has changed; `next` gives the version of a change. */
  follow(origins: readonly Origin[], next: () => number, now: Millis): boolean {
    const leaving = new Set(origins.flatMap((origin) => (origin.leaving === true ? [origin.name] : [])));
    const come = [...leaving].filter((name) => !this.#orders.has(name));
    const gone = [...this.#orders.keys()].filter((name) => !leaving.has(name));
    if (come.length + gone.length === 0) return false;
    const order = next();
    for (const name of gone) this.#orders.delete(name);
    for (const name of come) this.#orders.set(name, { state: "draining", order, orderedMs: now });
    return true;
  }

  /** The member takes nothing any more. Whether that is new. */
  close(name: OriginName, next: () => number): boolean {
    const before = this.#orders.get(name);
    if (before === undefined || before.state === "down") return false;
    this.#orders.set(name, { ...before, state: "down", order: next() });
    return true;
  }

  of(name: OriginName): Departure | undefined {
    return this.#orders.get(name);
  }

  get all(): ReadonlyMap<OriginName, Departure> {
    return this.#orders;
  }
}
