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
        { ...range(503), page: "full" },
        { ...range(500, 599), page: "five" },
      ],
      intercept: [range(404), range(500, 502)],
    },
  ],
  [
    { pages: { "404": { path: "/404.html" }, "503": { upstream: "shop", path: "/503.html?a" } } },
    {
      pages: [
        { ...range(404), page: { path: "/404.html" } },
        { ...range(503), page: { upstream: "shop", path: "/503.html?a" } },
      ],
      intercept: [],
    },
  ],
]);
allows(errors, [
  { pages: { "404": "<p>", "404-405": "<h1>" } },
  { intercept: [400], pages: { "400": "<p>" } },
]);

const status = 'a status or a range of them within 400-599, such as 404, "404" or "500-599"';
refuses(errors, [
  [{ pages: { "404": "" } }, ".pages.404", "an HTML page of 1 to 8192 characters"],
  [{ pages: { "404": { path: "404.html" } } }, ".pages.404.path", 'a path from "/" (not "//")'],
  [
    { pages: { "404": 1 } },
    ".pages.404",
    'an HTML page of 1 to 8192 characters, or { "upstream": NAME, "path": "/…" }',
  ],
  [
    { pages: { "404": { upstream: "shp", path: "/x" } } },
    ".pages.404.upstream",
    'the name of an upstream of this config; the nearest is "shop"',
  ],
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
