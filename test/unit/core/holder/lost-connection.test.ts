/**
 * After a lost connection an isolate does not use an origin by itself for a moment. What it was leased there is then of use to nobody, and must
 * not make the origin full for the sessions that are bound to it.
 */
import { expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { Answer } from "../../../../core/holder/answer.ts";
import type { SentMessage } from "../../../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import type { Slot } from "../../../../core/holder/open-slots.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const maxConns = 24;
const names = ["a", "b", "c", "d"];
const version = { order: 1, hash: "a" };
const boundToA: Want = { tried: [], pin: { session: "s", origin: "a", epoch: 1 } };

class Isolate {
  now = 1_000_000;
  readonly #random = seededRandom(1);
  readonly #shop = upstream({
    coordination: "auto",
    sticky: { cookie: "weir", ttlMs: 3_600_000, idleMs: 600_000, path: "/", homecoming: true },
    pools: [
      pool(
        "home",
        names.map((name) => origin(name, { maxConns })),
      ),
    ],
  });
  readonly #coordinator = new Coordinator(this.#shop, nothingSaved, this.now);
  readonly holder = new Leaseholder(this.#shop, "isolate-1", this.#random);

  /** A busy second: so many requests at a time on its origin, one after the other. */
  serve(together: number): void {
    const untilMs = this.now + 1_000;
    let open: Slot[] = [];
    for (; this.now < untilMs; this.now += 10) {
      for (const slot of open) this.holder.close(slot, this.now);
      open = this.ask(together).flatMap((answer) => (answer.kind === "granted" ? [answer.slot] : []));
    }
    for (const slot of open) this.holder.close(slot, this.now);
  }

  /** So many requests of the session, of which none knows what the others get. */
  ask(together: number): Answer[] {
    const begun = Array.from({ length: together }, () => {
      const own = this.holder.pick(boundToA, this.now);
      return own.kind === "ask" ? this.#send(boundToA) : own;
    });
    return begun.map((one) => {
      if ("kind" in one) return one as Answer;
      let answer = this.#answered(one);
      while (answer?.kind === "ask") answer = this.#answered(this.#send(answer.want ?? boundToA));
      return answer!;
    });
  }

  #send(want: Want): { readonly sent: SentMessage; readonly reply: ExchangeReply } {
    const sent = this.holder.write(version, this.now, { want });
    return { sent, reply: this.#coordinator.exchange(sent.message, this.now, this.#random).reply };
  }

  #answered({ sent, reply }: { readonly sent: SentMessage; readonly reply: ExchangeReply }) {
    this.holder.recordReply(reply, sent);
    return this.holder.answered(reply, sent, this.now);
  }
}

const slotsLentOnA = ({ holder }: Isolate): number =>
  holder.lease?.origins.find((one) => one.origin === "a")?.slots ?? 0;

test("after a lost connection a session stays where it is bound, though its isolate was leased most of that origin's slots", () => {
  const isolate = new Isolate();
  isolate.serve(16);
  expect(slotsLentOnA(isolate)).toBeGreaterThan(10);
  isolate.holder.recordOutcome({ origin: "a", ok: false, lost: true, client: 1 }, isolate.now);
  const answers = isolate.ask(20);
  expect(answers.map((answer) => answer.kind === "granted" && answer.pick)).toEqual(
    answers.map(() => expect.objectContaining({ origin: "a", pin: "kept" })),
  );
  // By count, and not only by this isolate's word: four more are all that the origin takes.
  const rest = isolate.ask(6).map((answer) => answer.kind === "granted" && answer.pick.origin === "a");
  expect(rest.filter(Boolean)).toHaveLength(maxConns - 20);
});
