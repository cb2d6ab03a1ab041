/** What a rule does with a request in place of forwarding it: a redirect, or an answer of Weir's own. */
import * as z from "zod";
import { byName, checkedText, integer, object } from "./fields.ts";
import { isHeaderValue, isToken } from "./http-syntax.ts";
import { redirectTarget, template } from "./template.ts";

const statuses = [301, 302, 303, 307, 308] as const;

export const redirect = z
  .union(
    [
      redirectTarget,
      object("an object with the keys to and status", {
        to: redirectTarget.meta({ description: "Where to, with variables." }),
        status: z
          .literal(statuses, { error: `one of ${statuses.join(", ")}` })
          .meta({ description: "Browsers remember 301 and 308." }),
      }),
    ],
    { error: 'a path or a URL, or { "to": "…", "status": 301 }' },
  )
  .transform((written) => ("path" in written ? { to: written, status: 302 } : written));

/** Those that the answer has by itself, or that belong to the connection. */
const owned: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const nameExpected = `a header's name that is none of ${[...owned].join(", ")}`;
const headers = byName(
  checkedText(nameExpected, (name) => isToken(name) && !owned.has(name.toLowerCase())).meta({
    examples: ["Cache-Control"],
  }),
  template("a header's value in visible ASCII", "no-store", isHeaderValue),
  { least: 0, most: 32, what: "headers", nameExpected },
);

const type = checkedText(
  'a media type, such as "text/html; charset=utf-8"',
  (written) => isHeaderValue(written) && /^[\w.+-]+\/[\w.+-]+(?: *;|$)/.test(written),
).meta({ examples: ["text/html; charset=utf-8"] });

const status = integer(200, 599);
const plainText = "text/plain; charset=utf-8";

export const respond = z
  .union(
    [
      status,
      object("an object with the key status", {
        status: status.meta({ description: "The status." }),
        body: template("a body", "<h1>Moved</h1>").exactOptional().meta({
          description:
            "The body, with variables, which are escaped as the type needs. Absent: from 400 Weir's own page, or that of `errors`; below 400 no body.",
        }),
        type: type.exactOptional().meta({ description: "The body's media type; absent: plain text." }),
        headers: headers.exactOptional().meta({ description: "More headers, with variables." }),
      }),
    ],
    { error: 'a status from 200 to 599, or { "status": 200, "body": "…" }' },
  )
  .transform((written) => {
    const {
      status,
      body,
      type = plainText,
      headers = {},
    } = typeof written === "number" ? { status: written } : written;
    return { status, body, type, headers };
  });

/** What a rule answers with. */
export type RuleAnswer = z.output<typeof respond>;
