/**
 * A value for each origin of a pool, quick to find when origins are asked for in the order of the pool, as a rule that
 * looks at all of them does: each is then where the last one suggests, and no name has to be hashed. In a pool of a
 * thousand that is most of what a pick costs.
 */
import type { OriginName } from "./upstream.ts";

export class PerOrigin<T> {
  readonly #create: (origin: OriginName) => T;
  readonly #names: OriginName[] = [];
  readonly #values: T[] = [];
  readonly #places = new Map<OriginName, number>();
  /** Where the next one asked for probably is. */
  #next = 0;

  /** `create` makes the value of an origin that is new. */
  constructor(create: (origin: OriginName) => T) {
    this.#create = create;
  }

  /** The value of the origin, made now if there is none. */
  of(origin: OriginName): T {
    let place = this.#next;
    if (this.#names[place] !== origin) place = this.#places.get(origin) ?? this.#add(origin);
    this.#next = place + 1 < this.#names.length ? place + 1 : 0;
    // The place is one of the list's own: there is a value, which the type may allow to be undefined.
    return this.#values[place] as T;
  }

  /** Forgets all origins but these, and knows these from now on. */
  keep(origins: readonly { readonly name: OriginName }[]): void {
    const values = origins.map(({ name }) => {
      const place = this.#places.get(name);
      return place === undefined ? this.#create(name) : (this.#values[place] as T);
    });
    this.#names.length = this.#values.length = this.#next = 0;
    this.#places.clear();
    for (const [place, { name }] of origins.entries()) {
      this.#names.push(name);
      this.#values.push(values[place] as T);
      this.#places.set(name, place);
    }
  }

  /** All values, in the order of the pool. */
  all(): readonly T[] {
    return this.#values;
  }

  #add(origin: OriginName): number {
    const place = this.#names.length;
    this.#names.push(origin);
    this.#values.push(this.#create(origin));
    this.#places.set(origin, place);
    return place;
  }
}
