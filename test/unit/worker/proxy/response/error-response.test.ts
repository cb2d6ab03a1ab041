/** What a client sees when Weir answers itself: the right status and form, and nothing of the house. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { errorPage } from "../../../../../worker/proxy/response/error-page.ts";
import {
  errorResponse,
  errorStatus,
  type ProxyError,
} from "../../../../../worker/proxy/response/error-response.ts";
import { isGuardError } from "../../../../../worker/proxy/response/guard-answer.ts";
import { prefersHtml } from "../../../../../worker/proxy/response/prefers-html.ts";

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

function asked(accept: string | null, method = "GET") {
  return { accept, requestId: "req-1", method };
}

const table: readonly (readonly [ProxyError, number, string, string | null])[] = [
  [{ kind: "no-route" }, 404, "no_route", null],
  [{ kind: "target-too-long" }, 414, "uri_too_long", null],
  [{ kind: "headers-too-large" }, 431, "headers_too_large", null],
  [{ kind: "body-too-large" }, 413, "content_too_large", null],
  [{ kind: "method-not-allowed", allowed: ["GET", "HEAD"] }, 405, "method_not_allowed", null],
  [{ kind: "https-required", location: "https://shop.test/" }, 308, "https_required", null],
  [{ kind: "forbidden" }, 403, "forbidden", null],
  [{ kind: "login-required", challenges: ["Basic x"] }, 401, "login_required", null],
  [{ kind: "too-many-logins", againInMs: 4_001 }, 429, "too_many_logins", "5"],
  [{ kind: "keys-lost" }, 503, "unavailable", "10"],
  [{ kind: "maintenance", retryAfterMs: 300_001 }, 503, "maintenance", "301"],
  [{ kind: "intercepted", status: 404 }, 404, "not_found", null],
  [{ kind: "intercepted", status: 410 }, 410, "refused", null],
  [{ kind: "intercepted", status: 599 }, 599, "failed", null],
  [{ kind: "misconfigured" }, 500, "misconfigured", null],
  [{ kind: "internal" }, 500, "internal", null],
  [{ kind: "unavailable", why: "full" }, 503, "full", "2"],
  [{ kind: "unavailable", why: "down" }, 503, "unavailable", "10"],
  [{ kind: "unavailable", why: "budget", againInMs: 19_001 }, 503, "full", "20"],
  [{ kind: "coordinator-lost" }, 503, "unavailable", "2"],
  [{ kind: "origin-failed" }, 502, "bad_gateway", null],
  [{ kind: "origin-timeout" }, 504, "timeout", null],
  [{ kind: "ambiguous-path" }, 400, "ambiguous_path", null],
  [{ kind: "loop" }, 508, "loop_detected", null],
];

test("the errors of guards are told from all others", () => {
  const ofGuards = table.flatMap(([error]) => (isGuardError(error) ? error.kind : []));
  expect(ofGuards).toEqual(["forbidden", "login-required", "too-many-logins", "keys-lost"]);
});

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

describe("a page of the operator's", () => {
  const html = "<h1>{status} {message}</h1><p>{requestId} {other} {{status}}</p>";

  test("has the facts filled in and escaped", async () => {
    const page = { ...asked(browser), requestId: "<req>" };
    const response = errorResponse({ kind: "no-route" }, page, html);
    expect(await response.text()).toBe(
      "<h1>404 Nothing is served at this address.</h1><p>&lt;req&gt; {other} {404}</p>",
    );
    expect(response.headers.has("Content-Security-Policy")).toBe(false);
  });

  test("is for clients that accept HTML; a program gets JSON", async () => {
    const response = errorResponse({ kind: "no-route" }, asked("*/*"), html);
    expect(await response.json()).toHaveProperty("error.code", "no_route");
  });
});

test("where to go and what is served here is said in the headers that are for it", () => {
  const moved = errorResponse({ kind: "https-required", location: "https://shop.test/x" }, asked(null));
  expect(moved.headers.get("Location")).toBe("https://shop.test/x");
  const denied: ProxyError = { kind: "method-not-allowed", allowed: ["GET", "HEAD"] };
  const response = errorResponse(denied, asked(null), undefined, new Headers({ "Set-Cookie": "id=1" }));
  expect(response.headers.get("Allow")).toBe("GET, HEAD");
  expect(response.headers.get("Set-Cookie")).toBe("id=1");
  expect(Date.parse(response.headers.get("Date") ?? "")).not.toBeNaN();
});
