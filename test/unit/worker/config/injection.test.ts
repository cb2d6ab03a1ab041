/**
 * What a config says gets into request lines, header fields and cookies. No text of one can end there before its time, whether it is
 * written in the config or comes out of the environment.
 */
import { describe, expect, test } from "vitest";

import { parseConfig } from "../../../../worker/config/parse/parse.ts";
import { formatPath } from "../../../../worker/config/parse/notation.ts";
import { mapTexts, toPlain } from "../../../../worker/config/parse/plain.ts";

const secret = "0123456789012345678901234567890123456789";

/** Every option whose text may get into a message, and those that choose between fixed words. */
const config = {
  target: "edge",
  admin: { hosts: ["weir.example.com"] },
  forwarding: { trusted: ["10.0.0.0/8"], read: "forwarded", via: "weir" },
  limits: { target: "8KiB" },
  upstreams: {
    shop: {
      policy: { name: "hash", key: "header:X-Key" },
      pools: [
        {
          name: "home",
          origins: [
            {
              name: "a",
              maxConns: 1,
              url: "https://a.example.com/app",
              via: { binding: "SHOP", kind: "worker" },
              host: "shop.example.com",
              access: { id: "id", secret: "secret" },
            },
            { name: "b", maxConns: 1, url: "https://b.example.com", host: "origin" },
          ],
        },
        {
          name: "cloud",
          origins: [],
          register: { secret, urls: ["https://*.cloud.example.com"], every: "10s" },
        },
      ],
      health: {
        method: "GET",
        path: "/healthz?deep=1",
        headers: { "X-Probe": "yes" },
        expect: ["200-299"],
        interval: "10s",
      },
      sticky: { cookie: "session", path: "/", domain: ".example.com", ttl: "1h" },
      rewrite: { cookieDomains: { "a.example.com": "example.com" }, cookiePaths: { "/app": "/" } },
      errors: { intercept: ["500-599"] },
      loadReports: { secret, maxAge: "10s" },
      autoscale: { slots: 1, max: 2, webhook: { url: "https://scale.example.com/?a=b", secret } },
      timeouts: { headers: "1s" },
    },
  },
  routes: [
    {
      host: "shop.example.com",
      prefix: "/shop",
      upstream: "shop",
      methods: ["GET"],
      priority: { header: "X-Priority" },
      maxRequestBody: "1MB",
      ambiguousPaths: "keep",
      https: { hsts: { maxAge: "8760h" } },
      maintenance: { retryAfter: "1m", allow: ["192.0.2.1"] },
    },
    { host: "*.example.com", exact: "/one", upstream: "shop" },
  ],
};

/** Keys of HMAC, and of nothing else. */
const isSigningKey = (path: readonly (string | number)[]): boolean =>
  path.at(-1) === "secret" && path.at(-2) !== "access";

const texts: [string, readonly (string | number)[]][] = [];
mapTexts(toPlain(config).value, (text, path) => {
  if (!isSigningKey(path)) texts.push([path.join("."), path]);
  return text;
});

/** The config with this text changed, and only this one. */
function withText(path: readonly (string | number)[], change: (text: string) => string): unknown {
  return mapTexts(toPlain(config).value, (text, at) =>
    at.join("\n") === path.join("\n") ? change(text) : text,
  );
}

/** Where the config has issues. */
function placesOf(raw: unknown, evil = ""): string[] {
  const parsed = parseConfig(raw, () => evil);
  return parsed.ok ? [] : parsed.issues.map(({ path }) => path);
}

test("the config is accepted as it is, and has texts of most options", () => {
  expect(placesOf(config)).toEqual([]);
  expect(texts.length).toBeGreaterThan(40);
});

describe.each(["\r\nX-Injected: 1", "\nX-Injected: 1", "\rX", "\0"])("with %j behind it", (evil) => {
  test.each(texts)("%s is refused", (_, path) => {
    expect(placesOf(withText(path, (text) => text + evil))).toContain(formatPath(path));
    expect(
      placesOf(
        withText(path, (text) => `${text}\${ENV:EVIL}`),
        evil,
      ),
    ).toContain(formatPath(path));
  });
});
