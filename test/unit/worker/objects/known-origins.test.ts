/** What an isolate knows of origins that have registered themselves. */
import { expect, test } from "vitest";

import { defineConfig } from "../../../../worker/config/define-config.ts";
import { KnownOrigins } from "../../../../worker/objects/known-origins.ts";
import { activeUpstream, fakeEnv, fakeUpstream } from "../fake-objects.ts";

const config = defineConfig({
  target: "workerd",
  upstreams: {
    shop: {
      pools: [
        {
          name: "home",
          origins: [{ name: "a", url: "http://192.0.2.1", maxConns: 4 }],
          register: {
            secret: "nothing secret, for tests of registrations only",
            urls: ["http://192.0.2.0/24:8000-8900"],
            maxConns: 4,
          },
        },
      ],
    },
  },
  routes: [{ upstream: "shop" }],
});

const granted = (origin: string) =>
  ({ kind: "granted", origin, pool: "home", pinEpoch: 1, pin: "none" }) as const;

const news = (version: number, ...names: readonly string[]) => ({
  version,
  members: names.map((name) => ({ pool: "home", name, url: `http://192.0.2.9:80${names.indexOf(name)}0` })),
});

async function known(): Promise<KnownOrigins> {
  return new KnownOrigins((await activeUpstream(config, "shop", fakeEnv(fakeUpstream()))).config);
}

test("at first those of the config, and messages name no roster", async () => {
  const origins = await known();
  expect(origins.of(granted("a"))?.url).toBe("http://192.0.2.1");
  expect(origins.of(granted("joined"))).toBeUndefined();
  expect(origins.withRoster({ seq: 1 })).toEqual({ seq: 1 });
});

test("with an answer's roster also its members, and messages name it", async () => {
  const origins = await known();
  const upstream = origins.learn(news(2, "joined"));
  expect(upstream?.pools[0]?.origins.map(({ name }) => name)).toEqual(["a", "joined"]);
  expect(origins.of(granted("joined"))?.url).toBe("http://192.0.2.9:8000");
  expect(origins.withRoster({ seq: 1 })).toEqual({ seq: 1, roster: 2 });
});

test("a late answer brings back no origin that has gone meanwhile", async () => {
  const origins = await known();
  origins.learn(news(3));
  expect(origins.learn(news(2, "joined"))).toBeUndefined();
  expect(origins.learn(news(3))).toBeUndefined();
  expect(origins.learn(undefined)).toBeUndefined();
  expect(origins.of(granted("joined"))).toBeUndefined();
});
