/**
 * How often each of many clients has taken something, in a table of bounded size: the clients that take most are in it.
 * After Metwally, Agrawal and El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams" (ICDT 2005): a client
 * that is not in a full table takes the place of the one that has taken least, with the count of that one as its possible error. So
 * counts are at most too high. What is asked for here is a client's count without its possible error, which is at most too low: no client
 * is blamed for what others took. A client with more than 1/size of all that was taken is always in the table.
 */

/** The table's size where nothing else is said. */
export const mostClients = 64;

interface Entry {
  count: number;
  /** How much of the count may be others'. */
  error: number;
}

export class HeavyHitters {
  readonly #most: number;
  readonly #entries = new Map<number, Entry>();

  /** @param most how many clients are in the table at most, 1 or more. */
  constructor(most = mostClients) {
    this.#most = most;
  }

  /** How many clients are in the table. */
  get size(): number {
    return this.#entries.size;
  }

  /** The client has taken so many more, 0 or more. */
  add(client: number, count = 1): void {
    const known = this.#entries.get(client);
    if (known !== undefined) known.count += count;
    else this.#entries.set(client, this.#entryFor(count));
  }

  /** How many the client has surely taken. */
  of(client: number): number {
    const { count, error } = this.#entries.get(client) ?? { count: 0, error: 0 };
    return count - error;
  }

  #entryFor(count: number): Entry {
    if (this.#entries.size < this.#most) return { count, error: 0 };
    let [leastClient, least] = [0, Infinity];
    for (const [client, entry] of this.#entries) {
      if (entry.count < least) [leastClient, least] = [client, entry.count];
    }
    this.#entries.delete(leastClient);
    return { count: least + count, error: least };
  }
}
