/**
 * What an isolate's last request before a silence tells the object. No later message says the rest, and what the
 * object does not know to be over it counts, for as long as a request may last.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { ExchangeMessage } from "../../../../core/protocol/exchange.ts";
import { applyRows, openState } from "../../../../core/coordinator/saved-state.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import { Alarm } from "../../../../worker/alarm.ts";
import { defineConfig } from "../../../../worker/config/define-config.ts";
import type { RequestIo } from "../../../../worker/objects/request-io.ts";
import { UpstreamClient, type PickAnswer } from "../../../../worker/objects/upstream-client.ts";
import { RowsInMemory } from "../../../../sim/strategies/weir/exchanges/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";
import { activeUpstream, fakeEnv, fakeUpstream } from "../fake-objects.ts";

const limited = upstream({ pools: [pool("home", [origin("a", { maxConns: 1 })])] });

const config = defineConfig({
  target: "workerd",
  upstreams: {
    shop: {
      pools: [{ name: "home", origins: [{ name: "a", url: "http://192.0.2.1", maxConns: 1 }] }],
      coordination: "strict",
      onCoordinatorLoss: "refuse",
      queue: false,
      timeouts: { exchange: "250ms" },
    },
  },
  routes: [{ upstream: "shop" }],
});

/** The upstream's object: it can lose its memory, and its answers can be late. */
class FakeObject {
  lateMs = 0;
  isGone = false;
  readonly #store = new RowsInMemory();
  #coordinator = this.#wakeUp();

  readonly env = fakeEnv(fakeUpstream({ exchange: (json) => this.#exchange(json) }));

  async #exchange(json: string): Promise<string> {
    if (this.isGone) throw new Error("the object is gone");
    const message: ExchangeMessage = JSON.parse(json);
    const { reply, rows } = this.#coordinator.exchange(message, Date.now(), seededRandom(1));
    applyRows(this.#store, rows);
    if (this.lateMs > 0) await new Promise((resolve) => setTimeout(resolve, this.lateMs));
    return JSON.stringify({ kind: "reply", reply });
  }

  forget(): void {
    this.#coordinator = this.#wakeUp();
  }

  get inUse(): number {
    this.#coordinator.view(Date.now());
    return this.#coordinator.statusOf("a").inFlight;
  }

  #wakeUp(): Coordinator {
    const now = Date.now();
    return new Coordinator(limited, openState(this.#store, { now }), now);
  }
}

let object: FakeObject;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "log").mockReturnValue();
  object = new FakeObject();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function startIsolate(name: string) {
  const client = new UpstreamClient(await activeUpstream(config, "shop", object.env), name);
  const later: Promise<unknown>[] = [];
  const request = async (): Promise<PickAnswer> => {
    const io: RequestIo = {
      env: object.env,
      waitUntil: (work) => void later.push(work),
      alarm: new Alarm(),
      deadlineMs: Date.now() + 30_000,
      clientSignal: () => new AbortController().signal,
    };
    const picked = Promise.resolve(client.pick({ tried: [] }, io, Date.now()));
    await vi.advanceTimersByTimeAsync(1_000);
    return picked;
  };
  const finish = (answer: PickAnswer): void => {
    if (answer.kind !== "granted") expect.unreachable();
    client.holder.close(answer.slot, Date.now());
    later.push(client.flush(object.env, Date.now()) ?? Promise.resolve());
  };
  return { request, finish };
}

/** Less than any request's time, and more than messages need. */
const shortly = (): Promise<unknown> => vi.advanceTimersByTimeAsync(5_000);

test("a slot that was granted too late is free again, though no other request comes", async () => {
  const { request } = await startIsolate("isolate-1");
  object.lateMs = 600;
  expect((await request()).kind).toBe("lost");
  object.lateMs = 0;
  await shortly();
  expect(object.inUse).toBe(0);
});

test("an isolate whose ask died with the object's memory tells the next incarnation that it has nothing, though no other request comes", async () => {
  const { request, finish } = await startIsolate("isolate-1");
  finish(await request());
  await vi.advanceTimersByTimeAsync(100);
  object.isGone = true;
  expect((await request()).kind).toBe("lost");
  object.isGone = false;
  object.forget();
  // It may have what it had.
  expect(object.inUse).toBe(1);
  await shortly();
  expect(object.inUse).toBe(0);
});
