/** The ways to an origin: what each of them does whether the caller asks for it or not. */
import { afterEach, describe, expect, test, vi } from "vitest";

import { classifyThrown } from "../../../../worker/transport/failure.ts";
import {
  ownConnectionFor,
  transportFor,
  TransportMisconfigured,
} from "../../../../worker/transport/transport.ts";
import { FarEnds } from "../far-end.ts";

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

describe("a connection of the request's own", () => {
  const terms = { close: true };
  const init = {
    method: "POST",
    headers: new Headers({ "x-word": "said" }),
    body: new Uint8Array([104, 105]),
  };

  test("through a VPC network's binding is opened to the origin's address, and carries this request alone", async () => {
    const VPC = new FarEnds();
    const answer = ownConnectionFor({ binding: "VPC" }, { VPC }, terms).send(
      "http://10.0.0.5:8080/path?q",
      init,
    );
    const [dialled] = VPC.dialled;
    dialled?.end.accepts().says("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Is: there\r\n\r\nok");
    const response = await answer;
    expect([response.status, response.headers.get("x-is"), await response.text()]).toEqual([
      201,
      "there",
      "ok",
    ]);
    expect([dialled?.address, dialled?.options]).toEqual([
      { hostname: "10.0.0.5", port: 8080 },
      { secureTransport: "off", allowHalfOpen: true },
    ]);
    expect(dialled?.end.heard).toBe(
      "POST /path?q HTTP/1.1\r\nhost: 10.0.0.5:8080\r\nx-word: said\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi",
    );
  });

  test("through a binding that opens none fails when it is used, and says why", async () => {
    const transport = ownConnectionFor({ binding: "VPC" }, { VPC: { fetch: () => undefined } }, terms);
    const error: unknown = await transport.send(url, init).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('"VPC": a binding (object) without connect()');
    expect(classifyThrown(error)).toMatchObject({ kind: "misconfigured", sent: "no" });
  });
});
