/**
 * What the flash crowd costs, in figures with a target. Other than promises they depend on the machine, which serves the
 * origins and the crowd besides Weir: they are shown, and decide nothing.
 */
import { percentile } from "../load/summary.ts";
import type { Wait } from "./phase.ts";
import { isSpilled, ms, phase, type Run } from "./run.ts";

export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly target: number;
  readonly reached: boolean;
  /** For people. */
  readonly seen: string;
}

/** The figures of a run. */
export function figuresOf(run: Run): readonly Figure[] {
  return [homeBusy(run), waitAtHome(run)];
}

/** Only what home has no room for may leave it: so home is full while anything does. */
const busyTarget = 0.95;

/** What counts as "while": so long around the start of a request that spilled. */
const aroundMs = 50;

function homeBusy(run: Run): Figure {
  const { records, homeUse } = phase(run, "flash-crowd");
  const spilledAt = records.filter((record) => isSpilled(run, record)).map(({ startedAtMs }) => startedAtMs);
  const shares = homeUse
    .filter(({ atMs }) => spilledAt.some((at) => Math.abs(at - atMs) <= aroundMs))
    .map(({ share }) => share);
  const value = shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return {
    figure: "home busy while anything spills",
    value,
    target: busyTarget,
    reached: value >= busyTarget,
    seen: `${(100 * value).toFixed(1)} % of its slots on average; aim: ≥ ${100 * busyTarget} %`,
  };
}

/** A request that has waited for as long as it is worth goes to the cloud, so none should wait for longer. */
function waitAtHome(run: Run): Figure {
  const { waits } = phase(run, "flash-crowd");
  const sorted = (of: (wait: Wait) => number) => Float64Array.from(waits, of).toSorted();
  const value = percentile(
    sorted(({ waitMs, worthMs }) => waitMs / worthMs),
    0.99,
  );
  const p99Ms = percentile(
    sorted(({ waitMs }) => waitMs),
    0.99,
  );
  return {
    figure: "p99 of the wait for a slot at home, over what it was worth",
    value,
    target: 1,
    reached: value <= 1,
    seen: `${value.toFixed(2)} (p99 ${ms(p99Ms)}), of ${waits.length} that waited; aim: ≤ 1`,
  };
}
