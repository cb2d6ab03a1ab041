/**
 * What was seen of one origin in the last half minute, in slices of five seconds, so that old evidence goes without a timer. Envoy's
 * outlier detection looks at intervals of ten seconds; a window that slides forgets no failure just because an interval ended.
 */
import type { Millis } from "../../model/upstream.ts";
import { Failures, type NotedFailure } from "./failures.ts";

const sliceMs: Millis = 5_000;
const slices = 6;

/** How long evidence counts. */
export const windowMs: Millis = sliceMs * slices;

/** Of a slice, so many times are kept; they say how the origin is now, so only those of the last slices count. */
const mostTimes = 32;
const timedSlices = 2;

/** Whose answers were: one client's, of nobody as there are none, or of several, as also where nothing is known of that. */
export type Whose = number | "none" | "several";

/** Answers of one origin that were good. */
export interface GoodAnswers {
  readonly count: number;
  readonly whose: Whose;
  /** From sending to the headers; of some of them. */
  readonly headerMs: readonly Millis[];
}

/** What a window has. */
export interface SeenLately {
  readonly good: number;
  /** Of the good answers, and of all that was forgotten of this time. */
  readonly whose: Whose;
  readonly failures: Failures;
  readonly headerMs: readonly Millis[];
}

interface WindowSlice {
  /** Which five seconds, counted since 1970. */
  readonly nth: number;
  good: number;
  whose: Whose;
  readonly failures: Failures;
  readonly headerMs: Millis[];
}

export class Window {
  #slices: WindowSlice[] = [];

  good({ count, whose, headerMs }: GoodAnswers, now: Millis): void {
    const slice = this.#at(now);
    slice.good += count;
    slice.whose = together(slice.whose, whose);
    for (const time of headerMs.slice(0, mostTimes - slice.headerMs.length)) slice.headerMs.push(time);
  }

  failed(failed: NotedFailure, now: Millis): void {
    this.#at(now).failures.note(failed);
  }

  /** As `Failures.confirm`, of the newest slice that has such a failure. */
  confirm(client: number | undefined, now: Millis): void {
    this.#at(now);
    const slice = this.#slices.findLast(({ failures }) => !failures.isNone);
    slice?.failures.confirm(client);
  }

  /** Forgets what was seen, but not whose it was: that other clients are there stays true. */
  forget(): void {
    this.#slices = this.#slices.map(({ nth, whose, failures }) => ({
      nth,
      good: 0,
      whose: together(whose, whoseAre(failures)),
      failures: new Failures(),
      headerMs: [],
    }));
  }

  seen(now: Millis): SeenLately {
    const failures = new Failures();
    let good = 0;
    let whose: Whose = "none";
    const headerMs: Millis[] = [];
    const newest = Math.floor(now / sliceMs);
    for (const slice of this.#recent(now)) {
      good += slice.good;
      whose = together(whose, slice.whose);
      failures.join(slice.failures);
      if (slice.nth > newest - timedSlices) headerMs.push(...slice.headerMs);
    }
    return { good, failures, whose, headerMs };
  }

  #at(now: Millis): WindowSlice {
    const nth = Math.floor(now / sliceMs);
    const newest = this.#slices.at(-1);
    // A clock that was set back writes where it was.
    if (newest !== undefined && newest.nth >= nth) return newest;
    const slice: WindowSlice = { nth, good: 0, whose: "none", failures: new Failures(), headerMs: [] };
    this.#slices = [...this.#recent(now), slice];
    return slice;
  }

  #recent(now: Millis): readonly WindowSlice[] {
    const oldest = Math.floor(now / sliceMs) - slices + 1;
    return this.#slices.filter(({ nth }) => nth >= oldest);
  }
}

/** Whose failures these are. */
export const whoseAre = (failures: Failures): Whose =>
  failures.isNone ? "none" : (failures.onlyClient ?? "several");

/** Whose answers two groups of answers are. */
export function together(one: Whose, other: Whose): Whose {
  if (one === "none") return other;
  return other === "none" || other === one ? one : "several";
}
