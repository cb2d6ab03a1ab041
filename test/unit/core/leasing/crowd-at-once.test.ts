/**
 * A crowd that comes to one isolate at once: all its asks are under way before the first answer is there. What the isolate is leased
 * with that answer is counted by the object while it answers the others, so these must find their way to it.
 */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { Answer, AskAgain } from "../../../../core/holder/answer.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import type { Slot } from "../../../../core/holder/open-slots.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { OriginName, Upstream } from "../../../../core/model/upstream.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const version = { order: 1, hash: "a" };
const slotsEach = 8;
const homeSlots = 3 * slotsEach;

const shop = (coordination: Upstream["coordination"]): Upstream =>
  upstream({
    coordination,
    sticky: { cookie: "s", ttlMs: 28_800_000, idleMs: 1_800_000, path: "/", homecoming: true },
    pools: [
      pool(
        "home",
        ["a", "b", "c"].map((name) => origin(name, { maxConns: slotsEach })),
      ),
      pool("cloud", [origin("d", { maxConns: 100 })]),
    ],
  });

class Shop {
  readonly #coordinator: Coordinator;
  readonly #holder: Leaseholder;
  readonly #random = seededRandom(1);
  readonly #open: Slot[] = [];
  #now = 1_000_000;

  constructor(config: Upstream) {
    this.#coordinator = new Coordinator(config, nothingSaved, this.#now);
    this.#holder = new Leaseholder(config, "isolate-1", this.#random);
  }

  /**
   * So many requests at one moment; `boundTo`: of sessions that are bound to these origins, in turn. Returns how many are served by
   * each pool, and how many messages that took.
   */
  crowd(
    count: number,
    boundTo: readonly OriginName[] = [],
  ): { home: number; cloud: number; messages: number } {
    const seen = { home: 0, cloud: 0, messages: -this.#holder.messages };
    let wants: Want[] = Array.from({ length: count }, (_, nth) => {
      const bound = boundTo[nth % boundTo.length];
      return {
        tried: [],
        ...(bound !== undefined && { pin: { session: `${nth}`, origin: bound, epoch: 1 } }),
      };
    });
    for (let round = 0; wants.length > 0; round++) {
      expect(round, "an ask is sent back twice at most").toBeLessThan(4);
      wants = this.#round(wants, (pool) => seen[pool]++);
    }
    seen.messages += this.#holder.messages;
    return seen;
  }

  /** All messages arrive before the first answer does. Returns what has to be asked again. */
  #round(wants: readonly Want[], serve: (pool: "home" | "cloud") => void): Want[] {
    const messages = wants.flatMap((want) => {
      const own = this.#holder.pick(want, this.#now);
      if (own.kind === "ask") return [this.#holder.write(version, this.#now, { want })];
      this.#take(own, serve);
      return [];
    });
    const replies = messages.map((sent) => this.#coordinator.exchange(sent.message, this.#now, this.#random));
    return messages.flatMap((sent, index) => {
      const { reply } = replies[index]!;
      this.#holder.recordReply(reply, sent);
      const answer = this.#holder.answered(reply, sent, this.#now);
      if (answer?.kind !== "ask") {
        this.#take(answer, serve);
        return [];
      }
      return [answer.want ?? sent.message.want ?? { tried: [] }];
    });
  }

  #take(
    answer: Answer | AskAgain | undefined | ReturnType<Leaseholder["pick"]>,
    serve: (pool: "home" | "cloud") => void,
  ): void {
    if (answer?.kind !== "granted") return expect.fail(`a request got ${answer?.kind}`);
    this.#open.push(answer.slot);
    serve(answer.pick.pool === "home" ? "home" : "cloud");
  }

  /** All requests end after a second, the object hears of it, and it is quiet for a while. */
  endAll(): void {
    this.#now += 1_000;
    for (const slot of this.#open.splice(0)) this.#holder.close(slot, this.#now);
    const sent = this.#holder.write(version, this.#now);
    const { reply } = this.#coordinator.exchange(sent.message, this.#now, this.#random);
    this.#holder.recordReply(reply, sent);
    this.#holder.answered(reply, sent, this.#now);
    this.#now += 2_000;
  }
}

/** Crowds of any size, with time between them. */
const crowds = [60, 60, 10, 60, 24, 25, 5, 40, 60, 60];

/** How many of each crowd are served at home. */
function servedAtHome(coordination: Upstream["coordination"], boundTo?: readonly OriginName[]): number[] {
  const one = new Shop(shop(coordination));
  return crowds.map((count) => {
    const { home, cloud } = one.crowd(count, boundTo);
    expect(home + cloud).toBe(count);
    one.endAll();
    return home;
  });
}

describe("a crowd that comes at once fills home, whatever was leased meanwhile, and no more of it goes elsewhere", () => {
  const full = crowds.map((count) => Math.min(count, homeSlots));

  test.each(["auto", "strict"] as const)("%s", (coordination) => {
    expect(servedAtHome(coordination)).toEqual(full);
  });

  test.each(["auto", "strict"] as const)(
    "%s: also of sessions, wherever at home they are bound",
    (coordination) => {
      for (const boundTo of [["a"], ["a", "b", "c"], ["b", "b", "a"]])
        expect(servedAtHome(coordination, boundTo)).toEqual(full);
    },
  );

  test("leased, where a slot is always leased for what may come next: but for one slot", () => {
    for (const [nth, home] of servedAtHome("leased").entries()) {
      expect(home).toBeLessThanOrEqual(full[nth]!);
      expect(home).toBeGreaterThanOrEqual(full[nth]! - 1);
    }
  });
});

test("only as many asks are sent back as there are idle slots to go back to", () => {
  const one = new Shop(shop("auto"));
  for (let crowd = 0; crowd < 6; crowd++) {
    expect(one.crowd(60).messages).toBeLessThanOrEqual(60 + homeSlots);
    one.endAll();
  }
});
