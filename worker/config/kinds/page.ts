/** A page that Weir answers with, as HTML; `{status}`, `{message}` and `{requestId}` in it are placeholders. */
import * as z from "zod";
import { checkedText, object } from "./fields.ts";
import { isRequestTarget } from "./http-syntax.ts";
import { name } from "./name.ts";

export const page = checkedText("an HTML page of 1 to 8192 characters", (html) => html.length > 0).meta({
  bounds: "1–8192 characters",
  examples: ["<h1>{status}</h1><p>{message} {requestId}</p>"],
});

const elsewhereExpected = 'an HTML page of 1 to 8192 characters, or { "upstream": NAME, "path": "/…" }';

/** A page that is written in the config, or that an upstream has. */
export const pageOrPlace = z.union(
  [
    page,
    object(elsewhereExpected, {
      upstream: name.optional().meta({
        description: "The upstream that has the page. Absent: the one whose errors these are.",
      }),
      path: checkedText('a path from "/" (not "//")', isRequestTarget).meta({
        description: "The path of the page there, with or without a query.",
        examples: ["/errors/503.html"],
        pattern: "^/",
      }),
    }),
  ],
  { error: elsewhereExpected },
);

/** Where a page is to be had. */
export type PagePlace = Exclude<z.infer<typeof pageOrPlace>, string>;
