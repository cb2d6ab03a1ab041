/**
 * What clients hold at the moment of one kind of thing, such as slots of an upstream, as one isolate counts it. It is a table of entries with
 * deadlines and never a counter: code of a request that the platform has stopped does not run, and what such a request would have given
 * back must come back all the same, or its client would be shut out. Only what is held is in the table, so that it is as small as the
 * number of open requests lets it be.
 */
import type { Millis } from "../model/upstream.ts";

/** One thing that a client holds, until it is given back, or until then. */
export interface Holding {
  readonly client: string;
  /** When it is over at the latest, as known by now. */
  readonly term: { readonly untilMs: Millis };
}

/** Beyond so many clients a new one is not counted: an isolate with so many open requests has other troubles. */
export const mostClients = 65_536;

/** From so many clients on the table is looked through for what is over, each time that it has doubled; a full one, so often. */
const firstSweep = 1_024;
const sweepsEveryMs: Millis = 1_000;

export class Held {
  readonly #byClient = new Map<string, Set<Holding>>();
  #sweepAt = firstSweep;
  #sweptMs: Millis = -Infinity;

  /** How many clients hold something, or had something that was not given back. */
  get clients(): number {
    return this.#byClient.size;
  }

  /** How many the client holds. */
  of(client: string): number {
    return this.#byClient.get(client)?.size ?? 0;
  }

  /**
   * The client takes one more. Returns `undefined` if it has as many as it may.
   * @param most 1 or more.
   * @param term may grow while it is held.
   */
  take(client: string, most: number, term: Holding["term"], now: Millis): Holding | undefined {
    const holding: Holding = { client, term };
    const held = this.#byClient.get(client);
    if (held !== undefined) {
      if (held.size >= most) forgetOver(held, now);
      if (held.size >= most) return undefined;
      held.add(holding);
      return holding;
    }
    const isFull = this.#byClient.size >= mostClients && now >= this.#sweptMs + sweepsEveryMs;
    if (isFull || this.#byClient.size >= this.#sweepAt) this.#sweep(now);
    if (this.#byClient.size < mostClients) this.#byClient.set(client, new Set([holding]));
    return holding;
  }

  /** Once is enough; again does no harm. */
  giveBack(holding: Holding): void {
    const held = this.#byClient.get(holding.client);
    if (held?.delete(holding) === true && held.size === 0) this.#byClient.delete(holding.client);
  }

  #sweep(now: Millis): void {
    for (const [client, held] of this.#byClient) {
      forgetOver(held, now);
      if (held.size === 0) this.#byClient.delete(client);
    }
    this.#sweepAt = Math.max(firstSweep, 2 * this.#byClient.size);
    this.#sweptMs = now;
  }
}

function forgetOver(held: Set<Holding>, now: Millis): void {
  for (const holding of held) if (holding.term.untilMs <= now) held.delete(holding);
}
