/** Texts with variables (`core/templates/`), and targets of rewrites and redirects that are made of them (`core/rules/url-template.ts`). */
import { parseUrlTemplate } from "../../../core/rules/url-template.ts";
import { isTemplate, parseTemplate } from "../../../core/templates/template.ts";
import { text } from "./fields.ts";

/** Where a request is sent on to: a path, and a query if it is not to stay. */
export const rewriteTarget = targetOf(false, "/v2${rest}");

/** Where a client is sent: as above, or on another host. */
export const redirectTarget = targetOf(true, "https://www.example.com${path}");

function targetOf(isRedirect: boolean, example: string) {
  const what = isRedirect ? "a path or a URL" : 'a path from "/"';
  return text(
    `${what}, such as ${JSON.stringify(example)}`,
    (written) => {
      const parsed = parseUrlTemplate(written, isRedirect);
      return "expected" in parsed ? undefined : parsed;
    },
    (written) => {
      const parsed = parseUrlTemplate(written, isRedirect);
      return "expected" in parsed ? parsed.expected : "";
    },
  ).meta({ examples: [example] });
}

/** Any text with variables. `isFit` says whether its own words may stand where it is for. */
export function template(
  expected: string,
  example: string,
  isFit: (written: string) => boolean = () => true,
) {
  return text(
    expected,
    (written) => {
      const parsed = parseTemplate(written);
      return isTemplate(parsed) && isFit(written) ? parsed : undefined;
    },
    (written) => {
      const parsed = parseTemplate(written);
      return isTemplate(parsed) ? expected : parsed.expected;
    },
  ).meta({ examples: [example] });
}
