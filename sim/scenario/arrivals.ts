/**
 * When requests arrive. A rate that changes with time is met by thinning (Lewis & Shedler 1979): candidates come at
 * the highest rate there is, and each is kept with the probability that the rate of its moment has of that.
 */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Arrivals, RatePoint } from "./scenario.ts";

/** Says when the next request arrives after the one at `now`; to be asked in order. */
export type NextArrival = (now: Millis) => Millis;

/** @param perMs the rate that the pattern modulates. A trace is played faster or slower to come to it. */
export function arrivalProcess(arrivals: Arrivals, perMs: number, random: Random): NextArrival {
  const gapMs = (rate: number): Millis => -Math.log(1 - random.next()) / rate;
  switch (arrivals.kind) {
    case "poisson":
      return (now) => now + gapMs(perMs);
    case "trace":
      return replay(arrivals.timesMs, perMs);
    case "diurnal":
    case "flash-crowd":
    case "profile": {
      const highest = highestFactor(arrivals);
      return (now) => {
        let at = now;
        do at += gapMs(perMs * highest);
        while (random.next() * highest >= rateFactor(arrivals, at));
        return at;
      };
    }
  }
}

type Varying = Extract<Arrivals, { readonly kind: "diurnal" | "flash-crowd" | "profile" }>;

/** The rate at a moment, as a multiple of the pattern's own. */
export function rateFactor(arrivals: Varying, at: Millis): number {
  if (arrivals.kind === "diurnal") {
    return 1 + arrivals.amplitude * Math.sin((2 * Math.PI * at) / arrivals.periodMs);
  }
  if (arrivals.kind === "profile") return profileFactor(arrivals.points, at);
  const { atMs, rampMs, holdMs, fallMs, peak } = arrivals;
  const since = at - atMs;
  const falling = since - rampMs - holdMs;
  if (since < 0 || falling >= fallMs) return 1;
  if (since < rampMs) return 1 + ((peak - 1) * since) / rampMs;
  return falling < 0 ? peak : peak - ((peak - 1) * falling) / fallMs;
}

/** Requests a second that are to be expected at a moment, in a run whose pattern is that often a second; of a trace its mean. */
export function ratePerSecondAt(arrivals: Arrivals, perSecond: number, at: Millis): number {
  const isEven = arrivals.kind === "poisson" || arrivals.kind === "trace";
  return isEven ? perSecond : perSecond * rateFactor(arrivals, at);
}

function profileFactor(points: readonly RatePoint[], at: Millis): number {
  const next = points.findIndex(({ atMs }) => atMs > at);
  const before = points.at(next === -1 ? -1 : Math.max(0, next - 1))!;
  const after = points[next];
  if (after === undefined || at <= before.atMs) return before.factor;
  const part = (at - before.atMs) / (after.atMs - before.atMs);
  return before.factor + part * (after.factor - before.factor);
}

function highestFactor(arrivals: Varying): number {
  switch (arrivals.kind) {
    case "diurnal":
      return 1 + arrivals.amplitude;
    case "flash-crowd":
      return Math.max(1, arrivals.peak);
    case "profile":
      return Math.max(...arrivals.points.map(({ factor }) => factor));
  }
}

/** Plays recorded arrivals, again from the start when they are over, at the given mean rate. */
function replay(timesMs: readonly Millis[], perMs: number): NextArrival {
  const first = timesMs[0] ?? 0;
  const meanGapMs = ((timesMs.at(-1) ?? 0) - first) / (timesMs.length - 1);
  const lengthMs = meanGapMs * timesMs.length;
  const scale = 1 / (perMs * meanGapMs);
  let next = 0;
  return () => {
    const round = Math.floor(next / timesMs.length);
    const at = (timesMs[next % timesMs.length] ?? 0) - first + round * lengthMs;
    next++;
    return at * scale;
  };
}
