/** The curves of a burst: instances, and requests that were answered too late, over the time that was measured. Pure. */
import type { BurstTimeline } from "../../sim/engine/burst-figures.ts";
import type { Row } from "../../sim/engine/results.ts";
import type { Chart, Point } from "./chart.ts";

/** File names without their ending, and what is drawn into them: a line a policy, or a policy and load where there are several. */
export function burstCharts(name: string, rows: readonly Row[]): [string, Chart][] {
  const chart = (what: string, of: (timeline: BurstTimeline) => readonly number[]): Chart => ({
    title: `${name}: ${what}`,
    across: "minutes",
    up: { scale: "linear" },
    series: seriesOf(rows, of),
  });
  return [
    [`${name}-instances`, chart("instances that take requests", ({ instances }) => instances)],
    [
      `${name}-misses`,
      chart("requests answered too late or not at all, %", ({ missShares }) =>
        missShares.map((share) => 100 * share),
      ),
    ],
  ];
}

function seriesOf(
  rows: readonly Row[],
  of: (timeline: BurstTimeline) => readonly number[],
): Map<string, Point[]> {
  const hasLoads = new Set(rows.map(({ load }) => load)).size > 1;
  const groups = Map.groupBy(rows, ({ policy, load }) => (hasLoads ? `${policy}, ${load}` : policy));
  return new Map(
    Array.from(groups, ([line, group]) => [
      line,
      pointsOf(
        group.flatMap(({ burst }) => burst?.timeline ?? []),
        of,
      ),
    ]),
  );
}

/** Means and ranges over the seeds, at the end of each step. */
function pointsOf(
  timelines: readonly BurstTimeline[],
  of: (timeline: BurstTimeline) => readonly number[],
): Point[] {
  const [first] = timelines;
  if (first === undefined) return [];
  return of(first).map((_, step) => {
    const values = timelines.map((timeline) => of(timeline)[step] ?? 0);
    return {
      x: ((step + 1) * first.everyMs) / 60_000,
      y: values.reduce((sum, value) => sum + value, 0) / values.length,
      least: Math.min(...values),
      most: Math.max(...values),
    };
  });
}
