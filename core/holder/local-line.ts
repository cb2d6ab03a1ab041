/**
 * Requests that wait at a holder for slots that the holder was leased. In a crowd the object cannot be asked for each request, and a slot
 * whose end the object must hear of before another request can have the slot lies idle for a message there and one back. Leased, it is used
 * again as soon as it is free. So the line stands where the slots are, and each holder has its part of both: as at the tills
 * of a supermarket, which have a line each, and not one for all.
 *
 * On workerd no request can wake another one. So a request that waits comes again and again, soonest the one that is next; a request
 * that does not come any more, because it has died, is left out.
 */
import { priorities, type Millis, type Priority } from "../model/upstream.ts";
import type { LineTerms } from "../protocol/lease.ts";
import { expectedWaitMs } from "../queue/wait-rule.ts";

/** Where a request stands; the request brings this when it comes again. */
export interface LinePlace {
  readonly priority: Priority;
  readonly sinceMs: Millis;
  /** Whose it is (`Want`). */
  readonly client?: number | undefined;
  /** The request is expected then. */
  comesMs: Millis;
}

/** The next request comes again so soon: meanwhile a slot may lie idle. Requests further back come less often. */
const [nextPauseMs, longestPauseMs] = [4, 100];

/** A request that is so late does not come any more. */
const lateMs: Millis = 250;

export class LocalLine {
  #places: LinePlace[] = [];

  get isEmpty(): boolean {
    return this.#places.length === 0;
  }

  /** How many wait. */
  count(now: Millis): number {
    this.#prune(now);
    return this.#places.length;
  }

  /** How many of the client wait. */
  countOf(client: number, now: Millis): number {
    this.#prune(now);
    return this.#places.filter((place) => place.client === client).length;
  }

  /** How many go before this place, whether it is in the line or not. */
  ahead(place: LinePlace, now: Millis): number {
    this.#prune(now);
    const at = this.#places.indexOf(place);
    if (at >= 0) return at;
    const behind = this.#places.findIndex((other) => goesBefore(place, other));
    return behind < 0 ? this.#places.length : behind;
  }

  /** The request waits, from now or still, for one of so many slots. Returns when it is to ask again. */
  wait(place: LinePlace, { serviceMs }: LineTerms, slots: number, now: Millis): Millis {
    const ahead = this.ahead(place, now);
    if (this.#places[ahead] !== place) this.#places.splice(ahead, 0, place);
    const turnInMs = (ahead * serviceMs) / slots;
    const pauseMs = Math.min(longestPauseMs, Math.max(nextPauseMs, turnInMs / 2));
    place.comesMs = now + pauseMs;
    return pauseMs;
  }

  #prune(now: Millis): void {
    if (this.isEmpty) return;
    this.#places = this.#places.filter(({ comesMs }) => now < comesMs + lateMs);
  }

  /** The request has a slot, or waits no more. */
  leave(place: LinePlace): void {
    const at = this.#places.indexOf(place);
    if (at >= 0) this.#places.splice(at, 1);
  }
}

/** A holder's terms, with the slots that it was leased. */
export interface HolderLine extends LineTerms {
  readonly slots: number;
}

/**
 * The holder's part of the queue's places: how many may join its line. A lease that shrinks sends no request away. Places go by slots, since
 * where there are more slots more requests are served. But when a crowd begins a holder may have hardly a slot for a moment. Where its requests
 * cannot ask the object instead, it would refuse them while others have places left; there one half of all places is shared evenly.
 */
export function placesOf({ lengthPerSlot, lengthPerHolder, slots }: HolderLine): number {
  const bySlots = lengthPerSlot * slots;
  return lengthPerHolder === undefined ? bySlots : (bySlots + lengthPerHolder) / 2;
}

/** Whether a request with so many ahead of it would wait for so long at most. */
export function isInTime(ahead: number, { serviceMs, slots }: HolderLine, atMostMs: Millis): boolean {
  return (expectedWaitMs({ ahead, serviceMs, slots }) ?? 0) <= atMostMs;
}

function goesBefore(one: LinePlace, other: LinePlace): boolean {
  const ranks = priorities.indexOf(one.priority) - priorities.indexOf(other.priority);
  return ranks < 0 || (ranks === 0 && one.sinceMs < other.sinceMs);
}
