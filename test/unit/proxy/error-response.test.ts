/** What a client sees when Weir answers itself: the right status and form, and nothing of the house. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { errorPage } from "../../../worker/proxy/error-page.ts";
import { errorResponse, errorStatus, type ProxyError } from "../../../worker/proxy/error-response.ts";
import { prefersHtml } from "../../../worker/proxy/prefers-html.ts";

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

function asked(accept: string | null, method = "GET") {
  return { accept, requestId: "req-1", method };
}

const table: readonly (readonly [ProxyError, number, string, string | null])[] = [
  [{ kind: "no-route" }, 404, "no_route", null],
  [{ kind: "misconfigured" }, 500, "misconfigured", null],
  [{ kind: "internal" }, 500, "internal", null],
  [{ kind: "unavailable", why: "full" }, 503, "full", "2"],
  [{ kind: "unavailable", why: "down" }, 503, "unavailable", "10"],
  [{ kind: "unavailable", why: "budget", againInMs: 19_001 }, 503, "full", "20"],
  [{ kind: "coordinator-lost" }, 503, "unavailable", "2"],
  [{ kind: "origin-failed" }, 502, "bad_gateway", null],
  [{ kind: "origin-timeout" }, 504, "timeout", null],
  [{ kind: "client-gone" }, 499, "client_gone", null],
];

describe("an error", () => {
  test.each(table)("%o as JSON", async (error, status, code, retryAfter) => {
    const response = errorResponse(error, asked("*/*"));
    expect(response.status).toBe(status);
    expect(errorStatus(error)).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("X-Request-Id")).toBe("req-1");
    expect(response.headers.get("Retry-After")).toBe(retryAfter);
    expect(await response.json()).toEqual({
      error: { status, code, message: expect.any(String), requestId: "req-1" },
    });
  });

  test.each(table)("%o as a page that loads nothing", async (error, status) => {
    const response = errorResponse(error, asked(browser));
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toContain(`<h1>${status}</h1>`);
    expect(page).toContain("req-1");
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).not.toMatch(/https?:|src=|href=|@import|url\(/);
  });

  test("has no body when HEAD asks, and the same headers", () => {
    for (const accept of [browser, null]) {
      const head = errorResponse({ kind: "origin-failed" }, asked(accept, "HEAD"));
      const get = errorResponse({ kind: "origin-failed" }, asked(accept));
      expect(head.body).toBeNull();
      expect([...head.headers]).toEqual([...get.headers]);
    }
  });

  test("cannot be made to carry markup", () => {
    const hostile = fc.string().map((text) => `${text}<script>"'&${text}</h1>`);
    fc.assert(
      fc.property(hostile, (message) => {
        const page = errorPage({ status: 502, message, requestId: "req-1" });
        expect(
          page.match(/<(?!\/?(?:!doctype|html|head|meta|title|style|body|main|h1|p|small)\b)/g),
        ).toBeNull();
        expect(page.match(/<\/h1>/g)).toHaveLength(1);
      }),
    );
  });
});

describe("a page is preferred", () => {
  test.each([
    [browser, true],
    ["text/html", true],
    ["TEXT/HTML ; charset=utf-8", true],
    ["text/*", true],
    ["text/html;q=0.5, application/json;q=0.4", true],
    ["application/json;q=0, */*", true],
    ["text/html, application/json", false],
    ["text/html;q=0.4, application/json;q=0.5", false],
    ["text/html;q=0, */*", false],
    ["text/html;q=2", false],
    ["text/html;q=", false],
    ["*/*", false],
    ["application/json", false],
    ["image/png", false],
    ["", false],
    [",;,q=1", false],
    [null, false],
  ])("by Accept: %s → %s", (accept, expected) => {
    expect(prefersHtml(accept)).toBe(expected);
  });
});
