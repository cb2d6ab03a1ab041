import { describe, expect, it } from "vitest";

import { inNode, ProxiedSite, shop } from "./proxied-site.ts";

inNode();

describe("the client of a transaction", () => {
  const clientOf = async (address: string | null): Promise<{ name: string; number: number }> => {
    const site = await ProxiedSite.open(shop());
    const { clientName: name, clientNumber: number } = site.enter("/", { address });
    return { name, number };
  };

  it("is an IPv4 address, or the /64 of an IPv6 one, which is the least that a subscriber gets", async () => {
    expect((await clientOf("192.0.2.1")).name).toBe("192.0.2.1");
    const client = await clientOf("2001:db8:0:7::1");
    expect(await clientOf("2001:db8:0:7:ffff::9")).toEqual(client);
    expect((await clientOf("2001:db8:0:8::1")).name).not.toBe(client.name);
  });

  it("has one number, of 32 bits, in every isolate", async () => {
    const { number } = await clientOf("192.0.2.1");
    expect(number).toBe(number | 0);
    expect((await clientOf("192.0.2.1")).number).toBe(number);
    expect((await clientOf("192.0.2.2")).number).not.toBe(number);
  });

  it("is unknown where the runtime does not tell its address: such clients count as one", async () => {
    expect((await clientOf(null)).name).toBe("unknown");
  });
});
