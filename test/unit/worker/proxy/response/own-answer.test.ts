/** Weir's own answers: for want of an origin's, or in place of one. */
import { describe, expect, test, vi } from "vitest";

import type { OwnAnswer, RouteFilter } from "../../../../../worker/proxy/filters/filter.ts";
import { withoutChallenges } from "../../../../../worker/proxy/response/client-headers.ts";
import { failureOf, refuseRequest } from "../../../../../worker/proxy/response/own-answer.ts";
import { inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

const filter = (own: Partial<RouteFilter>): RouteFilter => ({ name: "own", onThrow: "skip", ...own });

describe("an answer of Weir's own", () => {
  test("is logged once with what it is for, and the first failure of the request stays", async () => {
    const site = await ProxiedSite.open(shop());
    const tx = site.enter();
    tx.event.failure = "reset";
    const answer = await refuseRequest(tx, { kind: "error", error: { kind: "origin-failed" } }, undefined);
    expect(answer.status).toBe(502);
    expect(logged("request")).toMatchObject([{ status: 502, failure: "reset" }]);
  });

  test("to a client that has gone is logged as 499", async () => {
    const site = await ProxiedSite.open(shop());
    await refuseRequest(site.enter(), { kind: "error", error: { kind: "client-gone" } }, undefined);
    expect(logged("request")).toMatchObject([{ status: 499, failure: "client-gone" }]);
  });

  test("that a filter took from elsewhere may be changed by another filter, and stays as it is besides", async () => {
    const onSend = vi.fn<NonNullable<RouteFilter["onSend"]>>((_, { headers }) => headers.set("X-Own", "1"));
    const site = await ProxiedSite.open(shop(), { filters: [filter({ onSend })] });
    const found = Response.redirect("http://elsewhere.test/");
    const answer: OwnAnswer = { kind: "response", response: found };
    const sent = await refuseRequest(site.enter(), answer, undefined);
    expect([sent.status, sent.headers.get("Location"), sent.headers.get("X-Own")]).toEqual([
      302,
      "http://elsewhere.test/",
      "1",
    ]);
    expect(onSend.mock.calls[0]?.[1].origin).toBeUndefined();
  });

  test("keeps the headers that came with the error when a filter gives the page for it", async () => {
    const page = filter({ onRefusal: (_, error) => ({ kind: "error", error, page: "own page" }) });
    const site = await ProxiedSite.open(shop(), { filters: [page] });
    const tx = site.enter("/", { headers: { Accept: "text/html" } });
    const headers = new Headers({ Allow: "GET" });
    const sent = await refuseRequest(tx, { kind: "error", error: { kind: "no-route" }, headers }, undefined);
    expect([await sent.text(), sent.headers.get("Allow")]).toEqual(["own page", "GET"]);
  });
});

test.each([
  [{ kind: "unavailable", why: "full" } as const, "full"],
  [{ kind: "loop" } as const, "loop"],
])("%j is logged as %s", (error, failure) => {
  expect(failureOf(error)).toBe(failure);
});

test("the head of an origin's answer says which request it is and who passed it on, before filters change it", async () => {
  const seen: (string | null)[] = [];
  const onSend: RouteFilter["onSend"] = (_, { headers }) =>
    void seen.push(headers.get("X-Request-Id"), headers.get("Via"));
  const site = await ProxiedSite.open(
    { ...shop(), forwarding: { via: "weir-1" } },
    { filters: [filter({ onSend })] },
  );
  await site.get("/");
  expect(seen).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), "1.1 weir-1"]);
});

test("a challenge of an origin that this isolate does not know stays as it is", async () => {
  const site = await ProxiedSite.open(shop());
  const headers = new Headers({ "WWW-Authenticate": "NTLM" });
  const pick = { kind: "granted", origin: "new", pool: "home", pinEpoch: 1, pin: "none" } as const;
  withoutChallenges(headers, pick, site.enter());
  expect(headers.get("WWW-Authenticate")).toBe("NTLM");
});
