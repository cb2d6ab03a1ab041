/**
 * Requests of sessions whose origin is full, at an isolate that was leased the rest of home and does not use it for a moment. The
 * object counts these slots as taken; the isolate has them.
 */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { GrantedAnswer } from "../../../../core/holder/answer.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { OriginName } from "../../../../core/model/upstream.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const version = { order: 1, hash: "a" };
const slotsEach = 4;
const full = { maxConns: slotsEach };

const shop = upstream({
  coordination: "leased",
  sticky: { cookie: "s", ttlMs: 28_800_000, idleMs: 1_800_000, path: "/", homecoming: true },
  pools: [pool("home", [origin("a", full), origin("b", full)]), pool("cloud", [origin("c")])],
});

class Site {
  readonly #coordinator = new Coordinator(shop, nothingSaved, 1_000_000);
  readonly #holder = new Leaseholder(shop, "isolate-1", seededRandom(1));
  readonly #random = seededRandom(1);
  #now = 1_000_000;

  /** All of home is in use for some seconds, so that the isolate is leased all of it. Then what is open on `idle` ends. */
  constructor(idle: OriginName) {
    const open = ["a", "b"].flatMap((name) => Array.from({ length: slotsEach }, () => this.pick(name)));
    for (let second = 0; second < 5; second++) {
      this.#now += 1_000;
      this.#exchange();
    }
    for (const { pick, slot } of open) if (pick.origin === idle) this.#holder.close(slot, this.#now);
  }

  #exchange(want?: Want): ReturnType<Leaseholder["answered"]> {
    const sent = this.#holder.write(version, this.#now, want && { want });
    const { reply } = this.#coordinator.exchange(sent.message, this.#now, this.#random);
    this.#holder.recordReply(reply, sent);
    return this.#holder.answered(reply, sent, this.#now);
  }

  /** A request of a session that is bound to the origin; asks as often as it is told to. */
  pick(boundTo: OriginName): GrantedAnswer {
    let want: Want = { tried: [], pin: { session: `of ${boundTo}`, origin: boundTo, epoch: 1 } };
    let answer: ReturnType<Leaseholder["pick" | "answered"]> = this.#holder.pick(want, this.#now);
    for (let asks = 0; answer?.kind === "ask"; asks++) {
      expect(asks).toBeLessThan(4);
      want = ("want" in answer ? answer.want : undefined) ?? want;
      answer = this.#exchange(want);
    }
    return answer?.kind === "granted" ? answer : expect.fail(`a request got ${answer?.kind}`);
  }

  /** The sessions of the origin are bound no more: their next requests are bound where they are served. */
  unbind(name: OriginName): void {
    for (const order of ["down", "up"] as const) this.#coordinator.drains.operate(name, order, this.#now);
  }

  /** Sessions that are bound to the origin by the object's word, when it has heard of all that happened. */
  sessionsOn(name: OriginName): number | null | undefined {
    this.#exchange();
    return this.#coordinator.view(this.#now).pools[0]?.origins.find((one) => one.name === name)?.sessions;
  }
}

describe("a session whose origin is full, while its isolate was leased other slots of home that it does not use", () => {
  test("is served by these slots and not by the cloud, as long as there are any, and stays bound where it was", () => {
    const site = new Site("b");
    for (let nth = 0; nth < slotsEach; nth++) {
      const { pick } = site.pick("a");
      expect(pick).toMatchObject({ origin: "b", pool: "home", pin: "elsewhere" });
      expect(pick.spill).toBeUndefined();
    }
    expect(site.pick("a").pick).toMatchObject({ pool: "cloud", spill: "peak" });
    expect([site.sessionsOn("a"), site.sessionsOn("b")]).toEqual([1, 1]);
  });

  test("is bound to one of these, and not to the cloud, if it is bound to its own no more; and the object hears of it", () => {
    const site = new Site("b");
    site.unbind("a");
    expect(site.pick("a").pick).toMatchObject({ origin: "b", pool: "home", pin: "moved" });
    expect([site.sessionsOn("a"), site.sessionsOn("b")]).toEqual([0, 2]);
  });
});
