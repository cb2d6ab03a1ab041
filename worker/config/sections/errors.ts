/** `errors`: pages for errors, and which of the origins' error answers they replace. */
import { byName, checkedText, list } from "../kinds/fields.ts";
import { page } from "../kinds/page.ts";
import { parseStatusRange, statusExpected, statusRange, type StatusRange } from "../kinds/status-range.ts";
import { option, section, type ValuesOf } from "../section.ts";
import { repeatedKeys } from "./repeated-keys.ts";

const nameExpected = statusExpected(400);
const pages = byName(
  checkedText(nameExpected, (written) => (parseStatusRange(written)?.from ?? 0) >= 400).meta({
    examples: ["404", "500-599"],
  }),
  page,
  { least: 0, most: 32, what: "pages", nameExpected },
).meta({ bounds: "32 at most, of 1–8192 characters" });

const sameStatuses = (written: string): string => written.replace(/^(\d+)-\1$/, "$1");

export const errors = section(
  "WeirErrors",
  {
    /** HTML by status, from 400: `{ "404": "…", "500-599": "…" }`; the most specific counts. Weir replaces `{status}`, `{message}` and `{requestId}` in them. Programs still get JSON. A status without a page has Weir's own. */
    pages: option(pages, {}),
    /** Statuses of origins' answers, from 400: `404`, `"500-599"`, whose body is replaced by such a page. `WWW-Authenticate`, `Allow`, `Retry-After` and cookies stay. */
    intercept: option(list(statusRange(400), 0, 32, "statuses"), []),
  },
  { rules: [repeatedKeys("pages", sameStatuses, "the same statuses again", "one page for them")] },
);

/** Of `pages` the most specific range comes first. */
export type ErrorsConfig = ReturnType<typeof compileErrors>;

export function compileErrors({ pages, intercept }: ValuesOf<typeof errors>) {
  const byStatus = Object.entries(pages).flatMap(([written, html]) => {
    const range = parseStatusRange(written);
    return range === undefined ? [] : [{ ...range, html }];
  });
  return { pages: byStatus.sort((a, b) => breadth(a) - breadth(b)), intercept };
}

const breadth = ({ from, to }: StatusRange): number => to - from;
