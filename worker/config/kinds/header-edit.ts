/** Headers that a config writes: names, and values with variables. */
import * as z from "zod";
import type { StatusSpan } from "../../../core/headers/edits.ts";
import type { Template } from "../../../core/templates/template.ts";
import { byName, checkedText, list, object } from "./fields.ts";
import { isToken } from "./http-syntax.ts";
import { statusRange } from "./status-range.ts";
import { template } from "./template.ts";

const longest = 4_096;

/** RFC 9110 §5.5, without bytes whose meaning is not told. */
const isPlainValue = (text: string): boolean =>
  text.length <= longest && /^[\t\x20-\x7e]*$/.test(text) && text.trim() === text;

const nameExpected = "a header's name: letters, digits and !#$%&'*+-.^_`|~";
const isName = (text: string): boolean => isToken(text) && text.length <= 100;

const value = template(
  `a header's value in ASCII, of at most ${longest} characters`,
  "${requestId}",
  isPlainValue,
);
const values = list(value, 1, 16, "values");

const texts = z.union([value, values], { error: "a value, or a list of 1 to 16 values" });

const answerTexts = z.union(
  [
    value,
    values,
    object("an object with the keys value and statuses", {
      value: texts.meta({ description: "The value, or several." }),
      statuses: list(statusRange(100), 1, 32, "statuses").meta({
        description: 'The answers that have it: `404`, `"200-299"`.',
      }),
    }),
  ],
  { error: 'a value, a list of 1 to 16 values, or { "value": "…", "statuses": ["200-299"] }' },
);

/** What a header is to be, of which answers. */
export interface HeaderValue {
  readonly values: readonly Template[];
  /** Absent: it is for the header's name to say (`defaultStatuses`). */
  readonly statuses?: readonly StatusSpan[];
}

const isTemplateList = (written: z.output<typeof texts>): written is Template[] => Array.isArray(written[0]);

function valuesOf(written: z.output<typeof texts>): readonly Template[] {
  return isTemplateList(written) ? written : [written];
}

const bounds = { least: 0, most: 64, what: "headers", nameExpected };

/** Of requests, by name. */
export const requestHeaders = byName(
  checkedText(nameExpected, isName).meta({ examples: ["X-Tenant"] }),
  texts.transform((written): HeaderValue => ({ values: valuesOf(written) })),
  bounds,
);

/** Of answers, by name. */
export const answerHeaders = byName(
  checkedText(nameExpected, isName).meta({ examples: ["X-Served-By", "Cache-Control"] }),
  answerTexts.transform((written): HeaderValue => {
    if (!("statuses" in written)) return { values: valuesOf(written) };
    return { values: valuesOf(written.value), statuses: written.statuses };
  }),
  bounds,
);

const removedExpected = 'a header\'s name, or "X-Internal-*" for all that begin so';

/** A header's name, or the beginning of names. */
export const removedName = checkedText(
  removedExpected,
  // A pattern without a beginning would leave a message with nothing.
  (text) => isName(text) && text !== "*" && (!text.includes("*") || /^[^*]+-\*$/.test(text)),
).meta({ examples: ["X-Powered-By", "X-Internal-*"] });
