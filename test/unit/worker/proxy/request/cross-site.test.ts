/** Which requests may come from a browser that has the session's cookie and does not send it. */
import { describe, expect, test } from "vitest";

import { isWithheld } from "../../../../../worker/proxy/request/cross-site.ts";

const asks = (method: string, headers: Record<string, string>) => ({ method, headers: new Headers(headers) });
const form = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" };
const frame = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors" };
const link = form;

describe.each([
  // What it is, the request, and whether a lax, a strict, and an open cookie stays behind.
  ["a form of another site", asks("POST", form), [true, true, false]],
  ["a link of another site", asks("GET", link), [false, true, false]],
  ["a script of another site", asks("GET", frame), [true, true, false]],
  ["a form of the site", asks("POST", { ...form, "Sec-Fetch-Site": "same-origin" }), [false, false, false]],
  ["a form of a sibling", asks("POST", { ...form, "Sec-Fetch-Site": "same-site" }), [false, false, false]],
  ["an address that was typed", asks("GET", { "Sec-Fetch-Site": "none" }), [false, false, false]],
  [
    "an older browser's form of another site",
    asks("POST", { Origin: "https://idp.test" }),
    [true, true, false],
  ],
  ["… that does not say which", asks("POST", { Origin: "null" }), [true, true, false]],
  ["… of the site", asks("POST", { Origin: "https://shop.test:8443" }), [false, false, false]],
  ["a program", asks("POST", {}), [false, false, false]],
] as const)("%s", (_, request, [lax, strict, none]) => {
  test("leaves behind what SameSite says", () => {
    const withheld = (["lax", "strict", "none"] as const).map((sameSite) =>
      isWithheld(request, sameSite, "shop.test:8443"),
    );
    expect(withheld).toEqual([lax, strict, none]);
  });
});
