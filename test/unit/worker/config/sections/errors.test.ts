/** `errors`: pages, and which of the origins' answers they replace. */
import { errors as section } from "../../../../../worker/config/sections/errors.ts";
import { accepts, allows, inUpstream, refuses } from "../tables.ts";

const errors = inUpstream(section);

const range = (from: number, to = from): object => ({ from, to });
const pages = { "500-599": "five", "503": "full" };
accepts(errors, [
  [undefined, undefined],
  [
    { pages, intercept: [404, "500-502"] },
    {
      // The most specific first.
      pages: [
        { ...range(503), html: "full" },
        { ...range(500, 599), html: "five" },
      ],
      intercept: [range(404), range(500, 502)],
    },
  ],
]);
allows(errors, [
  { pages: { "404": "<p>", "404-405": "<h1>" } },
  { intercept: [400], pages: { "400": "<p>" } },
]);

const status = 'a status or a range of them within 400-599, such as 404, "404" or "500-599"';
refuses(errors, [
  [{ intercept: [302] }, ".intercept[0]", status],
  [{ pages: { "20x": "<p>" } }, ".pages.20x", status, 'key "20x"'],
  [{ pages: { "399": "<p>" } }, ".pages.399", status, 'key "399"'],
  [
    { pages: { "404": "<p>", "404-404": "<h1>" } },
    ".pages.404-404",
    "one page for them",
    "the same statuses again",
  ],
]);
