/** The table of counters in docs/api.md. */
import { expect, test } from "vitest";
import { withCounterTable } from "../../../generate/counter-table.ts";

const cups = { help: "cups that were drunk", unit: "requests", labels: { tea: 12, pot: 3 } } as const;

test("it has each counter with its labels and their bounds, in place of the old one", () => {
  const page = "# Tea\n\n<!-- counters -->\n| an | old | table |\n<!-- end -->\n\nMore.\n";
  expect(withCounterTable(page, { cups })).toBe(`# Tea

<!-- counters -->

| counter | unit | labels, and the most values | what is counted |
| --- | --- | --- | --- |
| \`cups\` | requests | \`tea\` (12), \`pot\` (3) | cups that were drunk |

<!-- end -->

More.
`);
});

test("a page that has no place for it is an error", () => {
  expect(() => withCounterTable("# Tea\n", { cups })).toThrow("no table of counters");
});
