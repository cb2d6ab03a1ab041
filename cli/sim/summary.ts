/** Means over the seeds. Pure. */
import type { BurstFigures } from "../../sim/engine/burst-figures.ts";
import type { Row } from "../../sim/engine/results.ts";
import type { ObjectFigures, SlotFigures } from "../../sim/engine/slots.ts";

/** All runs of a policy at a load. */
export interface Summary extends Omit<Row, "seed" | "slots" | "burst"> {
  readonly leastP99Ms: number;
  readonly mostP99Ms: number;
  /** Only where home has limits. */
  readonly slots?: SlotSummary;
  /** Only where the scenario has a burst. */
  readonly burst?: BurstSummary;
}

export interface BurstSummary extends Omit<BurstFigures, "timeline"> {
  /** What was spilled ÷ what had to be. */
  readonly spillOverFluid: number;
  readonly leastMissShare: number;
  readonly mostMissShare: number;
}

export interface SlotSummary extends SlotFigures {
  readonly leastUtilisation: number;
  readonly mostUtilisation: number;
}

/** One summary for each policy and load, in the order of the rows. */
export function summarizeRows(rows: readonly Row[]): Summary[] {
  const groups = Map.groupBy(rows, ({ policy, load }) => `${policy} ${load}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [summarize(first, group)];
  });
}

function summarize({ policy, load, cost }: Row, group: readonly Row[]): Summary {
  const mean = (of: (row: Row) => number): number =>
    group.reduce((sum, row) => sum + of(row), 0) / group.length;
  return {
    policy,
    load,
    requests: mean((row) => row.requests),
    p50Ms: mean((row) => row.p50Ms),
    p90Ms: mean((row) => row.p90Ms),
    p99Ms: mean((row) => row.p99Ms),
    p999Ms: mean((row) => row.p999Ms),
    errorRate: mean((row) => row.errorRate),
    floorP99Ms: mean((row) => row.floorP99Ms),
    spillShare: mean((row) => row.spillShare),
    leastP99Ms: Math.min(...group.map((row) => row.p99Ms)),
    ...(cost !== undefined && { cost: mean((row) => row.cost ?? 0) }),
    mostP99Ms: Math.max(...group.map((row) => row.p99Ms)),
    ...summarizeSlots(group.flatMap(({ slots }) => slots ?? [])),
    ...summarizeBurst(group),
  };
}

function summarizeBurst(group: readonly Row[]): { readonly burst?: BurstSummary } {
  const each = group.flatMap(({ burst, spillShare }) =>
    burst === undefined ? [] : [{ ...burst, spillShare }],
  );
  if (each.length === 0) return {};
  const mean = (of: (figures: (typeof each)[number]) => number): number =>
    each.reduce((sum, figures) => sum + of(figures), 0) / each.length;
  const misses = each.map(({ missShare }) => missShare);
  const burst: BurstSummary = {
    fluidShare: mean(({ fluidShare }) => fluidShare),
    missShare: mean(({ missShare }) => missShare),
    errorShare: mean(({ errorShare }) => errorShare),
    instanceHours: mean(({ instanceHours }) => instanceHours),
    transitions: mean(({ transitions }) => transitions),
    spillOverFluid: mean(({ spillShare, fluidShare }) => spillShare / fluidShare),
    leastMissShare: Math.min(...misses),
    mostMissShare: Math.max(...misses),
  };
  return { burst };
}

function summarizeSlots(group: readonly SlotFigures[]): { readonly slots?: SlotSummary } {
  if (group.length === 0) return {};
  const mean = (of: (figures: SlotFigures) => number): number =>
    group.reduce((sum, figures) => sum + of(figures), 0) / group.length;
  const utilisations = group.map(({ utilisation }) => utilisation);
  const slots: SlotSummary = {
    utilisation: mean(({ utilisation }) => utilisation),
    falseSpillShare: mean(({ falseSpillShare }) => falseSpillShare),
    mostOverLimit: Math.max(...group.map(({ mostOverLimit }) => mostOverLimit)),
    messagesPerSecond: mean(({ messagesPerSecond }) => messagesPerSecond),
    messagesPeak: Math.max(...group.map(({ messagesPeak }) => messagesPeak)),
    rowsPerThousand: mean(({ rowsPerThousand }) => rowsPerThousand),
    waitMs: mean(({ waitMs }) => waitMs),
    ...summarizeObjects(group.flatMap(({ objects }) => objects ?? [])),
    leastUtilisation: Math.min(...utilisations),
    mostUtilisation: Math.max(...utilisations),
  };
  return { slots };
}

/** Of each coordinator, over the seeds. */
function summarizeObjects(all: readonly ObjectFigures[]): Pick<SlotFigures, "objects"> {
  if (all.length === 0) return {};
  const byName = Map.groupBy(all, ({ name }) => name);
  const objects = Array.from(byName, ([name, group]) => ({
    name,
    messagesPerSecond: group.reduce((sum, of) => sum + of.messagesPerSecond, 0) / group.length,
    messagesPeak: Math.max(...group.map((of) => of.messagesPeak)),
  }));
  return { objects };
}
