/** The table of counters in docs/api.md, between `<!-- counters -->` and `<!-- end -->`, as `core/telemetry/counters.ts` has them. */
import type { CounterType } from "../core/telemetry/counters.ts";
import { markdownTable } from "./markdown-table.ts";

const table = /(<!-- counters -->\n).*?(<!-- end -->)/s;

/** The page with its table as the counters are. It throws for a page without one. */
export function withCounterTable(page: string, counters: Readonly<Record<string, CounterType>>): string {
  if (!table.test(page)) throw new Error("docs/api.md has no table of counters");
  const rows = Object.entries(counters).map(([name, { help, unit, labels }]) => ({
    counter: `\`${name}\``,
    unit,
    "labels, and the most values": Object.entries(labels)
      .map(([label, most]) => `\`${label}\` (${most})`)
      .join(", "),
    "what is counted": help,
  }));
  return page.replace(table, (_, opening: string, closing: string) => {
    return `${opening}\n${markdownTable(rows)}\n\n${closing}`;
  });
}
