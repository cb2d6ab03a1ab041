/** `split`: a client's requests all go to the upstream that the client belongs to. */
import { expect, test } from "vitest";

import { asideUpstream, inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

const siteOf = (split: object, upstream: object = {}): Promise<ProxiedSite> =>
  ProxiedSite.open(shop(upstream, { split }, { upstreams: { aside: asideUpstream } }), {
    env: { WEIR_SECRET: "nothing secret, for tests of cookies only" },
  });

const hosts = (site: ProxiedSite): string[] => site.sent.map(({ url }) => new URL(url).hostname);

test("clients are split by address, each stays where it is, and the log names the upstream", async () => {
  const site = await siteOf({ shares: { aside: 0.5 } });
  const addresses = Array.from({ length: 32 }, (_, n) => `198.51.100.${n}`);
  for (const address of [...addresses, ...addresses]) await site.get("/", { address });
  const [first, second] = [hosts(site).slice(0, 32), hosts(site).slice(32)];
  expect(second).toEqual(first);
  expect(new Set(first)).toEqual(new Set(["a.test", "aside.test"]));
  expect(new Set(logged("request").map(({ upstream }) => upstream))).toEqual(new Set(["shop", "aside"]));
});

test("clients are told apart by a cookie, if the config says so, and by their address without it", async () => {
  const site = await siteOf({ shares: { aside: 0.5 }, by: "cookie:id" });
  for (let n = 0; n < 32; n++) await site.get("/", { headers: { Cookie: `id=${n}` } });
  expect(new Set(hosts(site)).size).toBe(2);
  site.sent.length = 0;
  for (let n = 0; n < 8; n++) await site.get("/", { headers: { Cookie: `other=${n}` } });
  expect(new Set(hosts(site)).size).toBe(1);
});

test("a request of which nothing tells whose it is goes to the route's own upstream", async () => {
  const site = await siteOf({ shares: { aside: 1 } });
  await site.get("/", { address: null });
  expect(hosts(site)).toEqual(["a.test"]);
});

test("a session lives in the upstream that its client belongs to", async () => {
  const site = await siteOf({ shares: { aside: 1 } }, { sticky: true });
  const { headers } = await site.get("/");
  // The other upstream is not sticky.
  expect([hosts(site), headers.has("Set-Cookie")]).toEqual([["aside.test"], false]);
});
