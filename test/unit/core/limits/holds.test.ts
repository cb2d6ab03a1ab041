/** Limits on requests that are open at a time: what the fleet has open, whatever becomes of messages; and what comes back. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Holding } from "../../../../core/clients/held.ts";
import { HoldGate, renewedEveryMs, type HoldWords } from "../../../../core/limits/hold-gate.ts";
import { HoldKeeper } from "../../../../core/limits/hold-keeper.ts";
import { holdLifeMs, type HoldAsk } from "../../../../core/protocol/concurrency.ts";

const most = 5;
const long = { untilMs: 1e9 };

interface UnderWay {
  readonly isolate: number;
  readonly words: HoldWords;
  readonly sentMs: number;
  readonly asking?: Holding;
}

/** Isolates, an object, and messages that are delivered, in whatever order, when a test says so. */
class Fleet {
  now = 1_000;
  readonly gates = [0, 1, 2].map(() => new HoldGate(most));
  readonly open = this.gates.map((): Holding[] => []);
  readonly #keeper = new HoldKeeper();
  #underWay: UnderWay[] = [];

  get all(): number {
    return this.open.flat().length;
  }

  come(isolate: number): void {
    const gate = this.gates[isolate] ?? expect.unreachable();
    const holding = gate.take(long, this.now);
    if (holding !== undefined) return void this.open[isolate]?.push(holding);
    const asked = gate.ask(this.now + 1_000, this.now);
    if (asked !== undefined) this.#underWay.push({ isolate, sentMs: this.now, ...asked });
  }

  leave(isolate: number): void {
    const holding = this.open[isolate]?.shift();
    if (holding !== undefined) this.gates[isolate]?.giveBack(holding);
  }

  tell(isolate: number): void {
    const words = this.gates[isolate]?.news(this.now);
    if (words !== undefined) this.#underWay.push({ isolate, words, sentMs: this.now });
  }

  /** One of the messages arrives, and its answer, unless one of them is lost. */
  deliver(which: number, lost: "message" | "answer" | "none" = "none"): void {
    const [message] = this.#underWay.splice(which % Math.max(1, this.#underWay.length), 1);
    if (message === undefined) return;
    const { isolate, words, sentMs, asking } = message;
    const gate = this.gates[isolate] ?? expect.unreachable();
    const ask: HoldAsk = { kind: "hold", key: [1, 2], most, holder: String(isolate), ...words };
    const reply = lost === "message" ? undefined : this.#keeper.answer(ask, this.now);
    if (asking !== undefined) gate.asked(asking);
    if (reply === undefined || lost === "answer") return;
    gate.answered(reply, words, sentMs, this.now);
    const holding = asking && gate.take(long, this.now);
    if (holding !== undefined) this.open[isolate]?.push(holding);
  }
}

const isolates = fc.nat(2);
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom("come" as const, "leave" as const, "tell" as const), isolate: isolates }),
    fc.record({
      do: fc.constant("deliver" as const),
      which: fc.nat(20),
      lost: fc.constantFrom(
        "none" as const,
        "none" as const,
        "none" as const,
        "message" as const,
        "answer" as const,
      ),
    }),
    fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(1, 150) }),
  ),
  { maxLength: 120 },
);

describe("a fleet", () => {
  test("never has more open than the limit, whatever messages are lost or overtake each other", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const fleet = new Fleet();
        for (const step of taken) {
          if (step.do === "deliver") fleet.deliver(step.which, step.lost);
          else if (step.do === "pass") fleet.now += step.ms;
          else fleet[step.do](step.isolate);
          expect(fleet.all).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("serves all that the limit allows, by one isolate after the other", () => {
    const fleet = new Fleet();
    for (const isolate of [0, 0, 1, 1, 1, 2]) {
      fleet.come(isolate);
      fleet.deliver(0);
    }
    expect(fleet.open.map(({ length }) => length)).toEqual([2, 3, 0]);
    fleet.leave(0);
    fleet.tell(0);
    fleet.deliver(0);
    fleet.now += 150;
    fleet.come(2);
    fleet.deliver(0);
    expect(fleet.open.map(({ length }) => length)).toEqual([1, 3, 1]);
  });
});

test("a place that a request has left serves the next one of the isolate without a message, until it is given back", () => {
  const fleet = new Fleet();
  fleet.come(0);
  fleet.deliver(0);
  fleet.leave(0);
  fleet.come(0);
  expect(fleet.all).toBe(1);
});

describe("an isolate of which nothing is heard", () => {
  const ask = (holder: string, nth: number, open: number, want: number): HoldAsk => ({
    kind: "hold",
    key: [1, 2],
    most,
    holder,
    nth,
    open,
    want,
  });

  test("loses what it had when its time is over, and others get it", () => {
    const keeper = new HoldKeeper();
    expect(keeper.answer(ask("lost", 1, 0, 5), 0)).toEqual({ may: 5 });
    expect(keeper.answer(ask("other", 1, 0, 1), holdLifeMs - 1)).toEqual({ may: 0 });
    expect(keeper.answer(ask("other", 2, 0, 1), holdLifeMs)).toEqual({ may: 1 });
  });

  test("has what it says when an object without memory hears of it", () => {
    const keeper = new HoldKeeper();
    keeper.answer(ask("other", 1, 0, 3), 0);
    expect(keeper.answer(ask("back", 7, 4, 5), 0)).toEqual({ may: 4 });
    expect(keeper.answer(ask("other", 2, 1, 3), 0)).toEqual({ may: 1 });
  });
});

test("open requests are told again before their time is over, and then only", () => {
  const fleet = new Fleet();
  fleet.come(0);
  fleet.deliver(0);
  const gate = fleet.gates[0] ?? expect.unreachable();
  expect(gate.news(fleet.now + renewedEveryMs - 1)).toBeUndefined();
  expect(gate.news(fleet.now + renewedEveryMs)).toEqual({ nth: 2, open: 1, want: 1 });
  expect(renewedEveryMs).toBeLessThan(holdLifeMs / 2);
});
