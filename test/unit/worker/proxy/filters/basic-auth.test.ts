/** Names and passwords: who gets in, what origins are told, what the log says, and what a flood of wrong ones costs. */
import { afterEach, describe, expect, test, vi } from "vitest";

import { mostOfOne } from "../../../../../core/access/hash-budget.ts";
import { formatPasswordHash, hashPassword } from "../../../../../worker/config/kinds/password-hash.ts";
import { inNode, logged, ProxiedSite, shop, type Asking } from "../proxied-site.ts";

inNode();

const utf8 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text));
const salt = utf8("salt for tests");
async function hashOf(password: string): Promise<string> {
  const parameters = { iterations: 1_000, salt };
  return formatPasswordHash({
    ...parameters,
    hash: await hashPassword(utf8(password), parameters),
  });
}
const users = { alice: await hashOf("open sesame"), bob: await hashOf("pässwörd:with colon") };

const siteOf = (basicAuth: object = {}, route: object = {}): Promise<ProxiedSite> =>
  ProxiedSite.open(shop({}, { basicAuth: { users, ...basicAuth }, ...route }));

const basic = (credentials: string): string => `Basic ${btoa(String.fromCharCode(...utf8(credentials)))}`;
const as = (credentials: string, asking: Asking = {}): Asking => ({
  ...asking,
  headers: { Authorization: basic(credentials) },
});
const sentHeaders = (site: ProxiedSite): Headers => new Headers(site.sent.at(-1)?.init.headers);
/** Addresses that no other test uses: the budget is the isolate's. */
let nth = 0;
const anyAddress = (): string => `10.9.0.${nth++}`;

test("without a login there is a challenge, and nothing else", async () => {
  const site = await siteOf({ realm: "the shop" });
  const { status, headers, body } = await site.get("/");
  expect([status, headers.get("WWW-Authenticate")]).toEqual([401, 'Basic realm="the shop", charset="UTF-8"']);
  expect(JSON.parse(body)).toHaveProperty("error.code", "login_required");
  expect(site.sent).toEqual([]);
  expect(logged("request")).toMatchObject([
    { filter: "basicAuth", failure: "login-required", denied: "no-login" },
  ]);
});

describe("a login", () => {
  test.each(["alice:open sesame", "bob:pässwörd:with colon"])(
    "%s gets in, and origins see no password",
    async (login) => {
      const site = await siteOf();
      expect((await site.get("/", as(login))).status).toBe(200);
      expect(sentHeaders(site).has("Authorization")).toBe(false);
      expect(
        (await site.get("/", { headers: { Authorization: basic(login).replace("Basic", "bASIC") } })).status,
      ).toBe(200);
    },
  );

  test.each([
    ["alice:open sesam", "wrong-password"],
    ["alice:open sesame ", "wrong-password"],
    ["alice:pässwörd:with colon", "wrong-password"],
    ["Alice:open sesame", "unknown-user"],
    ["constructor:open sesame", "unknown-user"],
    ["alice:", "malformed-login"],
    [":open sesame", "malformed-login"],
    ["alice", "malformed-login"],
    ["\u0000alice:open sesame", "unknown-user"],
    [`alice:${"x".repeat(2_000)}`, "malformed-login"],
  ])("%j does not, for the log's reason %s", async (login, denied) => {
    const site = await siteOf();
    const { status, headers, body } = await site.get("/", as(login, { address: anyAddress() }));
    expect([status, headers.has("WWW-Authenticate")]).toEqual([401, true]);
    expect(site.sent).toEqual([]);
    expect(logged("request")[0]).toMatchObject({ denied });
    expect(JSON.parse(body)).toHaveProperty("error.message", "This address asks for a login.");
  });

  test.each(["Bearer abc", "Basic", "Basic %%%", "Basic YWxpY2U6eA==, Basic YWxpY2U6eA==", "Basic ////"])(
    "in another form is none: %s",
    async (authorization) => {
      const site = await siteOf();
      expect((await site.get("/", { headers: { Authorization: authorization } })).status).toBe(401);
      expect(logged("request")[0]).toMatchObject({ denied: "malformed-login" });
    },
  );
});

test("origins get the password where the config says so, and the name in a header that no client can write", async () => {
  const site = await siteOf({ forward: true, userHeader: "X-User" });
  const headers = {
    Authorization: basic("alice:open sesame"),
    "X-User": "root",
    X_User: "root",
    "x.user": "root",
  };
  await site.get("/", { headers });
  expect(sentHeaders(site).get("Authorization")).toBe(basic("alice:open sesame"));
  const told = Array.from(sentHeaders(site)).filter(([name]) => /^x.user$/i.test(name));
  expect(told).toEqual([["x-user", "alice"]]);
});

test("such a header is taken off on all routes to the upstream, also where nobody logs in", async () => {
  const config = shop({}, { prefix: "/admin", basicAuth: { users, userHeader: "X-User" } });
  const site = await ProxiedSite.open({ ...config, routes: [...config.routes, { upstream: "shop" }] });
  await site.get("/open", { headers: { "X-User": "root", "X-Other": "kept" } });
  expect(sentHeaders(site).has("X-User")).toBe(false);
  expect(sentHeaders(site).get("X-Other")).toBe("kept");
});

describe("a password is hashed", () => {
  afterEach(() => vi.restoreAllMocks());

  test("once, right or wrong", async () => {
    const site = await siteOf({ users: { carol: await hashOf("once") } });
    const hashing = vi.spyOn(crypto.subtle, "deriveBits");
    for (const login of ["carol:once", "carol:twice", "carol:once", "carol:twice"])
      await site.get("/", as(login, { address: anyAddress() }));
    expect(hashing).toHaveBeenCalledTimes(2);
  });

  test("for a name that is not known as for one that is, each time that it is new", async () => {
    const site = await siteOf();
    const rounds = async (login: string): Promise<unknown> => {
      const hashing = vi.spyOn(crypto.subtle, "deriveBits").mockClear();
      await site.get("/", as(login, { address: anyAddress() }));
      return hashing.mock.calls.map(([derivation]) => ({ ...Object(derivation), salt: undefined }));
    };
    const known = await rounds("alice:never seen");
    expect(known).toHaveLength(1);
    expect(await rounds("dora:never seen")).toEqual(known);
    expect(await rounds("emma:never seen")).toEqual(known);
  });

  test("a few times for a client that guesses; others log in beside it, and it may itself again later", async () => {
    const site = await siteOf();
    const hashing = vi.spyOn(crypto.subtle, "deriveBits");
    const address = anyAddress();
    const statuses: number[] = [];
    // The clock stands still.
    const ask = (login: string, from = address) => site.fetch("/", as(login, { address: from }));
    for (let guess = 0; guess < 3 * mostOfOne; guess++)
      statuses.push((await ask(`alice:guess ${guess}`)).status);
    expect(hashing).toHaveBeenCalledTimes(mostOfOne);
    expect(statuses.filter((status) => status === 401)).toHaveLength(mostOfOne);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2 * mostOfOne);
    const refused = await ask("alice:one more");
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(logged("request").at(-1)).toMatchObject({ status: 429, denied: "too-many-logins" });
    expect((await ask("alice:open sesame", anyAddress())).status).toBe(200);
    // What is known costs nothing.
    expect((await ask("alice:open sesame")).status).toBe(200);
    await site.settle();
    vi.setSystemTime(Date.now() + 20_000);
    expect((await ask("alice:late guess")).status).toBe(401);
  });
});

describe("beside networks", () => {
  const access = { allow: ["10.0.0.0/8"] };

  test("both have to be content", async () => {
    const site = await siteOf({}, { access });
    expect((await site.get("/", as("alice:open sesame", { address: "10.0.0.1" }))).status).toBe(200);
    expect((await site.get("/", { address: "10.0.0.1" })).status).toBe(401);
    expect((await site.get("/", as("alice:open sesame", { address: "11.0.0.1" }))).status).toBe(403);
  });

  test("with satisfy any one of them is enough, and who has neither is told to log in", async () => {
    const site = await siteOf({ userHeader: "X-User" }, { access: { ...access, satisfy: "any" } });
    expect((await site.get("/", as("alice:open sesame", { address: "11.0.0.1" }))).status).toBe(200);
    expect((await site.get("/", { address: "10.0.0.1", headers: { "X-User": "root" } })).status).toBe(200);
    expect(sentHeaders(site).has("X-User")).toBe(false);
    expect(logged("request").every((line) => !("denied" in line))).toBe(true);
    const { status, headers } = await site.get("/", { address: "11.0.0.1" });
    expect([status, headers.has("WWW-Authenticate")]).toEqual([401, true]);
    expect(logged("request").at(-1)).toMatchObject({ filter: "basicAuth", denied: "no-login" });
  });
});

test("no password and no hash gets into the log or an answer", async () => {
  const said: string[] = [];
  const site = await siteOf();
  for (const login of ["alice:open sesame", "alice:a wrong one", "nobody:a wrong one", "alice:"]) {
    const answer = await site.get("/", as(login, { address: anyAddress() }));
    said.push(answer.body, JSON.stringify(Array.from(answer.headers)));
  }
  said.push(JSON.stringify([...logged("request"), ...logged("filter-failed")]));
  for (const secret of ["sesame", "wrong one", "pbkdf2", btoa("alice:open").slice(0, 8)])
    expect(said.join("\n")).not.toContain(secret);
});
