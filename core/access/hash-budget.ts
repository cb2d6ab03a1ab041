/**
 * How many passwords an isolate hashes: each costs tens of milliseconds of its only thread, and any client can ask for one with every request. So
 * there are so many in ten seconds for all, and of these a client has at most its fair part (`core/clients/fair-part.ts`) and never
 * more than a few. Clients that have logged in before need none. Source of the idea: what `limit_req` on a login page is for in nginx, as
 * part of the login itself.
 */
import { isWithinPart } from "../clients/fair-part.ts";
import { HeavyHitters } from "../clients/heavy-hitters.ts";
import type { Millis } from "../model/upstream.ts";

/** The window: two halves, of which the older one is forgotten as a whole. */
export const halfMs: Millis = 5_000;
/** Hashes for all clients in a window: some seconds of CPU out of ten. */
export const mostOfAll = 50;
/** … for one. */
export const mostOfOne = 10;

interface Half {
  hashes: number;
  readonly byClient: HeavyHitters;
}

const fresh = (): Half => ({ hashes: 0, byClient: new HeavyHitters() });

export class HashBudget {
  #half = 0;
  #current = fresh();
  #before = fresh();

  /**
   * Takes one for a client (`clientNumber`).
   * @returns how long until another try makes sense; `undefined`: it is taken.
   */
  take(client: number, now: Millis): Millis | undefined {
    this.#turn(now);
    const had = this.#current.byClient.of(client) + this.#before.byClient.of(client);
    const left = mostOfAll - this.#current.hashes - this.#before.hashes;
    if (had >= mostOfOne || !isWithinPart(had, left)) return halfMs - (now % halfMs);
    this.#current.hashes++;
    this.#current.byClient.add(client);
    return undefined;
  }

  #turn(now: Millis): void {
    const half = Math.floor(now / halfMs);
    if (half <= this.#half) return;
    this.#before = half === this.#half + 1 ? this.#current : fresh();
    this.#current = fresh();
    this.#half = half;
  }
}
