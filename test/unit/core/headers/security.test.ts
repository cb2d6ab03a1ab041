/** Security headers: what is added, that the origin's own value wins, and that no policy becomes weaker by Weir's. */
import { expect, test } from "vitest";

import { secure, securityPresets, type SecurityPreset } from "../../../../core/headers/security.ts";

function secured(preset: SecurityPreset, said: Record<string, string> = {}, isOwn = false): Headers {
  const headers = new Headers(said);
  secure(headers, preset, isOwn);
  return headers;
}

test("basic has what no ordinary site breaks by", () => {
  expect(Object.fromEntries(secured("basic"))).toEqual({
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "strict-origin-when-cross-origin",
  });
});

test("strict has a policy, and keeps the page to itself", () => {
  const headers = secured("strict", { Server: "nginx/1.18" });
  expect(headers.get("Content-Security-Policy")).toMatch(/^default-src 'self'; .*; frame-ancestors 'none'$/);
  expect(headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
  expect(headers.has("Server")).toBe(false);
});

test.each(securityPresets)(
  "with %s what the origin says wins, but for nosniff, and names of software go",
  (preset) => {
    const said = {
      "Content-Security-Policy": "frame-ancestors https://portal.test",
      "X-Frame-Options": "ALLOW-FROM https://portal.test",
      "Referrer-Policy": "origin",
    };
    const headers = secured(preset, { ...said, "X-Content-Type-Options": "sniff", "X-Powered-By": "PHP/5" });
    for (const [name, value] of Object.entries(said)) expect(headers.get(name)).toBe(value);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.has("X-Powered-By")).toBe(false);
  },
);

test("a policy of Weir's does not override what the origin says of frames", () => {
  const policy = secured("strict", { "X-Frame-Options": "SAMEORIGIN" }).get("Content-Security-Policy");
  expect(policy).not.toContain("frame-ancestors");
  expect(policy).toContain("default-src 'self'");
});

test("a page of the operator's, which may have styles in it, gets of the policy what is said of frames", () => {
  expect(secured("strict", {}, true).get("Content-Security-Policy")).toBe("frame-ancestors 'none'");
  expect(secured("basic", {}, true).has("Content-Security-Policy")).toBe(false);
});
