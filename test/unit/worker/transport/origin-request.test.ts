/** How an origin is asked: by which URL, with which Host, with whose token. Bindings are played by stand-ins. */
import { describe, expect, test } from "vitest";

import type { OriginConfig } from "../../../../worker/config/sections/origin.ts";
import { baseUrl } from "../../../../worker/transport/base-url.ts";
import { sendToOrigin } from "../../../../worker/transport/origin-request.ts";

const origin: OriginConfig = {
  name: "a",
  url: "https://a.internal:8443/app",
  weight: 1,
  backup: false,
  via: { binding: "VPC", kind: "vpc-service" },
  connection: "auto",
};

/** What a binding was called with. */
async function sent(parts: Partial<OriginConfig>, headers: Headers, authority?: string) {
  const calls: { url: string; headers: Headers }[] = [];
  const VPC = {
    fetch: async (url: string, init: { headers: Headers }) => {
      calls.push({ url, headers: init.headers });
      return new Response("ok");
    },
  };
  const target = { target: "/x?y", ...(authority !== undefined && { authority }) };
  await sendToOrigin({ ...origin, ...parts }, target, { method: "GET", headers, body: null }, { VPC });
  return calls[0] ?? expect.fail("the binding was not called");
}

describe("the Host that an origin sees", () => {
  test.each([
    [{}, "shop.test:80", "https://a.internal:8443/app/x?y"],
    [{ host: "preserve" as const }, "shop.test:80", "https://shop.test:80/app/x?y"],
    [{ host: "preserve" as const }, "[::1]:80", "https://[::1]:80/app/x?y"],
    [{ host: "preserve" as const }, undefined, "https://a.internal:8443/app/x?y"],
    [{ host: { literal: "www.test" } }, "shop.test", "https://www.test/app/x?y"],
    [{ host: { literal: "www.test:1" } }, undefined, "https://www.test:1/app/x?y"],
  ])("%o, asked for %s: %s", async (parts, authority, url) => {
    expect((await sent(parts, new Headers(), authority)).url).toBe(url);
  });

  test("is put where it belongs, whatever characters it has", () => {
    expect(baseUrl({ url: "http://a", host: { literal: "$1$&" } })).toBe("http://$1$&");
  });
});

describe("a token of Access", () => {
  test("goes to the origin that it is for, and is on no other's headers", async () => {
    const headers = new Headers({ "CF-Access-Client-Id": "the client's own", "X-A": "1" });
    const access = { id: "id.access", secret: "s3cret" };
    const { headers: seen } = await sent({ access }, headers);
    expect(Object.fromEntries(seen)).toEqual({
      "cf-access-client-id": "id.access",
      "cf-access-client-secret": "s3cret",
      "x-a": "1",
    });
    expect([...headers.values()].join()).not.toContain("s3cret");
    expect((await sent({}, headers)).headers).toBe(headers);
  });
});
