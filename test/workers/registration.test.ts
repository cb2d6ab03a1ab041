/** Members of an upstream whose object loses its memory: who joined is there, and is probed before it serves. */
import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import type { ConfigSection } from "../../core/protocol/config-section.ts";
import worker from "../../worker/index.ts";
import { registrationText, signedHeaders } from "../../worker/transport/signed-message.ts";
import { patienceMs } from "../support/patience.ts";
import config from "./weir.config.ts";

const secret = "nothing secret, for tests of registrations only";

const at: ConfigSection = {
  version: { order: 1, hash: "joining-1" },
  name: "joining",
  target: "workerd",
  raw: structuredClone(config.upstreams["joining"]),
};

const object = () => env.UPSTREAM_STATE.getByName("joining");

const said = (name: string, parts: object = {}) => ({
  pool: "cloud",
  name,
  url: env["ORIGIN_C" as keyof typeof env] as unknown as string,
  saidMs: Date.now(),
  leaving: false,
  ...parts,
});

async function members() {
  const view = await object().view(at);
  return view?.pools[1]?.origins ?? [];
}

const rosterRow = () => runInDurableObject(object(), (_, state) => state.storage.kv.get("roster"));

test("a member is there after an eviction, is probed, and serves then", async () => {
  expect(await object().register(at, said("new"))).toMatchObject({ kind: "joined" });
  await evictDurableObject(object());
  expect(await members()).toMatchObject([{ name: "new", maxConns: 3, registered: { leaving: null } }]);
  await expect.poll(members, { timeout: patienceMs }).toMatchObject([{ health: "healthy", available: true }]);
  await evictDurableObject(object());
  expect(await members()).toMatchObject([{ name: "new", available: true }]);
});

test("heartbeats write nothing", async () => {
  await object().register(at, said("new"));
  await object().register(at, said("new"));
  const before = (await object().view(at))?.rowsWritten;
  for (let nth = 0; nth < 5; nth++)
    expect(await object().register(at, said("new"))).toMatchObject({ kind: "renewed" });
  expect((await object().view(at))?.rowsWritten).toBe(before);
});

test("a goodbye outlives an eviction, and nothing is kept of an origin that has gone", async () => {
  await object().register(at, said("new"));
  await object().register(at, said("new", { leaving: true }));
  await evictDurableObject(object());
  expect(await object().register(at, said("new", { saidMs: Date.now() + 1_000 }))).not.toMatchObject({
    kind: "renewed",
  });
  await expect.poll(members, { timeout: patienceMs }).toEqual([]);
  expect(await rosterRow()).toMatchObject({ members: [], gone: [{ name: "new" }] });
  await runInDurableObject(object(), (_, state) => {
    expect(state.storage.kv.get("health/new")).toBeUndefined();
  });
});

test("the Worker hands on what is signed, and nothing else", async () => {
  const body = JSON.stringify({ name: "other", url: said("x").url });
  const post = async (headers: Record<string, string>) => {
    const url = "http://joining.test/_weir/api/v1/pools/cloud/register";
    const request = new Request<unknown, IncomingRequestCfProperties>(url, { method: "POST", headers, body });
    return worker.fetch(request, env, createExecutionContext());
  };
  // Another upstream has a pool of that name, and another secret: the signature says which is meant.
  const text = registrationText({ upstream: "joining", pool: "cloud" }, body);
  const accepted = await post(await signedHeaders(secret, text, Date.now()));
  expect(await accepted.json()).toMatchObject({
    upstream: "joining",
    pool: "cloud",
    origin: "other",
    state: "joined",
  });
  const forged = await post(await signedHeaders(`${secret}!`, text, Date.now()));
  expect([forged.status, await forged.json()]).toMatchObject([403, { error: { code: "bad-signature" } }]);
});
