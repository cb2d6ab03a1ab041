/** When a region's object says what to its root, and when an object forgets idle holders. */
import { describe, expect, test } from "vitest";

import {
  ObjectTasks,
  restAfterMs,
  type ObjectTask,
  type ObjectStep,
} from "../../../../core/coordinator/object-tasks.ts";
import type { SentMessage } from "../../../../core/holder/exchange-session.ts";
import { SlotLedger } from "../../../../core/ledger/slot-ledger.ts";
import type { ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { Lease } from "../../../../core/protocol/lease.ts";
import { RegionLink, type Need } from "../../../../core/region/region-link.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const shop = upstream({ regions: ["weur"], pools: [pool("home", [origin("a", { maxConns: 8 })])] });
const everyMs = 400;
const lease: Lease = {
  forMs: 10_000,
  origins: [{ origin: "a", share: 1, slots: 8, inFlight: 0, pinEpoch: 1 }],
  closed: [],
};

type Terms = Pick<ExchangeReply, "mode" | "everyMs" | "lease">;

/** A region with a root that answers as the test says, at times that the test sets. */
class Bench {
  now = 1_000_000;
  epoch = 1;
  readonly regionLink = new RegionLink(shop, "@weur/1", new SlotLedger(1, [], this.now));
  readonly tasks = new ObjectTasks({ regionLink: this.regionLink, home: { isScaledUp: false } });
  /** Requests find nothing. */
  isShort = true;

  write(need?: Need): SentMessage {
    return this.regionLink.write({ order: 1, hash: "a" }, this.now, need);
  }

  /** The root answers; whether the exchange is over. */
  answer(sent: SentMessage, terms: Terms = { mode: "leased", everyMs, lease }): boolean {
    return this.tasks.answered({ epoch: this.epoch, outcomesSeen: 0, ...terms }, sent, this.now);
  }

  ask(): ObjectTask<boolean> | undefined {
    return this.tasks.beforeAnswer(() => this.isShort, this.now);
  }

  /** A message is answered: what is to be done later, each begun. */
  afterAnswer(): { readonly task: ObjectTask; readonly first: ObjectStep | "over" }[] {
    return this.tasks.afterAnswer(this.now).map((task) => ({ task, first: this.step(task) }));
  }

  /** The task's next step, when the last one is done. */
  step(task: ObjectTask<unknown> | undefined): ObjectStep | "over" {
    if (task === undefined) return expect.fail("nothing is to be done");
    const { value, done } = task.next(this.now);
    return done === true ? "over" : value;
  }

  result(task: ObjectTask<boolean> | undefined): boolean {
    const { value, done } = task?.next(this.now) ?? {};
    if (done !== true || typeof value !== "boolean") return expect.fail("there is more to be done");
    return value;
  }
}

const join = { kind: "join" };
const asksForRoom = { kind: "exchange", need: "short" };
const renews = { kind: "exchange" };
const givesBack = { kind: "exchange", need: "quiet" };
const waits = (forMs: number) => ({ kind: "wait", forMs });

test("a root that loses its memory with every answer is told four times in one exchange, and is lost then", () => {
  const bench = new Bench();
  bench.answer(bench.write());
  expect(bench.step(bench.ask())).toEqual(asksForRoom);
  const isOver: boolean[] = [];
  while (isOver.length < 10 && isOver.at(-1) !== true) {
    bench.epoch++;
    isOver.push(bench.answer(bench.write("short"), { mode: "strict" }));
  }
  expect(isOver).toEqual([false, false, false, true]);
});

describe("before a region answers", () => {
  test("the region does not ask the root if the region has what is wanted", () => {
    const bench = new Bench();
    bench.isShort = false;
    expect(bench.ask()).toBeUndefined();
  });

  test("the region asks the root when it finds nothing, and answers when the root has answered", () => {
    const bench = new Bench();
    const task = bench.ask();
    expect(bench.step(task)).toEqual(asksForRoom);
    expect(bench.answer(bench.write("short"))).toBe(true);
    expect(bench.result(task)).toBe(true);
  });

  test("the region has no answer if the root has none, and no lease is left", () => {
    const bench = new Bench();
    const task = bench.ask();
    expect(bench.step(task)).toEqual(asksForRoom);
    bench.tasks.recordLoss(bench.write("short"));
    expect(bench.result(task)).toBe(false);
  });

  test("the region answers without the root's word while its lease lasts", () => {
    const bench = new Bench();
    bench.answer(bench.write());
    const task = bench.ask();
    expect(bench.step(task)).toEqual(asksForRoom);
    bench.tasks.recordLoss(bench.write("short"));
    expect(bench.result(task)).toBe(true);
  });

  test("there is one exchange at a time: others wait for it, and ask only if it has not helped", () => {
    const bench = new Bench();
    const first = bench.ask();
    expect(bench.step(first)).toEqual(asksForRoom);
    const [helped, not, late] = [bench.ask(), bench.ask(), bench.ask()];
    for (const task of [helped, not, late]) expect(bench.step(task)).toEqual(join);
    bench.answer(bench.write("short"));
    expect(bench.result(first)).toBe(true);
    bench.isShort = false;
    expect(bench.result(helped)).toBe(true);
    bench.isShort = true;
    expect(bench.step(not)).toEqual(asksForRoom);
    expect(bench.step(late)).toEqual(join);
    bench.answer(bench.write("short"));
    expect([bench.result(not), bench.result(late)]).toEqual([true, true]);
  });

  test("an exchange with a root that has lost its memory is over when that has been told once more", () => {
    const bench = new Bench();
    bench.answer(bench.write());
    const task = bench.ask();
    expect(bench.step(task)).toEqual(asksForRoom);
    bench.epoch = 2;
    expect(bench.answer(bench.write("short"), { mode: "strict" })).toBe(false);
    expect(bench.step(bench.ask())).toEqual(join);
    expect(bench.answer(bench.write("short"))).toBe(true);
    expect(bench.result(task)).toBe(true);
  });
});

describe("after a region has answered", () => {
  const renewalOf = (bench: Bench) => {
    const [renewal] = bench.afterAnswer().slice(-1);
    return renewal ?? expect.fail("nothing is planned");
  };

  test("the region renews its lease when that is due, once however many messages come", () => {
    const bench = new Bench();
    bench.answer(bench.write());
    bench.now += 100;
    const { task, first } = renewalOf(bench);
    expect(first).toEqual(waits(everyMs - 100));
    expect(bench.afterAnswer()).toEqual([]);
    bench.now += everyMs - 100;
    expect(bench.step(task)).toEqual(renews);
    bench.answer(bench.write());
    expect(bench.step(task)).toBe("over");
    expect(renewalOf(bench).first).toEqual(waits(everyMs));
  });

  test("the region does not renew its lease if an exchange is under way then: that renews the lease", () => {
    const bench = new Bench();
    const { task } = renewalOf(bench);
    expect(bench.step(bench.ask())).toEqual(asksForRoom);
    expect(bench.step(task)).toBe("over");
  });

  test("after a lost message it tries again within a quarter of a second, and no sooner", () => {
    const bench = new Bench();
    bench.answer(bench.write());
    bench.tasks.recordLoss(bench.write());
    expect(renewalOf(bench).first).toEqual(waits(250));
  });

  test("the lease is not renewed more often than that, whatever the root says", () => {
    const bench = new Bench();
    bench.answer(bench.write(), { mode: "leased", everyMs: 1, lease });
    expect(renewalOf(bench).first).toEqual(waits(250));
  });
});

describe("when messages have stopped", () => {
  const restOf = (bench: Bench) => {
    const [rest] = bench.afterAnswer();
    expect(rest?.first).toEqual(waits(restAfterMs));
    return rest!.task;
  };

  test("an object forgets idle holders after some seconds without any, and a region gives back its lease", () => {
    const bench = new Bench();
    const task = restOf(bench);
    bench.now += 3_000;
    bench.afterAnswer();
    bench.now += restAfterMs - 3_000;
    expect(bench.step(task)).toEqual(waits(3_000));
    bench.now += 3_000;
    expect(bench.step(task)).toEqual({ kind: "rest" });
    expect(bench.step(task)).toEqual(givesBack);
    bench.answer(bench.write("quiet"), { mode: "strict" });
    expect(bench.step(task)).toBe("over");
    restOf(bench);
  });

  test("a region that is not heard says so again", () => {
    const bench = new Bench();
    const task = restOf(bench);
    for (let nth = 0; nth < 3; nth++) {
      bench.now += restAfterMs;
      expect(bench.step(task)).toEqual({ kind: "rest" });
      expect(bench.step(task)).toEqual(givesBack);
      bench.tasks.recordLoss(bench.write("quiet"));
      expect(bench.step(task)).toEqual(waits(restAfterMs));
    }
  });

  test("a renewal that is under way does not say that no holder wants anything: that is said after it", () => {
    const bench = new Bench();
    const task = restOf(bench);
    const renewal = bench.ask();
    bench.step(renewal);
    bench.now += restAfterMs;
    expect(bench.step(task)).toEqual({ kind: "rest" });
    expect(bench.step(task)).toEqual(join);
    bench.answer(bench.write());
    expect(bench.step(task)).toEqual(givesBack);
  });

  test("a message that comes while it is said begins it anew", () => {
    const bench = new Bench();
    const task = restOf(bench);
    bench.now += restAfterMs;
    bench.step(task);
    bench.step(task);
    bench.now += 10;
    bench.afterAnswer();
    bench.answer(bench.write("quiet"), { mode: "strict" });
    expect(bench.step(task)).toEqual(waits(restAfterMs));
  });

  test("an object with instances that may not be needed looks again and again until it has none", () => {
    const object = { regionLink: undefined, home: { isScaledUp: true } };
    const [task] = new ObjectTasks(object).afterAnswer(0);
    let now = 0;
    expect(task?.next(now).value).toEqual(waits(restAfterMs));
    for (let nth = 0; nth < 3; nth++) {
      now += restAfterMs;
      expect(task?.next(now).value).toEqual({ kind: "rest" });
      object.home.isScaledUp = nth < 2;
      if (nth < 2) expect(task?.next(now).value).toEqual(waits(restAfterMs));
    }
    expect(task?.next(now).done).toBe(true);
  });

  test("the upstream's own object has no root to tell or to ask", () => {
    const tasks = new ObjectTasks({ regionLink: undefined, home: { isScaledUp: false } });
    expect(tasks.beforeAnswer(() => true, 0)).toBeUndefined();
    const [task, ...more] = tasks.afterAnswer(0);
    expect(more).toEqual([]);
    expect(task?.next(0).value).toEqual(waits(restAfterMs));
    expect(task?.next(restAfterMs).value).toEqual({ kind: "rest" });
    expect(task?.next(restAfterMs).done).toBe(true);
  });
});
