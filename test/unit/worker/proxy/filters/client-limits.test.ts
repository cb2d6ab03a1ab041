/** What one client may have of an upstream at a time, and that it comes back, whatever ends a request. */
import { describe, expect, test, vi } from "vitest";

import { accountOf } from "../../../../../worker/proxy/request/request-key.ts";
import { readRequestUrl } from "../../../../../worker/proxy/request/request-url.ts";
import { inNode, logged, ProxiedSite, shop, toOrigin, type Asking } from "../proxied-site.ts";

inNode();

const limited = (client: object, upstream: object = {}) => shop(upstream, {}, { limits: { client } });
const from = (address: string | null, more: Asking = {}): Asking => ({ address, ...more });
const attacker = from("203.0.113.5");
const good = from("198.51.100.7");

/** A site whose origin answers when it is told to. */
async function held(client: object, upstream?: object) {
  const site = await ProxiedSite.open(limited(client, upstream));
  const answers: ((response: Response) => void)[] = [];
  site.origin = () => new Promise((resolve) => answers.push(resolve));
  const open = async (count: number, asking: Asking) => {
    const before = answers.length;
    const fetched = Array.from({ length: count }, () => site.fetch("/", asking));
    await vi.waitFor(() => expect(answers).toHaveLength(before + count));
    return { first: fetched[0] };
  };
  return { site, answers, open };
}

describe("slots of one client", () => {
  test("are limited: one more gets 429 and when to come again, and another client is served", async () => {
    const { site, answers, open } = await held({ slots: 2 });
    const { first } = await open(2, attacker);
    const refused = await site.fetch("/", attacker);
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "2"]);
    expect(await refused.json()).toHaveProperty("error.code", "too_many_requests");
    expect(logged("request").at(-1)).toMatchObject({
      status: 429,
      failure: "client-slots",
      filter: "limits",
      attempts: 0,
    });
    await open(1, good);
    answers[0]?.(new Response(null));
    expect((await first)?.status).toBe(200);
    await open(1, attacker);
    expect((await site.fetch("/", attacker)).status).toBe(429);
  });

  test("go by the /64 of an IPv6 address", async () => {
    const { site, open } = await held({ slots: 1 });
    await open(1, from("2001:db8:1:2::1"));
    expect((await site.fetch("/", from("2001:db8:1:2:ffff::2"))).status).toBe(429);
    await open(1, from("2001:db8:1:3::1"));
  });

  test("go by the key of the config, and by the address where a request has none", async () => {
    const { site, open } = await held({ slots: 1, key: "header:X-Key" });
    const keyed = (key: string) => from("203.0.113.5", { headers: { "X-Key": key } });
    await open(1, keyed("one"));
    await open(1, keyed("two"));
    await open(1, attacker);
    expect((await site.fetch("/", keyed("one"))).status).toBe(429);
    expect((await site.fetch("/", attacker)).status).toBe(429);
  });

  test("are not limited where nothing tells whose a request is", async () => {
    const { open } = await held({ slots: 1 });
    await open(3, from(null));
  });

  test("are those of one upstream: what a client has at another one does not count", async () => {
    const config = limited({ slots: 1 });
    const other = { ...config.upstreams["shop"] };
    const two = {
      ...config,
      upstreams: { ...config.upstreams, other },
      routes: [...config.routes, { upstream: "other", prefix: "/other/" }],
    };
    const site = await ProxiedSite.open(two as typeof config);
    let waiting = 0;
    site.origin = () => new Promise(() => waiting++);
    void site.fetch("/", attacker);
    void site.fetch("/other/x", attacker);
    await vi.waitFor(() => expect(waiting).toBe(2));
    expect((await site.fetch("/other/x", attacker)).status).toBe(429);
  });

  test.each<[string, (site: ProxiedSite) => Promise<unknown>]>([
    ["an answer", (site) => site.get("/", attacker)],
    [
      "an origin that breaks off",
      (site) => {
        site.origin = () => Promise.reject(new Error("Network connection lost."));
        return site.get("/", attacker);
      },
    ],
    [
      "a refusal",
      (site) => {
        site.picks.push({ kind: "unavailable", why: "down" });
        return site.get("/", attacker);
      },
    ],
    [
      "a client that leaves before the headers",
      async (site) => {
        const client = new AbortController();
        site.origin = (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener("abort", () =>
              reject(Object.assign(new Error("aborted"), { name: "AbortError" })),
            );
          });
        const answer = site.fetch("/", { ...attacker, signal: client.signal });
        await vi.advanceTimersByTimeAsync(10);
        client.abort();
        await vi.advanceTimersByTimeAsync(100);
        await answer;
      },
    ],
    [
      "a client that leaves the answer",
      async (site) => {
        const client = new AbortController();
        site.origin = () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
        await site.fetch("/", { ...attacker, signal: client.signal });
        client.abort();
      },
    ],
  ])("come back after %s", async (_, run) => {
    const site = await ProxiedSite.open(limited({ slots: 1 }, { retries: { attempts: 0 } }));
    for (let nth = 0; nth < 3; nth++) {
      await run(site);
      await site.settle();
    }
    expect(logged("request").map(({ failure }) => failure)).not.toContain("client-slots");
    site.origin = () => new Response("ok");
    expect((await site.get("/", attacker)).status).toBe(200);
  });

  test("are held as long as an answer is read", async () => {
    const site = await ProxiedSite.open(limited({ slots: 1 }));
    const end = Promise.withResolvers<void>();
    site.origin = () =>
      new Response(
        new ReadableStream({
          pull: async (stream) => {
            await end.promise;
            stream.close();
          },
        }),
      );
    const answer = await site.fetch("/", attacker);
    expect((await site.fetch("/", attacker)).status).toBe(429);
    end.resolve();
    await answer.text();
    await site.settle();
    expect((await site.fetch("/", attacker)).status).toBe(200);
  });
});

describe("uploads of one client", () => {
  /** A body that comes when it is told to. */
  function upload() {
    let end = (): void => undefined;
    const readable = new ReadableStream({
      type: "bytes",
      start: (stream) => {
        stream.enqueue(new Uint8Array(10));
        end = () => {
          stream.close();
          stream.byobRequest?.respond(0);
        };
      },
    });
    return {
      asking: from("203.0.113.5", { method: "POST", body: readable, duplex: "half" } as Asking),
      end: () => end(),
    };
  }

  test("are limited while their bodies come in, and no longer", async () => {
    const { site, open, answers } = await held({ uploads: 1 });
    const first = upload();
    void site.fetch("/", first.asking);
    const refused = await site.fetch("/", upload().asking);
    expect(refused.status).toBe(429);
    expect(logged("request").at(-1)).toMatchObject({ failure: "client-uploads", filter: "limits" });
    // What has no body is none.
    await open(1, attacker);
    first.end();
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    // The first is at its origin by now, and its body is in.
    await open(1, from("203.0.113.5", { method: "POST", body: "short" }));
  });

  test("take no slot before their body is in", async () => {
    const { site, open } = await held({ slots: 1 });
    void site.fetch("/", upload().asking);
    await open(1, attacker);
  });
});

describe("the queue's part of one client", () => {
  test("travels with the ask, with a number that stands for the client", async () => {
    const site = await ProxiedSite.open(limited({ queue: 3 }));
    for (const asking of [attacker, attacker, good, from(null)]) await site.get("/", asking);
    const wants = site.messages.flatMap(({ want }) => want ?? []);
    const [first, second, third, unknown] = wants.map(({ client }) => client);
    expect(wants.map(({ mostWaiting }) => mostWaiting)).toEqual([3, 3, 3, 3]);
    expect([first === second, first === third, unknown]).toEqual([true, false, undefined]);
  });

  test("beyond it the answer is 429, not that the service is full", async () => {
    const site = await ProxiedSite.open(limited({ queue: 1 }));
    site.picks.push({ kind: "unavailable", why: "full", of: "client" }, toOrigin("a"));
    expect((await site.get("/", attacker)).status).toBe(429);
    expect(logged("request").at(-1)).toMatchObject({ failure: "client-queue", finished: "no-origin" });
  });
});

test("a key of any length is kept in few characters, and no key passes for an address", () => {
  const sources = (key: string) => {
    const request = new Request("http://shop.test/", { headers: { "X-Key": key } });
    return { request, url: readRequestUrl(request) ?? expect.unreachable(), address: "203.0.113.5" };
  };
  const account = (key: string) => accountOf({ from: "header", name: "x-key" }, sources(key));
  expect(account("k".repeat(60_000))?.length).toBeLessThan(50);
  expect(account("k".repeat(60_000))).not.toBe(account(`${"k".repeat(59_999)}l`));
  expect([account(""), account("203.0.113.5")]).toEqual(["203.0.113.5", "key 203.0.113.5"]);
});
