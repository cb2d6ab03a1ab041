/** The ways to an origin: what each of them does whether the caller asks for it or not. */
import { afterEach, describe, expect, test, vi } from "vitest";

import { classifyThrown } from "../../../worker/transport/failure.ts";
import { transportFor, TransportMisconfigured } from "../../../worker/transport/transport.ts";

const url = "http://origin.example/path";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the transport", () => {
  test("of public fetch sends what it is given, follows no redirect and leaves the encoding alone", async () => {
    const fetched = vi.fn(async () => new Response("moved", { status: 302 }));
    vi.stubGlobal("fetch", fetched);
    const response = await transportFor("fetch", {}).send(url, {
      method: "POST",
      body: "x",
      redirect: "follow",
    });
    expect(response.status).toBe(302);
    expect(fetched).toHaveBeenCalledExactlyOnceWith(url, {
      method: "POST",
      body: "x",
      redirect: "manual",
      encodeResponseBody: "manual",
    });
  });

  test("of a binding calls its fetch as a method, under the same rules", async () => {
    const binding = {
      seen: undefined as unknown,
      async fetch(this: { seen: unknown }, ...call: unknown[]) {
        this.seen = call;
        return new Response("here");
      },
    };
    const response = await transportFor({ binding: "VPC" }, { VPC: binding }).send(url, {
      redirect: "follow",
    });
    expect(await response.text()).toBe("here");
    expect(binding.seen).toEqual([url, { redirect: "manual", encodeResponseBody: "manual" }]);
  });

  test.each([
    ["missing", {}, "there is no such binding"],
    ["a variable", { VPC: "text with a secret" }, "a binding (string) without fetch()"],
    ["another kind of binding", { VPC: { get: () => null } }, "a binding (object) without fetch()"],
    ["null", { VPC: null }, "a binding (object) without fetch()"],
  ])("of a binding that is %s fails when it is used, and says why", async (_name, bindings, reason) => {
    const sent = transportFor({ binding: "VPC" }, bindings).send(url, {});
    const error: unknown = await sent.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransportMisconfigured);
    expect(String(error)).toContain(`"VPC": ${reason}`);
    expect(String(error)).not.toContain("secret");
    expect(classifyThrown(error)).toMatchObject({ kind: "misconfigured", sent: "no" });
  });
});
