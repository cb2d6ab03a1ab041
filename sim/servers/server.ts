/**
 * What a simulated server is to the engine. Two models stand behind it: cores that are shared by all requests at
 * once (`sharing-server.ts`), and slots with a queue before them (`slots-server.ts`, the model of `origin-sim`).
 */
import type { Millis } from "../../core/model/upstream.ts";

/** Told of every accepted attempt that is over: the server has answered it, or it died with the server. */
export type OnEnded = (attempt: number, answered: boolean) => void;

export interface Server {
  /** Attempts it has accepted and not ended, 0 or more; also those whose client has gone but that it works on. */
  readonly open: number;
  /** Attempts that it has still to end; without those that were cancelled. */
  readonly owed: number;
  /** The moment at which something happens by itself next; `Infinity`: never. */
  readonly dueAt: Millis;
  /** Takes the attempt in, or refuses it: it is dead, still starting, or its queue is full. */
  arrive(attempt: number, now: Millis): boolean;
  /** Does what is due; ends attempts through `OnEnded`. */
  advance(now: Millis): void;
  /** The client has gone and says so. The caller forgets the attempt; what the server does is its own business. */
  cancel(attempt: number, now: Millis): void;
  /** From now on everything takes `factor` times as long. */
  slowDown(factor: number, now: Millis): void;
  /** Ends it at once, and everything it was doing. */
  kill(now: Millis): void;
  /** Brings it back to life. It accepts nothing for `coldStartMs`. */
  boot(now: Millis, coldStartMs: Millis): void;
  readonly up: boolean;
  /** Cores (slots) in use, summed over time: in core-milliseconds since the start. */
  usedCoreMs(now: Millis): number;
  /** What does not hold but must, in words; `undefined`: all holds. To be cheap: it is asked after every event. */
  check(): string | undefined;
}
