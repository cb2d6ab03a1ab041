/** Who gets into a route: by address, country and operator, of which no client can make anything up. */
import { describe, expect, test } from "vitest";

import { inNode, logged, ProxiedSite, shop, type Asking } from "../proxied-site.ts";

inNode();

const siteOf = (access: object, root: object = {}): Promise<ProxiedSite> =>
  ProxiedSite.open(shop({}, { access }, root));

async function statusOf(site: ProxiedSite, asking: Asking): Promise<number> {
  return (await site.get("/", asking)).status;
}

/** A request as Cloudflare hands it over. */
function atEdge(cf: object, headers: Readonly<Record<string, string>> = {}): Request {
  const request = new Request("https://shop.test/", {
    headers: { "CF-Connecting-IP": "203.0.113.9", ...headers },
  });
  Object.defineProperty(request, "cf", { value: cf });
  return request;
}

describe("by address", () => {
  test("those that are named get in, and the log says why others do not, and the client learns nothing", async () => {
    const site = await siteOf({ allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] });
    expect(await statusOf(site, { address: "10.2.0.1" })).toBe(200);
    expect(await statusOf(site, { address: "10.1.0.1" })).toBe(403);
    const { body } = await site.get("/", { address: "11.0.0.1" });
    expect(JSON.parse(body)).toEqual({
      error: {
        status: 403,
        code: "forbidden",
        message: "You may not use this address.",
        requestId: expect.any(String),
      },
    });
    expect(logged("request").map(({ denied }) => denied)).toEqual([undefined, "denied", "not-allowed"]);
    expect(logged("request")[1]).toMatchObject({ status: 403, filter: "access", failure: "forbidden" });
    expect(site.sent).toHaveLength(1);
  });

  test("an address that the runtime does not tell is in no network, and out of none", async () => {
    for (const access of [{ allow: ["0.0.0.0/0", "::/0"] }, { deny: ["10.0.0.0/8"] }]) {
      expect(await statusOf(await siteOf(access), { address: null })).toBe(403);
      expect(logged("request").at(-1)).toMatchObject({ denied: "address-unknown" });
    }
  });

  test("what a client says of its address counts for nothing, and a trusted proxy's word does", async () => {
    const headers = {
      "X-Forwarded-For": "10.0.0.1",
      "X-Real-IP": "10.0.0.1",
      "CF-Connecting-IP": "10.0.0.1",
    };
    const access = { allow: ["10.0.0.0/8"] };
    expect(await statusOf(await siteOf(access), { headers, address: "192.0.2.7" })).toBe(403);
    const trusting = await siteOf(access, { forwarding: { trusted: ["192.0.2.0/24"] } });
    expect(await statusOf(trusting, { headers, address: "192.0.2.7" })).toBe(200);
    expect(await statusOf(trusting, { headers, address: "198.51.100.7" })).toBe(403);
  });
});

describe("by country and operator", () => {
  test("in a workerd of one's own nothing tells them: the route is closed, and the log says so", async () => {
    const site = await siteOf({ allow: ["country:DE", "10.0.0.0/8"] });
    expect(await statusOf(site, { address: "11.0.0.1", headers: { "CF-IPCountry": "DE" } })).toBe(403);
    expect(logged("request")[0]).toMatchObject({ denied: "country-unknown" });
    expect(await statusOf(site, { address: "10.0.0.1" })).toBe(200);
    expect(await statusOf(await siteOf({ deny: ["asn:64496"] }), {})).toBe(403);
    expect(logged("request").at(-1)).toMatchObject({ denied: "asn-unknown" });
  });

  test("Cloudflare tells them of the party that is connected to it", async () => {
    const open = (access: object, root: object = {}) =>
      ProxiedSite.open(
        shop(
          {
            pools: [{ name: "home", origins: [{ name: "a", url: "https://a.example.com" }] }],
          },
          { access },
          { target: "edge", ...root },
        ),
      );
    const site = await open({ allow: ["country:DE"], deny: ["asn:64496"] });
    const status = async (request: Request): Promise<number> => (await site.send(request)).status;
    expect(await status(atEdge({ country: "DE", asn: 3320 }))).toBe(200);
    expect(await status(atEdge({ country: "DE", asn: 64_496 }))).toBe(403);
    expect(await status(atEdge({ country: "FR", asn: 3320 }))).toBe(403);
    expect(await status(atEdge({ country: "XX", asn: 3320 }))).toBe(403);
    await site.settle();
    expect(logged("request").map(({ denied }) => denied)).toEqual([
      undefined,
      "denied",
      "not-allowed",
      "country-unknown",
    ]);
    // Of a proxy in between they say nothing of the client.
    const behind = await open({ allow: ["country:DE"] }, { forwarding: { trusted: ["203.0.113.0/24"] } });
    const proxied = atEdge({ country: "DE", asn: 3320 }, { "X-Forwarded-For": "198.51.100.1, 203.0.113.9" });
    expect((await behind.send(proxied)).status).toBe(403);
    await behind.settle();
    expect(logged("request").at(-1)).toMatchObject({ denied: "country-unknown" });
  });
});

test("the route is closed before its methods and rules say anything of it", async () => {
  const route = { access: { allow: ["10.0.0.0/8"] }, methods: ["GET"], rules: [{ respond: 404 }] };
  const site = await ProxiedSite.open(shop({}, route));
  expect((await site.get("/", { method: "DELETE" })).status).toBe(403);
  expect((await site.get("/")).status).toBe(403);
});

test("no spelling of a path leads around it to an origin that reads the path in another way", async () => {
  const closed = { prefix: "/admin", upstream: "shop", access: { allow: ["10.0.0.0/8"] } };
  const site = await ProxiedSite.open({ ...shop(), routes: [{ upstream: "shop" }, closed] });
  for (const path of ["/admin", "/%61dmin/x", "//admin", "/x/../admin", "/x/%2e%2e/admin"]) {
    expect([path, (await site.get(path)).status]).toEqual([path, 403]);
  }
  for (const path of ["/admin%2Fx", "/x/..%2fadmin", "/admin;a=b", "/admin%00"]) {
    expect([path, (await site.get(path)).status]).toEqual([path, 400]);
  }
  expect(site.sent).toEqual([]);
});
