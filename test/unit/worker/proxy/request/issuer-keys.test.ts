/** An issuer's keys: fetched once for all requests that come at a time, and of a bounded size. */
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { IssuerKeys } from "../../../../../worker/proxy/request/issuer-keys.ts";
import { fetchKeys } from "../../../../../worker/proxy/request/jwks.ts";
import { TokenCheck } from "../../../../../worker/proxy/request/token-check.ts";
import { compileJwt } from "../../../../../worker/config/sections/jwt.ts";

const url = "https://login.test/jwks";
const later = vi.fn<(work: Promise<unknown>) => void>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "log").mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function answering(answer: () => Promise<Response> | Response): { readonly calls: () => number } {
  const fetching = vi.fn(async () => answer());
  vi.stubGlobal("fetch", fetching);
  return { calls: () => fetching.mock.calls.length };
}

test("requests that come while the keys are fetched have them, too, by one fetch", async () => {
  const slow = new Promise<Response>((resolve) =>
    setTimeout(() => resolve(Response.json({ keys: [] })), 300),
  );
  const { calls } = answering(() => slow);
  const keys = new IssuerKeys("issuer", url, 600_000);
  const asked = Promise.all([1, 2, 3].map(() => keys.keys(later)));
  await vi.advanceTimersByTimeAsync(1_000);
  const [first, ...others] = await asked;
  expect(first).toBeDefined();
  expect(others).toEqual([first, first]);
  expect(calls()).toBe(1);
});

test("of an issuer that hangs no request waits for ever, and only one fetches", async () => {
  const { calls } = answering(() => new Promise<never>(() => undefined));
  const keys = new IssuerKeys("issuer", url, 600_000);
  void keys.keys(later);
  const waiting = [1, 2].map(() => keys.keys(later));
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  expect(calls()).toBe(1);
});

test.each([
  ["no list", () => Response.json([])],
  ["a list that is too long", () => Response.json({ keys: Array.from({ length: 101 }, () => ({})) })],
  ["too many bytes", () => new Response("x".repeat(200_000))],
])("%s is no answer, and the error has nothing of it", async (_, answer) => {
  answering(answer);
  await expect(fetchKeys(url)).rejects.toThrow(/^(?:it is no list|its list has more)/);
});

test("a token is checked by keys that stand in the config", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk: JWK = await exportJWK(publicKey);
  const { x = "", y = "" } = jwk;
  const check = new TokenCheck(
    compileJwt({
      keys: [{ kty: "EC", crv: "P-256", x, y }],
      issuer: "me",
      audience: "you",
      algorithms: ["ES256"],
      requiredClaims: {},
      claimsToHeaders: {},
      clockTolerance: 0,
      keepKeys: 600_000,
    }),
  );
  const claims = { iss: "me", aud: "you", exp: Math.floor(Date.now() / 1_000) + 60 };
  const token = await new SignJWT(claims).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
  expect(await check.verdict(token, later)).toMatchObject({ claims });
  expect(await check.verdict(`${token}x`, later)).toEqual({ problem: "wrong-signature" });
});
