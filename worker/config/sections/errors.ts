/** `errors`: pages for errors, and which of the origins' error answers they replace. */
import { byName, checkedText, list } from "../kinds/fields.ts";
import { pageOrPlace } from "../kinds/page.ts";
import { parseStatusRange, statusExpected, statusRange, type StatusRange } from "../kinds/status-range.ts";
import type { Rule } from "../rule.ts";
import { option, section, type ValuesOf } from "../section.ts";
import type { ConfigValues } from "./config.ts";
import { repeatedKeys } from "./repeated-keys.ts";
import { unknownUpstream } from "./upstream-name.ts";

const nameExpected = statusExpected(400);
const pages = byName(
  checkedText(nameExpected, (written) => (parseStatusRange(written)?.from ?? 0) >= 400).meta({
    examples: ["404", "500-599"],
  }),
  pageOrPlace,
  { least: 0, most: 32, what: "pages", nameExpected },
).meta({ bounds: "32 at most; in the config of 1–8192 characters, from an upstream 64 KiB at most" });

const sameStatuses = (written: string): string => written.replace(/^(\d+)-\1$/, "$1");

export const errors = section(
  "WeirErrors",
  {
    /** HTML by status, from 400: `{ "404": "…", "500-599": "…" }`; the most specific counts. Or where the page is: `{ "503": { upstream: "pages", path: "/503.html" } }`; Weir asks for it when it is needed, once in 10 s at most, and has its own as long as it gets none. Weir replaces `{status}`, `{message}` and `{requestId}` in them. Programs still get JSON. A status without a page has Weir's own. */
    pages: option(pages, {}),
    /** Statuses of origins' answers, from 400: `404`, `"500-599"`, whose body is replaced by such a page. `WWW-Authenticate`, `Allow`, `Retry-After` and cookies stay. */
    intercept: option(list(statusRange(400), 0, 32, "statuses"), []),
  },
  { rules: [repeatedKeys("pages", sameStatuses, "the same statuses again", "one page for them")] },
);

/** Of `pages` the most specific range comes first. */
export type ErrorsConfig = ReturnType<typeof compileErrors>;

export function compileErrors({ pages, intercept }: ValuesOf<typeof errors>) {
  const byStatus = Object.entries(pages).flatMap(([written, page]) => {
    const range = parseStatusRange(written);
    return range === undefined ? [] : [{ ...range, page }];
  });
  return { pages: byStatus.sort((a, b) => breadth(a) - breadth(b)), intercept };
}

const breadth = ({ from, to }: StatusRange): number => to - from;

/** The upstreams that have pages are there. */
export const errorPlacesRule: Rule<ConfigValues> = ({ upstreams }) =>
  Object.entries(upstreams).flatMap(([owner, { errors }]) =>
    Object.entries(errors?.pages ?? {}).flatMap(([statuses, page]) => {
      if (typeof page === "string" || page.upstream === undefined) return [];
      return unknownUpstream(
        ["upstreams", owner, "errors", "pages", statuses, "upstream"],
        page.upstream,
        upstreams,
      );
    }),
  );
