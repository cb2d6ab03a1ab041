/** `concurrency` of a route: which requests are open at a time, and that a place comes back however a request ends. */
import { describe, expect, test, vi } from "vitest";

import { activateConfig } from "../../../../../worker/active-config.ts";
import { fakeEnv, fakeUpstream } from "../../fake-objects.ts";
import { inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

const siteOf = (concurrency: object, route: object = {}): Promise<ProxiedSite> =>
  ProxiedSite.open(shop({}, { concurrency: [concurrency], ...route }));

/** Origins that answer when the test says so. */
function heldOrigin(site: ProxiedSite): (() => void)[] {
  const answers: (() => void)[] = [];
  site.origin = () =>
    new Promise((resolve) =>
      answers.push(() => resolve(new Response("done", { headers: { "Content-Length": "4" } }))),
    );
  return answers;
}

const reached = (answers: readonly unknown[], many: number): Promise<void> =>
  vi.waitFor(() => expect(answers).toHaveLength(many));

test("as many requests of a key are open as the limit says; the next is refused, and another client's is not", async () => {
  const site = await siteOf({ name: "open", most: 2 });
  const answers = heldOrigin(site);
  const open = [site.fetch("/"), site.fetch("/")];
  await reached(answers, 2);
  const refused = await site.fetch("/");
  expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "2"]);
  expect(logged("request")[0]).toMatchObject({
    filter: "concurrency",
    limit: "open",
    failure: "concurrency-limited",
  });
  const other = site.fetch("/", { address: "198.51.100.1" });
  await reached(answers, 3);
  for (const answer of answers) answer();
  for (const answered of [...open, other]) expect(await (await answered).text()).toBe("done");
  await site.settle();
});

describe("a place comes back", () => {
  test("when the answer is over, for the next request without a message, and to the object a moment later", async () => {
    const site = await siteOf({ most: 1 });
    for (let nth = 0; nth < 3; nth++) expect(await (await site.fetch("/")).text()).toBe("from the origin");
    expect(site.limitAsks).toHaveLength(1);
    await site.settle();
    expect(site.limitAsks.at(-1)).toMatchObject({ open: 0, want: 0 });
  });

  test("when another limit refuses the request, or a rule answers it", async () => {
    const site = await ProxiedSite.open(
      shop({}, { concurrency: [{ most: 9 }, { key: "route", most: 1, name: "all" }] }),
    );
    const answers = heldOrigin(site);
    const open = site.fetch("/");
    await reached(answers, 1);
    for (let nth = 0; nth < 20; nth++) expect((await site.fetch("/")).status).toBe(429);
    answers[0]?.();
    await (await open).text();
    await site.settle();
    expect(site.limitAsks.at(-1)).toMatchObject({ open: 0, want: 0 });
    const ruled = await siteOf({ most: 1 }, { rules: [{ respond: 204 }] });
    for (let nth = 0; nth < 3; nth++) expect((await ruled.fetch("/")).status).toBe(204);
  });
});

test("while its object cannot be reached an isolate goes on by what is open there, or refuses", async () => {
  const site = await siteOf({ most: 1 });
  site.loseLimits();
  const answers = heldOrigin(site);
  const open = site.fetch("/");
  await reached(answers, 1);
  expect((await site.fetch("/")).status).toBe(429);
  answers[0]?.();
  await (await open).text();
  expect(logged("role-lost")).toHaveLength(1);
  const closed = await siteOf({ most: 1, onFailure: "refuse" });
  closed.loseLimits();
  expect((await closed.fetch("/")).status).toBe(503);
  await Promise.all([site.settle(), closed.settle()]);
});

test("a dry run refuses nothing, and the log says what it would have refused", async () => {
  const site = await siteOf({ most: 1, dryRun: true });
  const answers = heldOrigin(site);
  const open = [site.fetch("/"), site.fetch("/")];
  await reached(answers, 2);
  for (const answer of answers) answer();
  for (const answered of open) await (await answered).text();
  const limits = logged("request").map(({ limit }) => limit);
  expect(limits).toHaveLength(2);
  expect(new Set(limits)).toEqual(new Set(["*/*#open-0", undefined]));
  await site.settle();
});

test("where the objects are not bound, the config is refused", async () => {
  const { ROLES: _, ...env } = fakeEnv(fakeUpstream());
  const refused = await activateConfig(shop({}, { concurrency: [{ most: 1 }] }), env);
  expect(refused).toMatchObject({
    ok: false,
    issues: [{ path: "routes[0].concurrency", found: "no binding ROLES" }],
  });
});

test("a request without a login takes no place, and asks no object for one", async () => {
  const users = { alice: `$pbkdf2-sha256$i=1000$c2FsdCBmb3IgdGVzdHM$${"A".repeat(43)}` };
  const site = await siteOf({ most: 1 }, { basicAuth: { users } });
  expect((await site.fetch("/")).status).toBe(401);
  expect(site.limitAsks).toEqual([]);
});
