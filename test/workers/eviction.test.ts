/** What an upstream's object must still know after it lost its memory, and that a prober's clock survives too. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";

import type { ConfigSection } from "../../core/protocol/config-section.ts";
import type { ExchangeMessage } from "../../core/protocol/exchange.ts";
import type { ExchangeResult } from "../../core/protocol/upstream-object.ts";
import type { WeirUpstream } from "../../durable-objects/weir-upstream.ts";
import { patienceMs } from "../support/patience.ts";
import config from "./weir.config.ts";

function section(name: string, upstream: keyof typeof config.upstreams, order = 1): ConfigSection {
  const raw = structuredClone(config.upstreams[upstream]);
  return { version: { order, hash: `${upstream}-${order}` }, name, target: "workerd", raw };
}

/** One message and its answer, as the isolate sends them. */
async function exchange(
  stub: DurableObjectStub<WeirUpstream>,
  sent: ExchangeMessage,
  at?: ConfigSection,
): Promise<ExchangeResult> {
  return JSON.parse(await stub.exchange(JSON.stringify(sent), at));
}

function message(at: ConfigSection, seq: number, more: Partial<ExchangeMessage> = {}): ExchangeMessage {
  return {
    holder: "one",
    seq,
    epoch: 0,
    config: at.version,
    held: [],
    awaiting: [seq],
    outcomes: [],
    outcomesFrom: 0,
    want: { tried: [] },
    ...more,
  };
}

describe.concurrent("WeirUpstream, evicted in the middle of traffic", () => {
  test("an object that does not know the config asks for it, and then knows it for good", async () => {
    const at = section("learns", "shop");
    const stub = env.UPSTREAM_STATE.getByName("learns");
    expect((await exchange(stub, message(at, 1))).kind).toBe("section-needed");
    expect((await exchange(stub, message(at, 1), at)).kind).toBe("reply");
    await evictDurableObject(stub);
    expect((await exchange(stub, message(at, 2))).kind).toBe("reply");
  });

  test("slots in use are not given twice", async () => {
    const at = section("slots", "shop");
    const stub = env.UPSTREAM_STATE.getByName("slots");
    const home: string[] = [];
    for (let seq = 1; seq <= 4; seq++) {
      const result = await exchange(stub, message(at, seq, { holder: `isolate-${seq}` }), at);
      if (result.kind === "reply" && result.reply.pick?.kind === "granted") home.push(result.reply.pick.pool);
    }
    expect(home).toEqual(["home", "home", "home", "home"]);
    await evictDurableObject(stub);
    const next = await exchange(stub, message(at, 1, { holder: "another" }));
    expect(next).toHaveProperty("reply.pick.pool", "cloud");
    expect(next).toHaveProperty("reply.pick.spill", "peak");
  });

  test("a drain, a verdict, and the pin epoch of an origin that was down survive", async () => {
    const at = section("survives", "probed");
    const stub = env.UPSTREAM_STATE.getByName("survives");
    await stub.probed(at, [{ origin: "a", good: false, evidence: "connection refused" }]);
    await stub.operate(at, "b", "down");
    await stub.operate(at, "b", "drain");
    await evictDurableObject(stub);
    const view = await stub.view(at);
    expect(view?.pools[0]?.origins).toMatchObject([
      { name: "a", health: "unhealthy", available: false },
      { name: "b", operator: "draining", available: false },
    ]);
    // Bound before it was down: no longer bound.
    const pin = { session: "s", origin: "b", epoch: 1 };
    const bound = await exchange(stub, message(at, 1, { want: { tried: [], pin } }));
    expect(bound).not.toHaveProperty("reply.pick.pin", "kept");
  });

  test("a session that came back is still counted, so that a drain knows what it waits for", async () => {
    const at = section("sticky", "shop");
    const stub = env.UPSTREAM_STATE.getByName("sticky");
    const pin = { session: "s", origin: "b", epoch: 1 };
    expect(await exchange(stub, message(at, 1, { want: { tried: [], pin } }), at)).toHaveProperty(
      "reply.pick.pin",
      "kept",
    );
    await evictDurableObject(stub);
    const view = await stub.view(at);
    expect(view?.pools[0]?.origins.map(({ sessions }) => sessions)).toEqual([0, 1]);
  });

  test("bad probes count on across evictions: an idle object must not need them all in one life", async () => {
    const at = section("slow-fall", "probed");
    const raw = { ...config.upstreams["probed"], health: { fall: 3 } };
    const patient = { ...at, raw };
    const stub = env.UPSTREAM_STATE.getByName("slow-fall");
    for (let round = 0; round < 3; round++) {
      await stub.probed(patient, [{ origin: "a", good: false, evidence: "timeout" }]);
      await evictDurableObject(stub);
    }
    const view = await stub.view(patient);
    expect(view?.pools[0]?.origins[0]?.health).toBe("unhealthy");
  });

  test("the object counts what it is billed for, from 0 in each life", async () => {
    const at = section("billed", "shop");
    const stub = env.UPSTREAM_STATE.getByName("billed");
    await exchange(stub, message(at, 1), at);
    const first = await stub.view(at);
    // Its config, its epoch, and the ceiling of the one holder.
    expect(first).toMatchObject({ exchanges: 1, rowsWritten: 3, burst: null });
    const { want: _, ...onlyNews } = message(at, 2, { awaiting: [] });
    await exchange(stub, onlyNews);
    expect(await stub.view(at)).toMatchObject({ exchanges: 2, rowsWritten: 3, rowsRead: first?.rowsRead });
    await evictDurableObject(stub);
    // The epoch is written anew; config, epoch, burst, order and ceiling are read.
    expect(await stub.view(at)).toMatchObject({ exchanges: 0, rowsWritten: 1, rowsRead: 6 });
  });

  test("the object never goes back to an older configuration, also not after an eviction", async () => {
    const newer = section("versions", "shop", 2);
    const older = section("versions", "shop", 1);
    const stub = env.UPSTREAM_STATE.getByName("versions");
    await exchange(stub, message(newer, 1), newer);
    await evictDurableObject(stub);
    expect((await exchange(stub, message(older, 2), older)).kind).toBe("reply");
    await runInDurableObject(stub, (_, state) => {
      expect(state.storage.kv.get("section")).toHaveProperty("version.order", 2);
    });
  });

  test("a budget that is used up stays so, and what is spent is persisted in a few rows", async () => {
    const at = section("paid", "paid");
    const stub = env.UPSTREAM_STATE.getByName("paid");
    let granted = 0;
    const ask = async (seq: number): Promise<unknown> => {
      const result = await exchange(stub, message(at, seq, { holder: `isolate-${seq}` }), at);
      const pick = result.kind === "reply" ? result.reply.pick : undefined;
      if (pick?.kind === "granted" && pick.pool === "cloud") granted++;
      return pick;
    };
    for (let seq = 1; seq <= 401; seq++) await ask(seq);
    expect(granted).toBe(400);
    // The config, the epoch, a ceiling for each isolate; and a reserve now and then.
    const rows = (await stub.view(at))?.rowsWritten ?? 0;
    expect(rows - 2 - 401).toBeLessThan(50);
    await evictDurableObject(stub);
    const spent = (await stub.view(at))?.pools[1]?.budget?.moneyPerDay?.spent ?? 0;
    // At most a 64th of the budget is taken for spent though it was not.
    expect(spent).toBeGreaterThanOrEqual(40);
    expect(spent).toBeLessThanOrEqual(40 + 100 / 64);
    for (let seq = 402; seq <= 1_100; seq++) await ask(seq);
    expect(granted).toBeLessThanOrEqual(1_000);
    expect(granted).toBeGreaterThanOrEqual(1_000 * (1 - 1 / 64));
    await evictDurableObject(stub);
    expect(await ask(1_101)).toMatchObject({ kind: "unavailable", why: "budget", pool: "cloud" });
  });

  test("no secret is stored: the section is kept as it was written", async () => {
    const at = section("raw", "shop");
    const stub = env.UPSTREAM_STATE.getByName("raw");
    await exchange(stub, message(at, 1), at);
    await runInDurableObject(stub, (_, state) => {
      expect(JSON.stringify(state.storage.kv.get("section"))).toContain("${ENV:ORIGIN_A}");
    });
  });
});

describe.concurrent("WeirProber", () => {
  test("a round probes every origin, tells the upstream's object, and arms the next one", async () => {
    const at = section("round", "probed");
    const prober = env.PROBER.getByName("round");
    expect(await prober.watch(at)).toBeUndefined();
    expect(await runDurableObjectAlarm(prober)).toBe(true);
    expect((await prober.watch(at))?.results).toMatchObject([
      { origin: "a", good: true },
      { origin: "b", good: true },
    ]);
    const view = await env.UPSTREAM_STATE.getByName("round").view(at);
    expect(view?.pools[0]?.origins.map(({ health }) => health)).toEqual(["healthy", "healthy"]);
    await runInDurableObject(prober, async (_, state) => {
      expect(await state.storage.getAlarm()).not.toBeNull();
    });
  });

  test("a lost alarm is armed again by the watchdog's call", async () => {
    const at = section("lost", "probed");
    const prober = env.PROBER.getByName("lost");
    await prober.watch(at);
    await runInDurableObject(prober, (_, state) => state.storage.deleteAlarm());
    await prober.watch(at);
    await runInDurableObject(prober, async (_, state) => {
      expect(await state.storage.getAlarm()).not.toBeNull();
    });
  });

  test("an evicted prober goes on with what it knew", async () => {
    const at = section("evicted", "probed");
    const prober = env.PROBER.getByName("evicted");
    await prober.watch(at);
    await evictDurableObject(prober);
    expect(await runDurableObjectAlarm(prober)).toBe(true);
    expect((await prober.watch(at))?.results).toHaveLength(2);
  });
});

describe.concurrent("a burst, evicted at every step", () => {
  const probe = (at: ConfigSection) =>
    env.UPSTREAM_STATE.getByName(at.name).probed(at, [{ origin: "a", good: true, evidence: "200" }]);

  async function stateOf(at: ConfigSection) {
    return (
      (await env.UPSTREAM_STATE.getByName(at.name).view(at))?.burst ??
      expect.fail("the upstream has no burst")
    );
  }

  /** Home full until it is a burst. Each message is one more, and says that both slots are still in use. */
  async function fillUntilBursting(at: ConfigSection): Promise<void> {
    const stub = env.UPSTREAM_STATE.getByName(at.name);
    const held = [{ origin: "a", open: 2, forMs: 10_000 }];
    let seq = 0;
    await vi.waitFor(
      async () => {
        const { want: _, ...word } = message(at, (seq += 1), { awaiting: [], held });
        await exchange(stub, word, at);
        expect((await stateOf(at)).state).toBe("bursting");
      },
      { timeout: patienceMs, interval: 100 },
    );
    const { want: _, ...word } = message(at, seq + 1, { awaiting: [] });
    await exchange(stub, word, at);
  }

  test("the object is still in the burst, with its evidence; and writes it on transitions, not with messages", async () => {
    // Longer than any test: nothing but the eviction could end it.
    const burst = { enter: { utilisation: 0.5, for: "1s" }, minHold: "1h" };
    const at = {
      ...section("burst-survives", "bursting"),
      raw: { ...config.upstreams["bursting"], burst },
    };
    const stub = env.UPSTREAM_STATE.getByName(at.name);
    await fillUntilBursting(at);
    const before = await stateOf(at);
    expect(before.evidence).toMatch(/^utilisation .*, at or above 0\.5 for /);
    await evictDurableObject(stub);
    expect(await stateOf(at)).toMatchObject({
      state: "bursting",
      sinceMs: before.sinceMs,
      evidence: before.evidence,
    });
  });

  test("and returns by its probes alone; then a session of the cloud comes home", async () => {
    const at = section("burst-returns", "bursting");
    const stub = env.UPSTREAM_STATE.getByName(at.name);
    await fillUntilBursting(at);
    const { sinceMs } = await stateOf(at);
    // A quiet object forgets its holders before the platform takes its memory; until then home may be in use.
    await vi.waitFor(
      () =>
        runInDurableObject(stub, (_, state) => {
          expect([...state.storage.kv.list({ prefix: "ceiling/" })]).toEqual([]);
        }),
      { timeout: patienceMs, interval: 100 },
    );
    await vi.waitFor(
      async () => {
        await evictDurableObject(stub);
        await probe(at);
        expect((await stateOf(at)).state).toBe("home");
      },
      { timeout: patienceMs, interval: 200 },
    );
    const pin = { session: "s", origin: "c", epoch: 1, begunMs: sinceMs };
    let seq = 0;
    // An object that has lost its memory takes home for full until it has heard otherwise.
    await vi.waitFor(
      async () => {
        const answer = await exchange(
          stub,
          message(at, (seq += 1), { holder: "two", want: { tried: [], pin } }),
        );
        expect(answer).toMatchObject({ reply: { pick: { origin: "a", pin: "moved" } } });
      },
      { timeout: patienceMs, interval: 300 },
    );
    expect(await stateOf(at)).toMatchObject({ sessionsMoved: 1 });
  });
});
