/** Tokens: which are let in, what origins are told of them, and what happens to the keys when an issuer changes them or does not answer. */
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { inNode, logged, ProxiedSite, shop, type Asking } from "../proxied-site.ts";

inNode();

const issuer = "https://login.test/";
const url = "https://login.test/jwks";

interface Pair {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function pairOf(kid: string, alg = "ES256"): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}
const [one, two, rsa] = await Promise.all([pairOf("one"), pairOf("two"), pairOf("rsa", "RS256")]);

const good = { iss: issuer, aud: "shop", sub: "alice" };

function token(claims: object = {}, { pair = one, exp = 60, header = {} } = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ ...good, exp: now + exp, ...claims })
    .setProtectedHeader({ alg: pair.jwk.alg ?? "", kid: pair.jwk.kid ?? "", ...header })
    .sign(pair.privateKey);
}

const unsigned = (header: object, claims: object = {}): string =>
  [header, { ...good, exp: 4_000_000_000, ...claims }]
    .map((part) => btoa(JSON.stringify(part)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_"))
    .join(".");

const bearer = (written: string): Asking => ({ headers: { Authorization: `Bearer ${written}` } });

const base = { keys: url, issuer, audience: "shop" };
let listed: readonly JWK[];
let isUp: boolean;
let fetched: number;

beforeEach(() => {
  [listed, isUp, fetched] = [[one.jwk, rsa.jwk], true, 0];
});

async function siteOf(jwt: object = {}, route: object = {}): Promise<ProxiedSite> {
  const site = await ProxiedSite.open(shop({}, { jwt: { ...base, ...jwt }, ...route }));
  site.origin = (to) => {
    if (to !== url) return new Response("from the origin", { headers: { "Content-Length": "15" } });
    fetched++;
    if (!isUp) throw new TypeError("it is down");
    return new Response(JSON.stringify({ keys: listed }));
  };
  return site;
}

/** What the origin was sent; not what the issuer was. */
function sentHeaders(site: ProxiedSite): Headers {
  return new Headers(site.sent.findLast((each) => each.url !== url)?.init.headers);
}

describe("a token of the issuer", () => {
  test("is let in, whichever of its keys it is signed with, and its keys are fetched once", async () => {
    const site = await siteOf();
    for (const pair of [one, rsa, one])
      expect((await site.fetch("/", bearer(await token({}, { pair })))).status).toBe(200);
    expect(fetched).toBe(1);
    await site.settle();
  });

  test("may come in a header or a cookie of another name", async () => {
    const site = await siteOf({ header: "X-Token", cookie: "token" });
    const written = await token();
    expect((await site.fetch("/", { headers: { "X-Token": written } })).status).toBe(200);
    expect((await site.fetch("/", { headers: { Cookie: `a=b; token=${written}` } })).status).toBe(200);
    expect((await site.fetch("/", bearer(written))).status).toBe(401);
    await site.settle();
  });

  test("may be for one of several audiences, or be told from others by claims", async () => {
    const site = await siteOf({ audience: ["a", "shop"], requiredClaims: { roles: ["admin"], email: true } });
    expect((await site.fetch("/", bearer(await token({ roles: ["admin"], email: "a@b.test" })))).status).toBe(
      200,
    );
    expect((await site.fetch("/", bearer(await token({ roles: ["admin"] })))).status).toBe(401);
    expect(logged("request").at(-1)).toMatchObject({ denied: "wrong-claim" });
    await site.settle();
  });

  test("tells origins claims in headers that no client can write", async () => {
    const site = await siteOf({
      claimsToHeaders: { "X-User": "sub", "X-Roles": "roles", "X-Mail": "email" },
    });
    const headers = { "X-User": "root", X_Roles: "root", "X-Mail": "root@b.test" };
    const written = await token({ roles: ["a", "b"] });
    await site.fetch("/", { headers: { ...headers, Authorization: `Bearer ${written}` } });
    const told = Array.from(sentHeaders(site)).filter(([name]) => /^x.(?:user|roles|mail)$/.test(name));
    expect(told).toEqual([
      ["x-roles", "a,b"],
      ["x-user", "alice"],
    ]);
    await site.settle();
  });
});

describe("refused is", () => {
  const stranger = { ...one, privateKey: two.privateKey };
  test.each<[string, () => Promise<string> | string, string]>([
    ["what is no token", () => "abc", "malformed-token"],
    ["an expired one", () => token({}, { exp: -60 }), "expired"],
    ["one that never expires", () => token({ exp: undefined }), "wrong-claim"],
    ["one that is not yet valid", () => token({ nbf: 4_000_000_000 }), "not-yet-valid"],
    ["one of another issuer", () => token({ iss: "https://evil.test/" }), "wrong-issuer"],
    ["one for another audience", () => token({ aud: "other" }), "wrong-audience"],
    ["one for none", () => token({ aud: undefined }), "wrong-audience"],
    ["one that another key has signed", () => token({}, { pair: stranger }), "wrong-signature"],
    ["one without a signature", () => `${unsigned({ alg: "none" })}.`, "wrong-algorithm"],
    ["one without a signature, of an odd spelling", () => `${unsigned({ alg: "nOnE" })}.`, "wrong-algorithm"],
    ["one that is too long", () => token({ more: "x".repeat(20_000) }), "malformed-token"],
  ])("%s", async (_, make, denied) => {
    const site = await siteOf();
    const answer = await site.fetch("/", bearer(await make()));
    expect([answer.status, answer.headers.get("WWW-Authenticate")]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
    expect(logged("request")[0]).toMatchObject({ filter: "jwt", failure: "login-required", denied });
    await site.settle();
  });

  test("a request without a token, with a challenge", async () => {
    const site = await siteOf();
    const answer = await site.fetch("/");
    expect([answer.status, answer.headers.get("WWW-Authenticate")]).toEqual([401, "Bearer"]);
    expect(logged("request")[0]).toMatchObject({ denied: "no-token" });
  });

  test("a token that is signed with the issuer's public key as if that were a secret", async () => {
    const site = await siteOf({ algorithms: ["RS256"] });
    const secret = new TextEncoder().encode(JSON.stringify(rsa.jwk));
    const written = await new SignJWT(good)
      .setProtectedHeader({ alg: "HS256", kid: "rsa" })
      .setExpirationTime("1h")
      .sign(secret);
    expect((await site.fetch("/", bearer(written))).status).toBe(401);
    expect(logged("request")[0]).toMatchObject({ denied: "wrong-algorithm" });
    await site.settle();
  });
});

describe("an issuer", () => {
  test("that changes its keys is asked anew, and the new key is good at once", async () => {
    const site = await siteOf();
    await site.fetch("/", bearer(await token()));
    listed = [two.jwk];
    vi.setSystemTime(Date.now() + 11_000);
    expect((await site.fetch("/", bearer(await token({}, { pair: two })))).status).toBe(200);
    expect((await site.fetch("/", bearer(await token({}, { pair: one })))).status).toBe(401);
    expect(fetched).toBe(2);
    await site.settle();
  });

  test("is not flooded by tokens that name keys that there are not", async () => {
    const site = await siteOf();
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, nth) =>
        token({}, { pair: { ...two, jwk: { ...two.jwk, kid: `made up ${nth}` } } }),
      ),
    );
    for (const each of made) expect((await site.fetch("/", bearer(each))).status).toBe(401);
    expect(logged("request").at(-1)).toMatchObject({ denied: "unknown-key" });
    expect(fetched).toBe(1);
    await site.settle();
  });

  test("that does not answer closes the route where no key is known, and the log says so", async () => {
    isUp = false;
    const site = await siteOf();
    expect((await site.fetch("/", bearer(await token()))).status).toBe(503);
    expect((await site.fetch("/", bearer(await token()))).status).toBe(503);
    expect(fetched).toBe(1);
    expect(logged("request")[0]).toMatchObject({ denied: "no-keys", failure: "keys-lost", filter: "jwt" });
    expect(logged("keys-not-fetched")).toMatchObject([{ issuer, detail: "it is down" }]);
    isUp = true;
    vi.setSystemTime(Date.now() + 11_000);
    expect((await site.fetch("/", bearer(await token()))).status).toBe(200);
    await site.settle();
  });

  test("that does not answer leaves its known keys good, for as long as the config says", async () => {
    const site = await siteOf({ keepKeys: "1h" });
    await site.fetch("/", bearer(await token()));
    isUp = false;
    vi.setSystemTime(Date.now() + 3_500_000);
    expect((await site.fetch("/", bearer(await token()))).status).toBe(200);
    await site.settle();
    vi.setSystemTime(Date.now() + 3_600_000);
    expect((await site.fetch("/", bearer(await token()))).status).toBe(503);
    await site.settle();
  });

  test.each([
    ["an error", () => new Response("no", { status: 500 })],
    ["a redirect", () => Response.redirect("https://elsewhere.test/", 302)],
    ["no JSON", () => new Response("<html>")],
    ["no list", () => new Response('{"keys":{}}')],
    ["too much", () => new Response("x".repeat(200_000))],
  ])("that answers with %s has no keys", async (_, answer) => {
    const site = await siteOf();
    site.origin = answer;
    expect((await site.fetch("/", bearer(await token()))).status).toBe(503);
    expect(site.sent).toHaveLength(1);
    await site.settle();
  });
});

test("keys may stand in the config: then nothing is fetched", async () => {
  const site = await siteOf({ keys: [one.jwk] });
  expect((await site.fetch("/", bearer(await token()))).status).toBe(200);
  expect((await site.fetch("/", bearer(await token({}, { pair: two })))).status).toBe(401);
  expect(fetched).toBe(0);
  await site.settle();
});

test("Cloudflare Access: its assertion for this application, of this team", async () => {
  const certs = "https://acme.cloudflareaccess.com/cdn-cgi/access/certs";
  const site = await ProxiedSite.open(
    shop({}, { cloudflareAccess: { team: "acme", audience: "tag", emailHeader: "X-Email" } }),
  );
  site.origin = (to) =>
    to === certs
      ? new Response(JSON.stringify({ keys: [rsa.jwk] }))
      : new Response("x", { headers: { "Content-Length": "1" } });
  const claims = { iss: "https://acme.cloudflareaccess.com", aud: ["tag"], email: "a@b.test" };
  const ask = async (more: object): Promise<number> => {
    const assertion = await token({ ...claims, ...more }, { pair: rsa });
    return (
      await site.fetch("/", { headers: { "Cf-Access-Jwt-Assertion": assertion, "X-Email": "root@b.test" } })
    ).status;
  };
  expect(await ask({})).toBe(200);
  expect(new Headers(site.sent.at(-1)?.init.headers).get("X-Email")).toBe("a@b.test");
  expect(await ask({ aud: ["another application"] })).toBe(401);
  expect(await ask({ iss: "https://other.cloudflareaccess.com" })).toBe(401);
  expect((await site.fetch("/", bearer(await token(claims, { pair: rsa })))).status).toBe(401);
  await site.settle();
});

test("no token gets into the log", async () => {
  const site = await siteOf();
  const written = [await token(), await token({}, { exp: -60 })];
  for (const each of written) await site.fetch("/", bearer(each));
  await site.settle();
  const said = JSON.stringify([
    ...logged("request"),
    ...logged("filter-failed"),
    ...logged("keys-not-fetched"),
  ]);
  for (const part of written.flatMap((each) => each.split("."))) expect(said).not.toContain(part);
});
