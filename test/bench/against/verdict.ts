/**
 * From pairs to a verdict for each rung and body: the median of old ÷ new, with an interval that holds whatever the distribution
 * is, as it counts pairs on either side only (the sign test's: Conover, Practical Nonparametric Statistics, section 3.2). Pure.
 */
import type { Body } from "../traffic.ts";
import type { Pair, Side } from "./measure-pairs.ts";

/** A change may cost so much, and not more: the lower end of the interval of old ÷ new. */
export const leastRatio = 0.97;

export interface Comparison {
  readonly rung: string;
  readonly body: Body;
  /** Medians, in ms a request. */
  readonly cpuMs: Readonly<Record<Side, number>>;
  /** Old ÷ new: above 1, the new one needs less. Absent if a pair failed. */
  readonly ratio?: Interval;
  readonly isMet: boolean;
  readonly pairs: number;
  readonly errors: readonly string[];
}

export interface Interval {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/**
 * One comparison for each rung and body, in the order of their first pairs.
 * @param least what the lower end of the interval has to be.
 */
export function toComparisons(pairs: readonly Pair[], least = leastRatio): Comparison[] {
  const groups = Map.groupBy(pairs, ({ rung, body }) => `${rung} ${body}`);
  return [...groups.values()].flatMap((group): Comparison[] => {
    const [first] = group;
    if (first === undefined) return [];
    const errors = group.flatMap((pair) => pair.errors);
    const over = (side: Side): number => median(group.map(({ cpuMs }) => cpuMs[side]));
    const cpuMs = { old: over("old"), new: over("new") };
    const told = { rung: first.rung, body: first.body, cpuMs, pairs: group.length, errors };
    if (errors.length > 0) return [{ ...told, isMet: false }];
    const ratio = medianInterval(group.map((pair) => pair.cpuMs.old / pair.cpuMs.new));
    return [{ ...told, ratio, isMet: ratio.low >= least }];
  });
}

/**
 * The median, and the narrowest pair of values, as far from the lowest as from the highest, between which the true median is with
 * 95 % at least; of five values or fewer no pair is that sure, and the lowest and highest are taken.
 * @param values at least one.
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const out = leftOut(sorted.length);
  return { low: sorted[out]!, median: median(sorted), high: sorted[sorted.length - 1 - out]! };
}

/** How many values may be left out at either end: the chance that the median is beyond them is a coin's, each side 2.5 %. */
function leftOut(count: number): number {
  let chance = 0.5 ** count;
  let beyond = chance;
  let out = 0;
  while (true) {
    chance *= (count - out) / (out + 1);
    beyond += chance;
    if (beyond > 0.025) return out;
    out++;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
