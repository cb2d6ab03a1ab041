/** The two calls of an isolate to its upstream's object: which object is called, and what the isolate takes in of the answers. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { RosterNews } from "../../../../core/protocol/members.ts";
import type { LocationHint } from "../../../../core/protocol/object-namespace.ts";
import type { GrantedPick, Pick } from "../../../../core/protocol/pick.ts";
import { Alarm } from "../../../../worker/alarm.ts";
import { defineConfig } from "../../../../worker/config/define-config.ts";
import { HolderCalls } from "../../../../worker/objects/holder-calls.ts";
import { activeUpstream, fakeEnv, fakeUpstream } from "../fake-objects.ts";

// A call that waits sets its alarm.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const register = {
  secret: "nothing secret, for tests of registrations only",
  urls: ["http://192.0.2.0/24:8000"],
};
const config = defineConfig({
  target: "workerd",
  upstreams: {
    shop: { pools: [{ name: "home", origins: [{ name: "a", url: "http://192.0.2.1" }], register }] },
  },
  routes: [{ upstream: "shop" }],
});

const granted = (origin: string): GrantedPick => ({
  kind: "granted",
  origin,
  pool: "home",
  pinEpoch: 1,
  pin: "none",
});
const joined: RosterNews = {
  version: 3,
  members: [{ pool: "home", name: "joined", url: "http://192.0.2.9:8000" }],
};

/** The calls to an object that gives this pick and this news with every answer; and what it was sent. */
async function calling(pick?: Pick, roster?: RosterNews, region?: LocationHint) {
  const sent: unknown[] = [];
  const object = fakeUpstream({
    exchange: async (json) => {
      sent.push(JSON.parse(json));
      const reply = { epoch: 7, outcomesSeen: 0, mode: "strict", ...(pick && { pick }) };
      return JSON.stringify({ kind: "reply", reply, roster });
    },
    wait: async (json) => {
      sent.push(JSON.parse(json));
      return JSON.stringify({ pick, roster });
    },
  });
  const env = fakeEnv(object);
  const upstream = await activeUpstream(config, "shop", env);
  const holder = new Leaseholder(upstream.config, "isolate-1", seededRandom(1));
  const calls = new HolderCalls(upstream, holder, region);
  const write = () => holder.write(upstream.section.version, Date.now(), { want: { tried: [] } });
  return { calls, env, holder, sent, write };
}

const until = (client = new AbortController().signal) => ({
  alarm: new Alarm(),
  exchangeMs: 250,
  now: Date.now(),
  forMs: 5_000,
  client,
});

test("an exchange is one call to the upstream's own object, or to its region's, and is never repeated by the platform", async () => {
  for (const [region, name] of [
    [undefined, "shop"],
    ["weur", "shop@weur"],
  ] as const) {
    const { calls, env, write, sent } = await calling(granted("a"), undefined, region);
    expect((await calls.exchange(env, write())).pick).toEqual(granted("a"));
    expect(env.UPSTREAM_STATE.stubs).toMatchObject([{ name, options: { retry: { maxRetries: 0 } } }]);
    expect(sent).toMatchObject([{ holder: "isolate-1", seq: 1 }]);
  }
});

test("what an answer says is taken in by the call itself: it is true also when its request waits no more", async () => {
  const { calls, env, holder, write } = await calling();
  await calls.exchange(env, write());
  expect(holder.write({ order: 1, hash: "a" }, Date.now()).message.epoch).toBe(7);
});

test("an origin that has registered itself is known from the answer on, of either call, and later messages name the roster", async () => {
  for (const call of ["exchange", "wait"] as const) {
    const { calls, env, holder, sent, write } = await calling(granted("joined"), joined);
    const reconfigure = vi.spyOn(holder, "reconfigure");
    expect(calls.originOf(granted("joined"))).toBeUndefined();
    if (call === "exchange") await calls.exchange(env, write());
    else await calls.wait(write(), env, until());
    expect(calls.originOf(granted("joined"))?.url).toBe("http://192.0.2.9:8000");
    const [known] = reconfigure.mock.lastCall ?? [];
    expect(known?.pools[0]?.origins.map(({ name }) => name)).toEqual(["a", "joined"]);
    await calls.exchange(env, write());
    expect(sent).toMatchObject([expect.not.objectContaining({ roster: 3 }), { roster: 3 }]);
  }
});

test("an ask waits by its name alone, and ends with the object's pick", async () => {
  const { calls, env, sent, write } = await calling(granted("a"));
  const message = write();
  expect(await calls.wait(message, env, until())).toEqual({ pick: granted("a") });
  expect(sent).toEqual([{ holder: "isolate-1", seq: 1 }]);
});

test("a client that has gone ends the waiting, and the object is not called for it", async () => {
  const { calls, env, sent, write } = await calling(granted("a"));
  expect(await calls.wait(write(), env, until(AbortSignal.abort()))).toBe("client-gone");
  expect(sent).toEqual([]);
});

test("a call that fails fails for its caller, and changes nothing of what is known", async () => {
  const { calls, write } = await calling();
  const down = fakeEnv(
    fakeUpstream({
      exchange: () => Promise.reject(new Error("Network connection lost.")),
      wait: () => Promise.reject(new Error("Network connection lost.")),
    }),
  );
  await expect(calls.exchange(down, write())).rejects.toThrow("Network connection lost.");
  await expect(calls.wait(write(), down, until())).rejects.toThrow("Network connection lost.");
  expect(calls.originOf(granted("a"))?.url).toBe("http://192.0.2.1");
});
