/** The picks as a person reads them: a line for each policy, a column for each size of pool. */
import { bold, dim, green, red } from "../../../cli/terminal/style.ts";
import { framelessTable } from "../../../cli/terminal/table.ts";
import { heapTargetBytes, sizes, type PickRow } from "./measure.ts";

/** Writes the table and, below it, what is true of all rows. */
export function formatPicks(rows: readonly PickRow[]): string {
  const table = framelessTable(["µs per pick (per request)", ...sizes.map((size) => `${size} origins`)]);
  for (const [policy, bySize] of Map.groupBy(rows, ({ policy }) => policy)) {
    table.push([policy, ...bySize.map(cell)]);
  }
  const targets = new Map(rows.map(({ origins, targetNs }) => [origins, targetNs]));
  const limits = [...targets].flatMap(([origins, targetNs]) =>
    targetNs === undefined ? [] : `${targetNs / 1_000} µs at ${origins}`,
  );
  const growth = Math.max(...rows.map(({ heapGrowthBytes }) => heapGrowthBytes));
  const heap = `The heap grew by ${kibibytes(growth)} at most (target: ${kibibytes(heapTargetBytes)}).`;
  return `${table.toString()}\n\n${dim(`Targets: ${limits.join(", ")} origins. ${heap}`)}`;
}

function cell({ pickNs, requestNs, met }: PickRow): string {
  const verdict = met === undefined ? "" : met ? green(" ✓") : red(" ✗");
  return `${bold(micros(pickNs))} ${dim(`(${micros(requestNs)})`)}${verdict}`;
}

const micros = (ns: number): string => (ns / 1_000).toFixed(2);

const kibibytes = (bytes: number): string => `${Math.round(bytes / 1_024)} KiB`;
