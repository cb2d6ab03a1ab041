/** After the object has lost its memory it assumes the most: no request is turned away for that, and soon it knows again. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { Answer } from "../../../../core/holder/answer.ts";
import { abandonedAfterMs } from "../../../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { OnCoordinatorLoss, Pool } from "../../../../core/model/upstream.ts";
import type { ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { Pick } from "../../../../core/protocol/pick.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const version = { order: 1, hash: "a" };
const home = pool("home", [origin("a", { maxConns: 4 })]);
const want = { tried: [] };

/** An object that has just come to life, and was left word that another isolate may have so many slots on `a`. */
function revived(pools: readonly Pool[], slots: number): Coordinator {
  const saved = { ...nothingSaved, epoch: 2 };
  const ceiling = { holder: "another", untilMs: now + 60_000, slots: { a: slots } };
  const ceilings = new Map([[ceiling.holder, ceiling]]);
  return new Coordinator(upstream({ pools }), { ...saved, ceilings }, now);
}

function holderOf(pools: readonly Pool[], onCoordinatorLoss: OnCoordinatorLoss): Leaseholder {
  return new Leaseholder(upstream({ pools, onCoordinatorLoss }), "one", seededRandom(1));
}

function ask(
  holder: Leaseholder,
  coordinator: Coordinator,
): { pick: Pick | undefined; answer: Answer | undefined } {
  const sent = holder.write(version, now, { want });
  const { reply } = coordinator.exchange(sent.message, now, seededRandom(2));
  holder.recordReply(reply, sent);
  const answer = holder.answered(reply, sent, now);
  return { pick: reply.pick, answer: answer?.kind === "ask" ? undefined : answer };
}

describe("a pool that is full only by what the object assumes", () => {
  test("is exceeded where the config says so, and the excess is told", () => {
    const { pick, answer } = ask(holderOf([home], "exceed"), revived([home], 4));
    expect(pick).toEqual({ kind: "unavailable", why: "full", assumed: true });
    expect(answer).toMatchObject({
      kind: "granted",
      mode: "fail-static",
      pick: { origin: "a", excess: true },
    });
  });

  test("refuses where the config would rather refuse: for want of the object, not of slots", () => {
    expect(ask(holderOf([home], "refuse"), revived([home], 4)).answer).toEqual({ kind: "lost" });
  });

  test("spills where there is a later pool", () => {
    const pools = [home, pool("cloud", [origin("c")])];
    expect(ask(holderOf(pools, "exceed"), revived(pools, 4)).answer).toMatchObject({
      kind: "granted",
      mode: "strict",
      pick: { origin: "c", spill: "peak" },
    });
  });

  test("is full like any other once what is known fills it", () => {
    const coordinator = revived([home], 1);
    const holder = holderOf([home], "exceed");
    for (let slot = 0; slot < 3; slot++) expect(ask(holder, coordinator).answer?.kind).toBe("granted");
    expect(ask(holder, coordinator).pick).toHaveProperty("assumed", true);
    const declared = { holder: "another", seq: 1, epoch: 2, held: [{ origin: "a", open: 1, forMs: 60_000 }] };
    const message = { ...declared, config: version, awaiting: [1], outcomes: [], outcomesFrom: 0 };
    coordinator.exchange(message, now, seededRandom(2));
    expect(ask(holder, coordinator).answer).toEqual({ kind: "unavailable", why: "full" });
  });
});

test.each(["exceed", "refuse"] as const)(
  "an ask whose answer comes when it was given up is made again, with `%s`",
  (loss) => {
    const holder = holderOf([home], loss);
    const late = now + abandonedAfterMs;
    for (const pick of ["withdrawn", "granted"] as const) {
      const sent = holder.write(version, now, { want });
      holder.write(version, late);
      const reply = {
        epoch: 1,
        outcomesSeen: 0,
        mode: "strict",
        pick:
          pick === "withdrawn"
            ? { kind: pick }
            : { kind: pick, origin: "a", pool: "home", pinEpoch: 1, pin: "none" },
      } satisfies ExchangeReply;
      holder.recordReply(reply, sent);
      expect(holder.answered(reply, sent, late)).toEqual({ kind: "ask" });
    }
  },
);
