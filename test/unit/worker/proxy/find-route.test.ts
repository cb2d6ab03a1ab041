/** Which route a request takes, in which form its path goes on, and what is believed of where it comes from. */
import { describe, expect, test } from "vitest";

import { activateConfig, type ServingConfig } from "../../../../worker/active-config.ts";
import type { WeirConfig } from "../../../../worker/config/weir-config.ts";
import { findRoute } from "../../../../worker/proxy/find-route.ts";
import { readRequestUrl } from "../../../../worker/proxy/request/request-url.ts";
import { fakeEnv, fakeUpstream } from "../fake-objects.ts";
import { shop } from "./proxied-site.ts";

async function serving(config: WeirConfig): Promise<ServingConfig> {
  const active = await activateConfig(config, fakeEnv(fakeUpstream()));
  return active.ok ? active : expect.unreachable(JSON.stringify(active.issues));
}

const config: WeirConfig = {
  ...shop(),
  forwarding: { trusted: ["192.0.2.0/24"] },
  limits: { target: "1KiB" },
  routes: [
    { name: "all", upstream: "shop" },
    { name: "api", upstream: "shop", host: "shop.test", prefix: "/api" },
    { name: "kept", upstream: "shop", host: "kept.test", ambiguousPaths: "keep" },
  ],
};

async function found(url: string, headers: Record<string, string> = {}, of: WeirConfig = config) {
  const request = new Request(url, { headers });
  Object.defineProperty(request, "cf", { value: { clientIp: "192.0.2.7" } });
  return findRoute(request, readRequestUrl(request), await serving(of));
}

describe("the route", () => {
  test.each([
    ["http://shop.test/api/x?y=1", "api", "/api/x?y=1", false],
    ["http://shop.test/apis", "all", "/apis", false],
    ["http://elsewhere.test/api", "all", "/api", false],
    ["http://shop.test//api/x", "api", "/api/x", false],
    ["http://shop.test/api%2f..%2fx", "all", "/api%2f..%2fx", true],
    ["http://kept.test/api%2f..%2fx", "kept", "/api%2f..%2fx", false],
  ])("of %s is %s, and the origin gets %s", async (url, name, target, isAmbiguous) => {
    expect(await found(url)).toMatchObject({ route: { name }, url: { target }, isAmbiguous });
  });

  test("is none for a target that is too long, or for no host and path at all", async () => {
    expect(await found(`http://shop.test/${"x".repeat(1_024)}`)).toBe("target-too-long");
    expect(findRoute(new Request("http://h/"), undefined, await serving(config))).toBe("bad-request");
    const one = { ...config, routes: [{ upstream: "shop", host: "shop.test" }] };
    const request = new Request("http://elsewhere.test/");
    expect(findRoute(request, readRequestUrl(request), await serving(one))).toBe("no-route");
  });
});

test("of the host even a trusted proxy is believed only where a route of the upstream names it", async () => {
  const said = (host: string) =>
    found("http://10.0.0.1/", { "X-Forwarded-Host": host, "X-Forwarded-For": "198.51.100.1" });
  expect(await said("shop.test")).toMatchObject({
    source: { authority: "shop.test", address: "198.51.100.1" },
  });
  expect(await said("evil.test")).toMatchObject({ source: { authority: "10.0.0.1" } });
});

describe("conditions", () => {
  const asking: WeirConfig = {
    ...config,
    routes: [
      { name: "all", upstream: "shop" },
      { name: "inside", upstream: "shop", prefix: "/admin", when: { clients: ["198.51.100.0/24"] } },
      { name: "secure", upstream: "shop", prefix: "/admin", when: { scheme: "https" } },
      { name: "beta", upstream: "shop", prefix: "/admin", when: { cookies: { beta: "1" } } },
      { name: "paged", upstream: "shop", prefix: "/admin", when: { query: { page: { pattern: "^\\d+$" } } } },
      {
        name: "tenant",
        upstream: "shop",
        host: "t.test",
        when: { headers: { "X-Tenant": { pattern: "^a" } } },
      },
      { name: "php", upstream: "shop", pattern: "\\.php$" },
    ],
  };
  const asked = (url: string, headers: Record<string, string> = {}) => found(url, headers, asking);

  test.each<[string, string, Record<string, string>]>([
    ["all", "http://h.test/admin", {}],
    ["inside", "http://h.test/admin", { "X-Forwarded-For": "198.51.100.9" }],
    ["secure", "http://h.test/admin", { "X-Forwarded-Proto": "https" }],
    ["inside", "http://h.test/admin", { "X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "https" }],
    ["beta", "http://h.test/admin", { Cookie: "a=b; beta=1" }],
    ["paged", "http://h.test/admin?x&page=7", {}],
    ["all", "http://h.test/admin?page=x", {}],
    ["tenant", "http://t.test/admin", { "X-Tenant": "acme", Cookie: "beta=1" }],
    ["php", "http://t.test/x.php?y", { "X-Tenant": "other" }],
  ])("lead to %s: %s %j", async (name, url, headers) => {
    expect(await asked(url, headers)).toMatchObject({ route: { name }, isAmbiguous: false });
  });

  test("hold for other readings of a path, too: none leads around them", async () => {
    const secure = { "X-Forwarded-Proto": "https" };
    expect(await asked("http://h.test/admin;x/y", secure)).toMatchObject({ isAmbiguous: true });
    // Without them there is one route for both.
    expect(await asked("http://h.test/admin;x/y")).toMatchObject({
      route: { name: "all" },
      isAmbiguous: false,
    });
  });

  test("about what is too long for their pattern lead nowhere", async () => {
    expect(await asked("http://t.test/", { "X-Tenant": `b${"x".repeat(4_096)}` })).toBe("headers-too-large");
    expect(await asked(`http://h.test/admin?page=${"x".repeat(4_097)}`, {})).toBe("target-too-long");
    expect(await asked(`http://h.test/${"x".repeat(4_097)}`, {})).toBe("target-too-long");
  });
});
