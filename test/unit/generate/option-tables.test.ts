/** The option tables of docs/configuration.md. */
import { expect, test } from "vitest";
import { withOptionTables } from "../../../generate/option-tables.ts";
import { smallConfig, smallProse } from "./small-config.ts";

const page = `# Tea

<!-- options: (config) -->
| an | old | table |
<!-- end -->

## \`cups\`: what it is drunk from

<!-- options: cups.* -->
<!-- end -->

More of cups.

### Teas

<!-- options: teas.* -->
<!-- end -->
`;

test("a table has the options of its section, columns that say something, and links to other tables", () => {
  expect(withOptionTables(page, smallConfig, smallProse)).toBe(`# Tea

<!-- options: (config) -->

| key | default | bounds | what it is |
| --- | --- | --- | --- |
| [\`cups\`](#cups-what-it-is-drunk-from) | required | 1–1,000 | What it is drunk from. |
| [\`teas\`](#teas) | required | 1–2 | What is drunk. |

<!-- end -->

## \`cups\`: what it is drunk from

<!-- options: cups.* -->

| key | default | bounds | what it is |
| --- | --- | --- | --- |
| \`size\` | 3 | 1–9 | How large, in [pints](pints.md). |

<!-- end -->

More of cups.

### Teas

<!-- options: teas.* -->

| key | default | bounds | what it is |
| --- | --- | --- | --- |
| \`steep\` | \`"3m"\`, or \`cool\` if that is shorter | 1 m – 9 m | How long it steeps. |
| \`kind\` | what there is |  | Its kind: \`"black"\` or \`"green"\`. |
| \`milk\` | none | \`"hot"\`, \`"cold"\` | Milk: a little. |
| \`pot\` |  |  | The pot. |
| \`pot.lids\` | 1 | 0–1 | Its lids. |
| [\`cup\`](#cups-what-it-is-drunk-from) | any |  | The cup. |

<!-- end -->
`);
});

test("a page with its tables stays as it is", () => {
  const made = withOptionTables(page, smallConfig, smallProse);
  expect(withOptionTables(made, smallConfig, smallProse)).toBe(made);
});

test("a table without an end is not taken for one that goes on to the end of the next", () => {
  const endless = page.replace("<!-- end -->", "");
  expect(() => withOptionTables(endless, smallConfig, smallProse)).toThrow("(config) has no end");
});

test("a section of which there are many needs a table of its own", () => {
  const without = page.replace("<!-- options: cups.* -->", "");
  expect(() => withOptionTables(without, smallConfig, smallProse)).toThrow("has no table for cups.*");
});

test.each(["cups.*.handle", "cups.1", "teas.*.pot.lids"])("there is no table for %s", (path) => {
  const other = `${page}\n<!-- options: ${path} -->\n<!-- end -->\n`;
  expect(() => withOptionTables(other, smallConfig, smallProse)).toThrow(`has a table for ${path}`);
});
