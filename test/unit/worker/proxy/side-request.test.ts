/** A request of a filter's own: it is one of its upstream's, and ends with its time, with the client, or when its answer is read. */
import { beforeEach, describe, expect, test, vi } from "vitest";

import { askOrigins } from "../../../../worker/proxy/ask-origins.ts";
import { prepareRequest } from "../../../../worker/proxy/request/prepare-request.ts";
import { sendAside, type SideRequest } from "../../../../worker/proxy/side-request.ts";
import { asideUpstream, inNode, logged, ProxiedSite, shop } from "./proxied-site.ts";

inNode();

let site: ProxiedSite;
beforeEach(async () => {
  site = await ProxiedSite.open(shop({}, {}, { upstreams: { aside: asideUpstream } }));
});

const side = (more: Partial<SideRequest> = {}): SideRequest => ({
  by: "test",
  upstream: site.upstream("aside"),
  method: "GET",
  target: "/verify?x=1",
  headers: new Headers({ Accept: "text/plain" }),
  timeoutMs: 1_000,
  ...more,
});

const hang: ProxiedSite["origin"] = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new Error("aborted")));
  });

test("the upstream is asked as for the client: its address, host and scheme, with the request's id", async () => {
  const answer = await sendAside(site.enter("/a", { scheme: "https" }), side());
  expect(answer.kind === "answered" && (await answer.response.text())).toBe("from the origin");
  await site.settle();
  expect(site.sent.map(({ url }) => url)).toEqual(["http://aside.test/verify?x=1"]);
  expect(Object.fromEntries(new Headers(site.sent[0]?.init.headers))).toMatchObject({
    accept: "text/plain",
    "x-forwarded-for": "192.0.2.7",
    "x-forwarded-host": "shop.test",
    "x-forwarded-proto": "https",
    "x-request-id": "request-1",
  });
  expect(logged("request")).toMatchObject([
    {
      for: "test",
      upstream: "aside",
      requestId: "request-1",
      host: "shop.test",
      path: "/verify",
      status: 200,
    },
  ]);
});

test("what edits its headers has the last word", async () => {
  await sendAside(site.enter(), side({ edit: (headers) => headers.set("X-Forwarded-Uri", "/a") }));
  expect(new Headers(site.sent[0]?.init.headers).get("X-Forwarded-Uri")).toBe("/a");
});

test("it fails when its time is over, and the origin is let go", async () => {
  site.origin = hang;
  const answering = sendAside(site.enter(), side({ timeoutMs: 100 }));
  await vi.advanceTimersByTimeAsync(101);
  expect(await answering).toEqual({ kind: "failed", error: { kind: "origin-timeout" } });
  expect(site.sent[0]?.init.signal?.aborted).toBe(true);
});

describe("when the client leaves", () => {
  const leaving = async (more: Partial<SideRequest>) => {
    site.origin = hang;
    const client = new AbortController();
    const answering = sendAside(site.enter("/", { signal: client.signal }), side(more));
    await vi.advanceTimersByTimeAsync(10);
    client.abort();
    // The client of an attempt is watched after a while.
    await vi.advanceTimersByTimeAsync(500);
    return { answering, isLetGo: site.sent[0]?.init.signal?.aborted };
  };

  test("it ends", async () => {
    const { answering, isLetGo } = await leaving({});
    expect([await answering, isLetGo]).toEqual([{ kind: "failed", error: { kind: "client-gone" } }, true]);
  });

  test("it goes on, if it outlives the client", async () => {
    expect((await leaving({ outlivesClient: true })).isLetGo).toBe(false);
  });
});

test("it has no timer left when its answer has been read", async () => {
  const answer = await sendAside(site.enter(), side({ timeoutMs: 60_000 }));
  if (answer.kind === "answered") await answer.response.text();
  await site.settle();
  expect(vi.getTimerCount()).toBe(0);
});

test("an error leaves nothing of the request open, whoever sent it", async () => {
  site.origin = () => Promise.reject(new Error("connection refused"));
  const tx = site.enter();
  const prepared = await prepareRequest(tx);
  if ("kind" in prepared) return expect.unreachable(prepared.kind);
  expect(await askOrigins(tx, prepared)).toMatchObject({ kind: "error" });
  await site.settle();
  expect(await site.openSlots()).toBe(0);
});
