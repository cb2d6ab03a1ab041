/** An isolate that came late to a full pool is served like those that came early. */
import { expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import type { Slot } from "../../../../core/holder/open-slots.ts";
import { seededRandom, type Random } from "../../../../core/model/random.ts";
import type { Coordination, Upstream } from "../../../../core/model/upstream.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const [everyMs, tickMs] = [250, 5];
const version = { order: 1, hash: "a" };

/** An isolate that alone is sent half as much again as the pool can serve, and what it has open. */
class Busy {
  readonly holder: Leaseholder;
  readonly #coordinator: Coordinator;
  readonly #random: Random;
  #open: { readonly slot: Slot; readonly untilMs: number }[] = [];
  served = 0;

  constructor(seed: number, shop: Upstream, coordinator: Coordinator) {
    this.#random = seededRandom(seed);
    this.holder = new Leaseholder(shop, `isolate-${seed}`, this.#random);
    this.#coordinator = coordinator;
  }

  tick(now: number): void {
    for (const { slot } of this.#open.filter(({ untilMs }) => untilMs <= now)) this.holder.close(slot, now);
    this.#open = this.#open.filter(({ untilMs }) => untilMs > now);
    if (now % everyMs === 0) this.#send(now);
    for (let nth = 0; nth < 2; nth++) if (this.#random.next() < 0.6) this.#request(now);
  }

  #request(now: number): void {
    const want = { tried: [] };
    const own = this.holder.pick(want, now);
    const answer = own.kind === "ask" ? this.#send(now, want) : own;
    if (answer?.kind === "unavailable") this.holder.refused(now);
    if (answer?.kind !== "granted") return;
    this.served++;
    this.#open.push({ slot: answer.slot, untilMs: now + 50 + 100 * this.#random.next() });
  }

  #send(now: number, want?: Want) {
    const sent = this.holder.write(version, now, want && { want });
    const { reply } = this.#coordinator.exchange(sent.message, now, this.#random);
    this.holder.recordReply(reply, sent);
    return this.holder.answered(reply, sent, now);
  }
}

test.each<Coordination>(["auto", "leased"])(
  "%s: no isolate starves beside one that was there first",
  (mode) => {
    const shop = upstream({ coordination: mode, pools: [pool("home", [origin("a", { maxConns: 16 })])] });
    const start = 1_000_000;
    const coordinator = new Coordinator(shop, nothingSaved, start);
    const first = new Busy(1, shop, coordinator);
    const second = new Busy(2, shop, coordinator);
    let now = start;
    for (; now < start + 3_000; now += tickMs) first.tick(now);
    const run = (forMs: number): void => {
      for (const untilMs = now + forMs; now < untilMs; now += tickMs) {
        first.tick(now);
        second.tick(now);
      }
    };
    run(5_000);
    const [firstBefore, secondBefore] = [first.served, second.served];
    run(10_000);
    const served = [first.served - firstBefore, second.served - secondBefore];
    expect(Math.min(...served)).toBeGreaterThan(Math.max(...served) / 2);
  },
);
