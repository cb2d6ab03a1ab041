/**
 * Which short bodies are read whole (`short-body.ts`). On a connection of the request's own all are: they pass through JavaScript anyway.
 * Of those by `fetch`, which are nearly always there with their heads, to read all of them costs 8 % more CPU time at 1 KiB; so one in
 * eight is read, and where one of them is late, or cut, all of its origin's are, until none has been late for a while.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import type { OriginConfig } from "../../config/sections/origin.ts";

/** One in so many is read, of an isolate's. */
const sampled = 8;

/** So long after its last late body an origin is not trusted. */
const suspectForMs: Millis = 600_000;

export class LateBodies {
  #answers = 0;
  /** Until when an origin is suspected, and the latest of these times. */
  readonly #untilMs = new WeakMap<OriginConfig, Millis>();
  #anyUntilMs: Millis = -Infinity;

  /** Whether the next short body is to be read. `originOf` says whose it is. */
  isToBeRead(originOf: () => OriginConfig | undefined, now: Millis): boolean {
    this.#answers = (this.#answers + 1) % sampled;
    return this.#answers === 0 || this.isSuspect(originOf, now);
  }

  /** Whether a body of the origin's was late in the last ten minutes. */
  isSuspect(originOf: () => OriginConfig | undefined, now: Millis): boolean {
    if (now >= this.#anyUntilMs) return false;
    const origin = originOf();
    return origin !== undefined && now < (this.#untilMs.get(origin) ?? -Infinity);
  }

  /** A body of the origin's was late, or cut. */
  late(origin: OriginConfig | undefined, now: Millis): void {
    if (origin === undefined) return;
    this.#anyUntilMs = now + suspectForMs;
    this.#untilMs.set(origin, this.#anyUntilMs);
  }
}

/** Of this isolate. */
export const lateBodies = new LateBodies();
