/**
 * Limited processor sharing: k requests share `cap` cores, none gets more than one, so each proceeds at
 * `speed · min(1, cap / k)`. That is a multi-threaded server on a machine that it may share with others
 * (`antagonist.ts` changes the cap), as in the test bed of Prequal (NSDI '24).
 *
 * All requests proceed at one rate, so one number, the service that a request would have attained had it been there
 * from the start, says when each is over: a request that arrives at V with work w ends when V reaches V + w. A
 * change of rate changes when that is and not the order, so it costs O(1), and an arrival O(log k).
 */
import type { Millis } from "../../core/model/upstream.ts";
import type { Attempts } from "../engine/attempts.ts";
import { EventQueue } from "../engine/event-queue.ts";
import type { OnEnded, Server } from "./server.ts";

/** Service that rounding may hide, in milliseconds of work. */
const toleranceMs = 1e-6;

export class SharingServer implements Server {
  readonly #speed: number;
  readonly #attempts: Attempts;
  readonly #onEnded: OnEnded;
  /** The service at which each attempt ends. Those that were cancelled stay until they come up. */
  readonly #ends = new EventQueue();
  #cap: number;
  #slowdown = 1;
  #open = 0;
  #upAt: Millis = 0;
  #attainedMs = 0;
  #settledAt: Millis = 0;
  #usedCoreMs = 0;
  /** The balance of work: what the cores gave, what attempts that are over got, and where those that are not began. */
  #givenMs = 0;
  #receivedMs = 0;
  #marks = 0;

  constructor(
    { cores, speed }: { readonly cores: number; readonly speed: number },
    attempts: Attempts,
    onEnded: OnEnded,
  ) {
    this.#cap = cores;
    this.#speed = speed;
    this.#attempts = attempts;
    this.#onEnded = onEnded;
  }

  get open(): number {
    return this.#open;
  }

  get owed(): number {
    return this.#open;
  }

  get up(): boolean {
    return this.#upAt !== Infinity;
  }

  get dueAt(): Millis {
    if (this.#open === 0) return Infinity;
    return this.#settledAt + Math.max(0, this.#ends.nextAt - this.#attainedMs) / this.#rate;
  }

  arrive(attempt: number, now: Millis): boolean {
    if (now < this.#upAt) return false;
    this.#settle(now);
    this.#open++;
    this.#marks += this.#attainedMs;
    this.#attempts.mark[attempt] = this.#attainedMs;
    this.#ends.push(
      this.#attainedMs + this.#attempts.workMs[attempt]!,
      attempt,
      this.#attempts.stamp[attempt],
    );
    return true;
  }

  advance(now: Millis): void {
    this.#settle(now);
    while (this.#ends.nextAt <= this.#attainedMs + toleranceMs) {
      this.#ends.pop();
      const { kind: attempt, first: stamp } = this.#ends;
      if (this.#attempts.stamp[attempt] !== stamp) continue;
      this.#leave(attempt, this.#attempts.workMs[attempt]!);
      this.#onEnded(attempt, true);
    }
    this.#tidy();
  }

  cancel(attempt: number, now: Millis): void {
    this.#settle(now);
    this.#leave(attempt, this.#attainedMs - this.#attempts.mark[attempt]!);
    this.#tidy();
  }

  slowDown(factor: number, now: Millis): void {
    this.#settle(now);
    this.#slowdown = factor;
  }

  /** How many cores there are from now on, beside what an antagonist takes; may be a fraction, above 0. */
  setCap(cores: number, now: Millis): void {
    this.#settle(now);
    this.#cap = cores;
  }

  kill(now: Millis): void {
    this.#settle(now);
    this.#upAt = Infinity;
    while (this.#ends.pop()) {
      const { kind: attempt, first: stamp } = this.#ends;
      if (this.#attempts.stamp[attempt] !== stamp) continue;
      this.#leave(attempt, this.#attainedMs - this.#attempts.mark[attempt]!);
      this.#onEnded(attempt, false);
    }
    this.#tidy();
  }

  boot(now: Millis, coldStartMs: Millis): void {
    this.#settle(now);
    this.#upAt = now + coldStartMs;
  }

  usedCoreMs(now: Millis): number {
    this.#settle(now);
    return this.#usedCoreMs;
  }

  check(): string | undefined {
    if (this.#open < 0) return `${this.#open} requests are open`;
    if (this.#open > 0 && this.dueAt === Infinity) return "there is work, and none of it is ever done";
    const heldMs = this.#receivedMs + this.#open * this.#attainedMs - this.#marks;
    if (Math.abs(this.#givenMs - heldMs) <= 1e-6 * Math.max(1, this.#givenMs)) return undefined;
    return `the cores have given ${this.#givenMs} ms of work, and requests have received ${heldMs} ms`;
  }

  get #rate(): number {
    return (this.#speed / this.#slowdown) * Math.min(1, this.#cap / this.#open);
  }

  #settle(now: Millis): void {
    const forMs = now - this.#settledAt;
    this.#settledAt = now;
    if (this.#open === 0 || forMs === 0) return;
    const used = Math.min(this.#open, this.#cap);
    this.#attainedMs += forMs * this.#rate;
    this.#usedCoreMs += forMs * used;
    this.#givenMs += (forMs * used * this.#speed) / this.#slowdown;
  }

  #leave(attempt: number, receivedMs: Millis): void {
    this.#open--;
    this.#marks -= this.#attempts.mark[attempt]!;
    this.#receivedMs += receivedMs;
  }

  /** Drops what was cancelled from the head, so that the next end is a real one; starts afresh when idle. */
  #tidy(): void {
    if (this.#open === 0) {
      this.#ends.clear();
      this.#attainedMs = 0;
      this.#marks = 0;
      return;
    }
    while (this.#attempts.stamp[this.#ends.nextKind] !== this.#ends.nextFirst) this.#ends.pop();
  }
}
