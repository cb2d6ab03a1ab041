/** Which object an isolate speaks to, and where that is to live. */
import { expect, test } from "vitest";

import { defineConfig } from "../../../../worker/config/define-config.ts";
import { objectAddress, stubAt, upstreamStub } from "../../../../worker/objects/upstream-stub.ts";
import { onlyOnce } from "../../../../worker/transport/object-exchange.ts";
import { activeUpstream, fakeEnv, fakeUpstream } from "../fake-objects.ts";

const pools = [{ name: "home", origins: [{ name: "a", url: "https://a.example.net", maxConns: 4 }] }];

const config = defineConfig({
  target: "edge",
  upstreams: { near: { pools }, placed: { pools, location: "weur", regions: ["enam", "apac"] } },
  routes: [
    { host: "near.example.com", upstream: "near" },
    { host: "placed.example.com", upstream: "placed" },
  ],
});

const object = fakeUpstream();

test("an upstream's own object has its name, and lives where the config says", async () => {
  const env = fakeEnv(object);
  expect(upstreamStub(env, await activeUpstream(config, "near", env))).toBe(object);
  upstreamStub(env, await activeUpstream(config, "placed", env));
  expect(env.UPSTREAM_STATE.stubs).toEqual([
    { name: "near", options: {} },
    { name: "placed", options: { locationHint: "weur" } },
  ]);
});

test("a region's object is named after both, and lives in the region", async () => {
  const env = fakeEnv(object);
  const placed = await activeUpstream(config, "placed", env);
  expect(objectAddress(placed.config, "enam")).toEqual({
    name: "placed@enam",
    options: { locationHint: "enam" },
  });
});

test("the platform is told not to repeat a call where the next message makes it good", async () => {
  const env = fakeEnv(object);
  const near = await activeUpstream(config, "near", env);
  stubAt(env, objectAddress(near.config, undefined, onlyOnce));
  expect(env.UPSTREAM_STATE.stubs).toEqual([{ name: "near", options: { retry: { maxRetries: 0 } } }]);
});
