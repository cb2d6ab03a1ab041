/**
 * A value for each origin of a pool, quick to find when origins are asked for in the order of the pool, as a rule that
 * looks at all of them does: each is then where the last one suggests, and no name has to be hashed. In a pool of a
 * thousand that is most of what a pick costs.
 */
import type { OriginName } from "./upstream.ts";

interface OriginEntry<T> {
  readonly name: OriginName;
  readonly value: T;
  readonly place: number;
}

export class PerOrigin<T> {
  readonly #create: (origin: OriginName) => T;
  #entries: OriginEntry<T>[] = [];
  #byName = new Map<OriginName, OriginEntry<T>>();
  /** Where the next one asked for probably is. */
  #next = 0;

  /** `create` makes the value of an origin that is new. */
  constructor(create: (origin: OriginName) => T) {
    this.#create = create;
  }

  /** The value of the origin, made now if there is none. */
  of(origin: OriginName): T {
    let entry = this.#entries[this.#next];
    if (entry === undefined || entry.name !== origin) {
      entry = this.#byName.get(origin) ?? this.#add(origin, this.#create(origin));
    }
    this.#next = entry.place + 1 < this.#entries.length ? entry.place + 1 : 0;
    return entry.value;
  }

  /** Forgets all origins but these, and knows these from now on. */
  keep(origins: readonly { readonly name: OriginName }[]): void {
    const before = this.#byName;
    this.#entries = [];
    this.#byName = new Map();
    this.#next = 0;
    for (const { name } of origins) {
      const known = before.get(name);
      this.#add(name, known === undefined ? this.#create(name) : known.value);
    }
  }

  /** All values, in the order of the pool. */
  all(): T[] {
    return this.#entries.map(({ value }) => value);
  }

  #add(name: OriginName, value: T): OriginEntry<T> {
    const entry = { name, value, place: this.#entries.length };
    this.#entries.push(entry);
    this.#byName.set(name, entry);
    return entry;
  }
}
