/**
 * What is usual at this time of the day and of the week, in buckets of five minutes of UTC: a floor under the forecast, never a
 * ceiling. A trend sees a peak when it has begun, which is too late by the time that an instance takes to start; what came
 * yesterday and the day before at nine is ordered for before nine.
 *
 * A floor rises to what two periods in a row have had in common, so that one odd day makes none, and a quiet one takes a
 * quarter off it. Of the week it takes two weeks; until an hour of the week is known, the day's floor stands in for it, and
 * afterwards a Saturday need not be as busy as a Friday. (Seasonal profiles: Winters 1960; the rest is deliberately simpler.)
 */
import type { Millis } from "../model/upstream.ts";

const bucketMs: Millis = 300_000;
const bucketsADay = 288;
const daysAWeek = 7;

/** The part of the difference by which a floor sinks when less has come. */
const sinking = 0.25;

/** Not seen yet. */
const never = -1;

/** `day`: every day's; `week-0` … `week-6`: that of a day of the week, from Sunday. */
export type SeasonKey = string;

/** By bucket of the day, requests a second: the floor, and the peak of the last time; −1: there was none. */
export interface SeasonRecord {
  readonly floors: readonly number[];
  readonly lasts: readonly number[];
}

export type SavedSeason = ReadonlyMap<SeasonKey, SeasonRecord>;

type Profile = { readonly [Part in keyof SeasonRecord]: number[] };

export class Season {
  readonly #profiles: Map<SeasonKey, Profile>;
  readonly #changed = new Set<SeasonKey>();
  /** The bucket that is being filled, counted from 1970; absent: nothing has been seen since the start. */
  #bucket: number | undefined;
  #peak = 0;

  /** `saved`: what is known from before a restart. */
  constructor(saved: SavedSeason = new Map()) {
    const copies = Array.from(saved, ([key, { floors, lasts }]): [SeasonKey, Profile] => [
      key,
      { floors: [...floors], lasts: [...lasts] },
    ]);
    this.#profiles = new Map(copies);
  }

  /** So many requests a second come now. To be called often; times that it was not called for were quiet. */
  recordRate(perSecond: number, now: Millis): void {
    const bucket = Math.floor(now / bucketMs);
    const last = this.#bucket ?? bucket;
    // A clock that is set back tells nothing of what was in between.
    const first = Math.max(last, bucket - bucketsADay * daysAWeek);
    for (let closing = first; closing < bucket; closing++) {
      this.#close(closing, closing === last ? this.#peak : 0);
    }
    if (bucket !== this.#bucket) this.#peak = 0;
    this.#bucket = bucket;
    this.#peak = Math.max(this.#peak, perSecond);
  }

  /** Requests a second that usually come, at the most, at some moment between these two. */
  floor(fromMs: Millis, untilMs: Millis): number {
    let most = 0;
    for (let bucket = Math.floor(fromMs / bucketMs); bucket * bucketMs <= untilMs; bucket++) {
      most = Math.max(most, this.#floorOf(bucket));
    }
    return most;
  }

  /** What has changed since it was asked last, and is to be persisted: two records in five minutes at the most. */
  takeRecords(): [SeasonKey, SeasonRecord][] {
    const changed = Array.from(this.#changed, (key): [SeasonKey, SeasonRecord] => {
      const { floors, lasts } = this.#profileOf(key);
      return [key, { floors: [...floors], lasts: [...lasts] }];
    });
    this.#changed.clear();
    return changed;
  }

  #floorOf(bucket: number): number {
    const place = bucket % bucketsADay;
    const { floors, lasts } = this.#profileOf(weekKey(bucket));
    return lasts[place] === never ? this.#profileOf("day").floors[place]! : floors[place]!;
  }

  #close(bucket: number, peak: number): void {
    const place = bucket % bucketsADay;
    for (const key of ["day", weekKey(bucket)]) {
      const { floors, lasts } = this.#profileOf(key);
      const [floor, last] = [floors[place]!, lasts[place]!];
      const inCommon = Math.min(peak, Math.max(0, last));
      // The week's begins with what the day's has been until now, so that learning it forgets nothing.
      const before = key !== "day" && last === never ? this.#profileOf("day").floors[place]! : floor;
      floors[place] = rounded(
        peak < before ? before + sinking * (peak - before) : Math.max(before, inCommon),
      );
      lasts[place] = rounded(peak);
      this.#changed.add(key);
    }
  }

  #profileOf(key: SeasonKey): Profile {
    const profile = this.#profiles.get(key) ?? { floors: dayOf(0), lasts: dayOf(never) };
    this.#profiles.set(key, profile);
    return profile;
  }
}

const dayOf = (value: number): number[] => Array<number>(bucketsADay).fill(value);

/** 1970 began on a Thursday. */
function weekKey(bucket: number): SeasonKey {
  return `week-${(Math.floor(bucket / bucketsADay) + 4) % daysAWeek}`;
}

/** Tenths are enough, and make for short rows. */
const rounded = (perSecond: number): number => Math.round(perSecond * 10) / 10;
