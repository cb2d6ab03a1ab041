/** When an isolate says what, without a request of its own: what is sent, how long is waited, and who takes over. */
import { describe, expect, test } from "vitest";

import { HolderTasks, type HolderTask, type HolderStep } from "../../../../core/holder/holder-tasks.ts";
import type { SentMessage } from "../../../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import type { Slot } from "../../../../core/holder/open-slots.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { Lease } from "../../../../core/protocol/lease.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const shop = upstream({ pools: [pool("home", [origin("a", { maxConns: 8 })])] });
const { exchangeMs } = shop.timeouts;
const everyMs = 250;
const any = { tried: [] };
const lease: Lease = {
  forMs: 10_000,
  origins: [{ origin: "a", share: 1, slots: 8, inFlight: 0, pinEpoch: 1 }],
  closed: [],
};
const leased = { mode: "leased", everyMs, lease } as const;

/** A holder and its tasks, whose messages are answered as the test says, at times that the test sets. */
class Bench {
  now = 1_000_000;
  readonly holder = new Leaseholder(shop, "isolate-1", seededRandom(1));
  readonly tasks = new HolderTasks(this.holder, exchangeMs);

  send(parts: Partial<ExchangeReply> | "lost", quiet = false): void {
    const sent = this.holder.write({ order: 1, hash: "a" }, this.now, { quiet });
    this.#arrives(sent, parts);
  }

  #arrives(sent: SentMessage, parts: Partial<ExchangeReply> | "lost"): void {
    if (parts === "lost") return void this.holder.recordLoss(sent, this.now);
    const reply: ExchangeReply = { epoch: 1, outcomesSeen: 0, mode: "strict", ...parts };
    this.holder.recordReply(reply, sent);
    this.tasks.answered(reply, sent);
    this.holder.answered(reply, sent, this.now);
  }

  /** A request begins under the lease, or while the object is away. */
  open(): { readonly slot: Slot; readonly task: HolderTask | undefined } {
    const answer = this.holder.pick(any, this.now);
    if (answer.kind !== "granted") return expect.fail(`not granted, but ${answer.kind}`);
    return { slot: answer.slot, task: this.tasks.afterPick(this.now) };
  }

  /** A request ends. */
  close(slot: Slot): HolderTask | undefined {
    this.holder.close(slot, this.now);
    return this.tasks.flush(this.now);
  }

  /** A request that asked has ended. */
  endOfAsked(): HolderTask | undefined {
    const sent = this.holder.write({ order: 1, hash: "a" }, this.now, { want: any });
    const reply: ExchangeReply = {
      epoch: 1,
      outcomesSeen: 0,
      mode: "strict",
      pick: { kind: "granted", origin: "a", pool: "home", pinEpoch: 1, pin: "none" },
    };
    this.holder.recordReply(reply, sent);
    const answer = this.holder.answered(reply, sent, this.now);
    if (answer?.kind !== "granted") return expect.fail("the ask was not granted");
    return this.close(answer.slot);
  }

  /** The task's next step, when the last one is done. */
  step(task: HolderTask | undefined): HolderStep | "over" {
    if (task === undefined) return expect.fail("nothing is to be done");
    const { value, done } = task.next(this.now);
    return done === true ? "over" : value;
  }

  /** Does steps until the task is over or `forMs` have passed: the times of its messages. */
  run(task: HolderTask | undefined, forMs: number, answer: Partial<ExchangeReply> | "lost"): number[] {
    const startMs = this.now;
    const sent: number[] = [];
    for (let step = this.step(task); step !== "over"; step = this.step(task)) {
      if (step.kind === "wait") this.now += step.forMs;
      else {
        sent.push(this.now - startMs);
        this.send(answer, step.quiet);
      }
      if (this.now - startMs > forMs) break;
    }
    return sent;
  }
}

const sendsLoud = { kind: "send", quiet: false };
const sendsQuiet = { kind: "send", quiet: true };
const waits = (forMs: number) => ({ kind: "wait", forMs });

describe("without a lease", () => {
  test("the end of a request is said after five milliseconds, once, if no exchange comes", () => {
    const bench = new Bench();
    const task = bench.endOfAsked();
    expect(bench.run(task, 60_000, {})).toEqual([5]);
    expect(bench.tasks.flush(bench.now)).toBeUndefined();
  });

  test("the end rides on exchanges while they come, and nothing is sent when they have said all", () => {
    const bench = new Bench();
    const task = bench.endOfAsked();
    expect(bench.step(task)).toEqual(waits(5));
    bench.now += 5;
    bench.send({});
    expect(bench.step(task)).toEqual(waits(5));
    bench.now += 5;
    expect(bench.step(task)).toBe("over");
  });

  test("no pause in the traffic is waited for longer than a second", () => {
    const bench = new Bench();
    const task = bench.endOfAsked();
    const startMs = bench.now;
    let step = bench.step(task);
    while (step !== "over" && step.kind === "wait") {
      bench.now += step.forMs;
      bench.send({});
      bench.endOfAsked();
      step = bench.step(task);
    }
    expect(step).toEqual(sendsLoud);
    expect(bench.now - startMs).toBe(1_000);
  });

  test("one task serves all requests that end within its wait; when it has died, the next takes over", () => {
    const bench = new Bench();
    expect(bench.step(bench.endOfAsked())).toEqual(waits(5));
    expect(bench.endOfAsked()).toBeUndefined();
    bench.now += 5;
    expect(bench.endOfAsked()).toBeUndefined();
    bench.now += 5;
    expect(bench.run(bench.endOfAsked(), 60_000, {})).toEqual([5]);
  });

  test("a message that is lost is said again, when the object may be asked, and for 25 seconds only", () => {
    const bench = new Bench();
    const sent = bench.run(bench.endOfAsked(), 60_000, "lost");
    expect(sent.slice(0, 2)).toEqual([5, 1_005]);
    expect(sent.length).toBeGreaterThan(4);
    expect(sent.length).toBeLessThan(10);
    expect(sent.at(-1)).toBeLessThan(25_000);
    expect(bench.holder.hasUnsaid).toBe(true);
  });
});

describe("under a lease", () => {
  test("a request that comes when the lease is due renews it; the others before that say nothing", () => {
    const bench = new Bench();
    bench.send(leased);
    const first = bench.open().task;
    // No task keeps the lease yet: what is started is to be told.
    expect(bench.step(first)).toEqual(waits(300));
    bench.now += 100;
    expect(bench.open().task).toBeUndefined();
    bench.now += 150;
    expect(bench.step(bench.open().task)).toEqual(sendsLoud);
    expect(bench.open().task).toBeUndefined();
  });

  test("the younger task takes over, and the older one ends without a word", () => {
    const bench = new Bench();
    bench.send(leased);
    const older = bench.open().task;
    expect(bench.step(older)).toEqual(waits(300));
    bench.now += 250;
    const younger = bench.open().task;
    expect(bench.step(younger)).toEqual(sendsLoud);
    bench.send(leased);
    expect(bench.step(younger)).toEqual(waits(300));
    bench.now += 50;
    expect(bench.step(older)).toBe("over");
  });

  test("with traffic that asks for nothing, its task renews it; without any it gives it back", () => {
    const bench = new Bench();
    bench.send(leased);
    const { slot, task } = bench.open();
    expect(bench.step(task)).toEqual(waits(300));
    bench.open();
    bench.now += 300;
    expect(bench.step(task)).toEqual(sendsLoud);
    bench.send(leased);
    expect(bench.step(task)).toEqual(waits(300));
    // The end of a request waits for the renewal.
    expect(bench.close(slot)).toBeUndefined();
    bench.now += 300;
    expect(bench.step(task)).toEqual(sendsQuiet);
    bench.send({ mode: "strict" }, true);
    expect(bench.step(task)).toBe("over");
    expect(bench.holder.isLeased).toBe(false);
  });

  test("when an answer ends it, the object is told that it is over, though no request asks any more", () => {
    const bench = new Bench();
    bench.send(leased);
    const { slot, task } = bench.open();
    bench.step(task);
    bench.open();
    bench.close(slot);
    bench.now += 300;
    expect(bench.step(task)).toEqual(sendsLoud);
    bench.send({ mode: "strict" });
    expect(bench.run(task, 60_000, { mode: "strict" }).length).toBe(1);
    expect(bench.holder.hasUnsaid).toBe(false);
  });

  test("an exchange in between renews it as well", () => {
    const bench = new Bench();
    bench.send(leased);
    const { task } = bench.open();
    bench.step(task);
    bench.open();
    bench.now += 200;
    bench.send(leased);
    bench.now += 100;
    expect(bench.step(task)).toEqual(waits(300));
    expect(bench.open().task).toBeUndefined();
  });

  test("when the request that keeps the lease has died, the next one to begin or end takes over", () => {
    const bench = new Bench();
    bench.send(leased);
    const { slot, task } = bench.open();
    bench.step(task);
    bench.now += 1.2 * everyMs + exchangeMs - 1;
    expect(bench.close(slot)).toBeUndefined();
    bench.now += 1;
    expect(bench.step(bench.tasks.flush(bench.now))).toEqual(waits(300));
  });

  test("when the object is lost, what was left to the keeper is still said", () => {
    const bench = new Bench();
    bench.send(leased);
    const { slot, task } = bench.open();
    bench.step(task);
    bench.close(slot);
    bench.now += 100;
    bench.send("lost");
    bench.now += 200;
    expect(bench.step(task)).toEqual(waits(5));
    // The first answer ends the lease, and the second message confirms that.
    expect(bench.run(task, 60_000, { mode: "strict" }).length).toBe(2);
    expect(bench.holder.hasUnsaid).toBe(false);
  });
});

describe("while the object is away", () => {
  test("one message in the background finds out if it is back, and no second one until it may be answered", () => {
    const bench = new Bench();
    bench.send(leased);
    bench.send("lost");
    // What was started meanwhile is to be said, however long it takes.
    expect(bench.step(bench.open().task)).toEqual(waits(5));
    bench.now += 250;
    expect(bench.step(bench.open().task)).toEqual(sendsLoud);
    expect(bench.step(bench.open().task)).toEqual(waits(5));
    bench.now += exchangeMs;
    expect(bench.step(bench.open().task)).toEqual(sendsLoud);
  });

  test("when it is back without its memory, it is told what is still open, though no request asks any more", () => {
    const bench = new Bench();
    bench.send({});
    bench.send("lost");
    bench.now += 250;
    expect(bench.holder.pick(any, bench.now).kind).toBe("lost");
    expect(bench.run(bench.tasks.afterPick(bench.now), 60_000, { epoch: 2 })).toEqual([0, 5]);
    expect(bench.holder.hasUnsaid).toBe(false);
  });
});
