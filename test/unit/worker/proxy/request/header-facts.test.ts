/** What conditions and variables see of a request's headers. */
import { expect, test } from "vitest";

import { cookieIn, headerIn } from "../../../../../worker/proxy/request/header-facts.ts";

const headers = new Headers([
  ["X-A", "1"],
  ["X-A", "2"],
  ["Cookie", "a=1; b=2; a=3"],
]);

test("a header is all of its lines, and a cookie the first of its name", () => {
  expect([headerIn(headers, "x-a"), headerIn(headers, "x-b")]).toEqual(["1, 2", undefined]);
  expect([cookieIn(headers, "a"), cookieIn(headers, "c"), cookieIn(new Headers(), "a")]).toEqual([
    "1",
    undefined,
    undefined,
  ]);
});
