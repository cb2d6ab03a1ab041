/**
 * An isolate's side of orders that put routes in maintenance. It looks again once a second, while requests come for routes that orders may close, and such a
 * request goes by nothing that is older than two seconds: after a pause it waits for the look. So an order holds for every request that comes two seconds
 * after it, and an isolate with traffic never makes a request wait. If the object does not answer, the last orders stay, with the ends that they have.
 */
import type { Millis } from "../model/upstream.ts";
import type { MaintenanceNews } from "../protocol/maintenance.ts";

/** What is known is looked after when it is so old. */
export const lookAfterMs: Millis = 1_000;

/** When it is so old, requests wait for the look: an order is known everywhere after this time. */
export const knownWithinMs: Millis = 2_000;

/** That a route is in maintenance. */
export interface InMaintenance {
  /** When it ends by itself, from now; absent: with the next order. */
  readonly leftMs?: Millis;
}

const untilOrdered: InMaintenance = {};

export class KnownOrders {
  #version = 0;
  /** When each route is open again, at the latest. */
  #closed: ReadonlyMap<string, Millis> = new Map();
  /** When the latest look was sent that was answered. */
  #asOfMs: Millis = -Infinity;
  /** Until when the look that is under way may be answered. */
  #lookUntilMs: Millis = -Infinity;

  /** 0: nothing is known. */
  get version(): number {
    return this.#version;
  }

  /** Whether a request may go by what is known: `due`: it may, but it is time to look; `old`: not before a look. */
  freshness(now: Millis): "fresh" | "due" | "old" {
    const ageMs = now - this.#asOfMs;
    // A clock that went back says nothing.
    if (ageMs < 0 || ageMs >= knownWithinMs) return "old";
    return ageMs < lookAfterMs ? "fresh" : "due";
  }

  /** Whether there is a look under way. */
  isLooking(now: Millis): boolean {
    return now < this.#lookUntilMs;
  }

  /** A look is sent, which is given up after so long. */
  looks(now: Millis, timeoutMs: Millis): void {
    this.#lookUntilMs = now + timeoutMs;
  }

  /** A look, or an order, that was sent at `sentMs` was answered. An answer that was overtaken by a later one is none. */
  heard({ version, closed }: MaintenanceNews, sentMs: Millis, now: Millis): void {
    this.#lookUntilMs = -Infinity;
    if (sentMs < this.#asOfMs) return;
    this.#asOfMs = sentMs;
    if (closed === undefined) return;
    this.#version = version;
    this.#closed = new Map(closed.map(({ route, leftMs = Infinity }) => [route, now + leftMs]));
  }

  /** The look that was under way has failed. */
  lost(): void {
    this.#lookUntilMs = -Infinity;
  }

  /** `undefined`: the route is open. */
  orderOn(route: string, now: Millis): InMaintenance | undefined {
    const untilMs = this.#closed.get(route);
    if (untilMs === undefined || untilMs <= now) return undefined;
    return untilMs === Infinity ? untilOrdered : { leftMs: untilMs - now };
  }
}
