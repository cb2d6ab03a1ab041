/** Where origins register themselves: what reaches the upstream's object, and what it answers. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Registered, Registration } from "../../../../core/protocol/members.ts";
import { RefusedClaims } from "../../../../worker/api/refused-claims.ts";
import { registrationRoutes } from "../../../../worker/api/registration.ts";
import { defineConfig } from "../../../../worker/config/define-config.ts";
import { Isolate } from "../../../../worker/isolate.ts";
import { registrationText, signedHeaders } from "../../../../worker/transport/signed-message.ts";
import { fakeEnv, fakeUpstream } from "../fake-objects.ts";

const secret = "nothing secret, for tests of registrations only";

const config = defineConfig({
  target: "workerd",
  upstreams: {
    shop: {
      pools: [
        {
          name: "home",
          origins: [{ name: "a", url: "http://192.0.2.1", maxConns: 4 }],
          register: { secret, urls: ["http://192.0.2.0/24:8000-8900"], maxConns: 4 },
        },
      ],
    },
  },
  routes: [{ upstream: "shop" }],
});

const body = JSON.stringify({ name: "joined", url: "http://192.0.2.9:8000" });

/** The API beside an object that answers every registration so; and what it was told. */
function start(answer: Registered | undefined) {
  const told: Registration[] = [];
  const object = fakeUpstream({
    register: async (_section, said) => {
      told.push(said);
      return answer;
    },
  });
  const app = registrationRoutes(new Isolate(config), new RefusedClaims());
  const post = async (text: string, pool = "home", signedWith = secret, atMs = Date.now()) => {
    const signed = registrationText({ upstream: "shop", pool }, text);
    const headers = await signedHeaders(signedWith, signed, atMs);
    const init = { method: "POST", headers: { ...headers }, body: text };
    return app.request(`http://weir.test/pools/${pool}/register`, init, fakeEnv(object));
  };
  return { told, post };
}

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

test("a signed message reaches the upstream's object, with the time at which it was signed", async () => {
  const { told, post } = start({ kind: "joined", inFlight: 0 });
  const atMs = Math.floor(Date.now() / 1_000) * 1_000;
  const response = await post(body, "home", secret, atMs);
  expect(told).toEqual([
    { pool: "home", name: "joined", url: "http://192.0.2.9:8000", leaving: false, saidMs: atMs },
  ]);
  expect(await response.json()).toMatchObject({
    upstream: "shop",
    pool: "home",
    state: "joined",
    inFlight: 0,
  });
});

describe("nothing reaches the object", () => {
  test.each([
    { what: "with another secret", status: 403, signedWith: "another secret, of the same length or so" },
    { what: "that is an hour old", status: 403, atMs: Date.now() - 3_600_000 },
    { what: "for a pool that takes none", status: 404, pool: "cloud" },
    { what: "that is none", status: 400, text: "{}" },
  ])("of a message $what", async ({ status, text = body, pool, signedWith, atMs }) => {
    const { told, post } = start({ kind: "joined", inFlight: 0 });
    expect((await post(text, pool, signedWith, atMs)).status).toBe(status);
    expect(told).toEqual([]);
  });
});

test.each([
  ["pool-full", 409],
  ["url-refused", 403],
  ["unknown-pool", 404],
] as const)("what the object refuses as %s is answered by %d", async (why, status) => {
  const { post } = start({ kind: "refused", why, inFlight: 0 });
  const response = await post(body);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code: why } });
});

test("an object that does not take the configuration registers no origin", async () => {
  const { post } = start(undefined);
  expect((await post(body)).status).toBe(500);
});
