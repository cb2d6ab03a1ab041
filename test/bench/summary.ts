/**
 * From turns to rows and ratios: medians, and the spread beside them. A ratio is taken within each round, between
 * turns that were seconds apart, and the median is that of the ratios: so what slows a whole round down cancels
 * out. Pure.
 */
import type { RatioRule } from "./ladder.ts";
import type { Turn } from "./measure.ts";
import type { Body } from "./traffic.ts";

/** Over the rounds. */
interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Row {
  readonly target: string;
  readonly body: Body;
  /** These five are medians. */
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerRequest: number;
  readonly rssMb: number;
  readonly spread: Readonly<Record<"rps" | "p50Ms" | "p99Ms" | "cpuMsPerRequest", Spread>>;
  /** Measured, over all rounds. */
  readonly requests: number;
  /** One that has any failed: its numbers say nothing. */
  readonly errors: readonly string[];
}

export interface Ratio extends RatioRule {
  readonly body: Body;
  /** Of the throughputs; its median is what the target is held against. */
  readonly rps: Spread;
  /** Of the requests served in a second of CPU time, which other processes on the machine disturb less. */
  readonly perCpu: Spread;
  /** Absent if there is no target. */
  readonly met?: boolean;
}

/** One row for each target and body, in the order of their first turns; failed ones too. */
export function toRows(turns: readonly Turn[]): Row[] {
  const groups = Map.groupBy(turns, ({ target, body }) => `${body} ${target}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const over = (metric: keyof Row["spread"]): Spread => spreadOf(group.map((turn) => turn[metric]));
    const spread = {
      rps: over("rps"),
      p50Ms: over("p50Ms"),
      p99Ms: over("p99Ms"),
      cpuMsPerRequest: over("cpuMsPerRequest"),
    };
    return {
      target: first.target,
      body: first.body,
      rps: spread.rps.median,
      p50Ms: spread.p50Ms.median,
      p99Ms: spread.p99Ms.median,
      cpuMsPerRequest: spread.cpuMsPerRequest.median,
      rssMb: spreadOf(group.map(({ rssMb }) => rssMb)).median,
      spread,
      requests: group.reduce((sum, { requests }) => sum + requests, 0),
      errors: group.flatMap(({ round, errors }) => errors.map((error) => `round ${round}: ${error}`)),
    };
  });
}

/** The ratios whose two rungs were both measured without an error. */
export function toRatios(turns: readonly Turn[], rules: readonly RatioRule[]): Ratio[] {
  const byBody = Map.groupBy(turns, ({ body }) => body);
  return rules.flatMap((rule) => [...byBody].flatMap(([body, group]) => toRatio(body, group, rule)));
}

/** One or none. */
function toRatio(body: Body, turns: readonly Turn[], rule: RatioRule): Ratio[] {
  const pairs = pairsOf(turns, rule);
  if (pairs.length === 0 || pairs.flat().some(({ errors }) => errors.length > 0)) return [];
  const rps = spreadOf(pairs.map(([of, to]) => of.rps / to.rps));
  const perCpu = spreadOf(pairs.map(([of, to]) => to.cpuMsPerRequest / of.cpuMsPerRequest));
  return [
    { ...rule, body, rps, perCpu, ...(rule.target !== undefined && { met: rps.median >= rule.target }) },
  ];
}

function pairsOf(turns: readonly Turn[], { of, to }: RatioRule): [Turn, Turn][] {
  const rounds = Map.groupBy(turns, ({ round }) => round);
  return [...rounds.values()].flatMap((round): [Turn, Turn][] => {
    const [upper, lower] = [of, to].map((name) => round.find(({ target }) => target === name));
    return upper !== undefined && lower !== undefined ? [[upper, lower]] : [];
  });
}

/** @param values at least one. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  return { min: Math.min(...sorted), median, max: Math.max(...sorted) };
}
