/**
 * Measures what an unhurried answer of one origin takes, while the origin is in full use: it is held to half of what it
 * has open, the rest spills, and its answers are timed once those of before are through. Envoy's adaptive concurrency filter
 * does so at three requests, and refuses the others meanwhile; here no request is refused, so that it need not be as strict.
 * If the answers become much quicker, they were not unhurried before, and perhaps still are not: then it is held to half of
 * that again.
 */
import { Sample } from "../load/sample.ts";
import type { Millis } from "../model/upstream.ts";

/** So many times the time of an answer after the last one too many has ended, what came before is through. */
const settleAnswers = 3;
const settleLeastMs: Millis = 250;

/** A sample has `enough` answers, whose mean is off by no more than `precision` … */
const enough = 50;
const precision = 0.05;
/** … and covers this time, and two answers one after the other. */
const shortestMs: Millis = 500;
const shortestAnswers = 2;

/** After so long `fewest` answers must do … */
const patienceMs: Millis = 5_000;
const fewest = 10;
/** … and after so long, or so many answers one after the other, the attempt is given up. */
const longestMs: Millis = 15_000;
const longestAnswers = 15;

/** Where half as many at once take less than this part, half of that may be quicker again: one that is full takes a half. */
const unhurried = 0.65;

/** What came of an answer: it goes on; it has failed; or it is done, and so many requests at once take so long. */
export type MeasurementProgress =
  | { readonly kind: "measuring" | "given-up" }
  | { readonly kind: "done"; readonly unhurriedMs: Millis; readonly inFlight: number };

export class Measurement {
  readonly #sample = new Sample();
  #heldTo: number;
  #referenceMs: Millis;
  #begunMs: Millis;
  /** When answers began, or begin, to count; `undefined`: there is still more open than there should be. */
  #countsFromMs: Millis | undefined;

  /** `inFlight`: what the origin has open, at least 1; `referenceMs`: what its answers take then. */
  constructor(inFlight: number, referenceMs: Millis, now: Millis) {
    this.#heldTo = half(inFlight);
    this.#referenceMs = referenceMs;
    this.#begunMs = now;
  }

  /** The most that the origin is to have open meanwhile, at least 1. */
  get heldTo(): number {
    return this.#heldTo;
  }

  /** Whether the measurement has lasted too long. No message may say so: answers stay away. */
  isOver(now: Millis): boolean {
    const longest = Math.max(longestMs, longestAnswers * this.#referenceMs);
    return now < this.#begunMs || now - this.#begunMs > longest;
  }

  /** Takes in answers, heard now; `inFlight`: what is open. */
  recordTimes(timesMs: readonly Millis[], inFlight: number, now: Millis): MeasurementProgress {
    if (this.isOver(now)) return { kind: "given-up" };
    if (inFlight > this.#heldTo) this.#countsFromMs = undefined;
    else this.#countsFromMs ??= now + Math.max(settleLeastMs, settleAnswers * this.#referenceMs);
    if (this.#countsFromMs === undefined) this.#sample.clear();
    if (this.#countsFromMs === undefined || now < this.#countsFromMs) return { kind: "measuring" };
    for (const timeMs of timesMs) this.#sample.add(timeMs);
    return this.#isComplete(now - this.#countsFromMs) ? this.#conclude(now) : { kind: "measuring" };
  }

  #isComplete(agedMs: Millis): boolean {
    const { count, meanMs, errorMs } = this.#sample;
    if (agedMs < Math.max(shortestMs, shortestAnswers * meanMs)) return false;
    return (count >= enough && errorMs <= precision * meanMs) || (count >= fewest && agedMs >= patienceMs);
  }

  #conclude(now: Millis): MeasurementProgress {
    const { meanMs } = this.#sample;
    if (this.#heldTo === 1 || meanMs >= unhurried * this.#referenceMs) {
      return { kind: "done", unhurriedMs: meanMs, inFlight: this.#heldTo };
    }
    this.#heldTo = half(this.#heldTo);
    this.#referenceMs = meanMs;
    this.#begunMs = now;
    this.#countsFromMs = undefined;
    this.#sample.clear();
    return { kind: "measuring" };
  }
}

function half(inFlight: number): number {
  return Math.max(1, Math.floor(inFlight / 2));
}
