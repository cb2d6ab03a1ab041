/** An upstream with a queue, its one isolate, and what has become of the requests that waited. */
import { expect } from "vitest";

import { Coordinator } from "../../core/coordinator/coordinator.ts";
import { seededRandom } from "../../core/model/random.ts";
import type { QueueRules, Upstream } from "../../core/model/upstream.ts";
import type { WaitEnd, Want } from "../../core/protocol/pick.ts";
import type { ExchangeMessage } from "../../core/protocol/exchange.ts";
import type { Outcome } from "../../core/protocol/outcome.ts";
import { OneHolder, type Answer } from "./one-holder.ts";
import { nothingSaved } from "./saved.ts";
import { origin, pool, upstream } from "./upstream.ts";

export const now = 1_000_000;
export const rules: QueueRules = { length: 4, timeoutMs: 2_000, priority: "normal" };
export const home = pool("home", [origin("a", { maxConns: 2 })]);

export type Asked = ExchangeMessage & { readonly answer: Answer };

export class Shop {
  readonly coordinator: Coordinator;
  readonly holder: OneHolder;
  readonly waitEnds: WaitEnd[] = [];
  readonly #random = seededRandom(3);

  constructor({ pools = [home], queue = rules, ...rest }: Partial<Upstream> = {}) {
    this.coordinator = new Coordinator(upstream({ pools, queue, ...rest }), nothingSaved, now);
    this.holder = new OneHolder(this.coordinator);
  }

  /** An ask that the isolate goes on waiting for. */
  ask(at = now, want: Partial<Want> = {}): Asked {
    const message = this.holder.message(at, want);
    const answer = this.holder.deliver(message, at);
    this.waitEnds.push(...answer.waited);
    return { ...message, answer };
  }

  /** So many slots of home are taken. */
  fill(slots = 2): this {
    for (let nth = 0; nth < slots; nth++) expect(this.holder.askedFor(now)).toBe("a");
    return this;
  }

  close(at = now, from = "a"): void {
    this.waitEnds.push(...this.holder.close(from, at).waited);
  }

  report(outcomes: readonly Outcome[], at = now): void {
    this.waitEnds.push(...this.holder.report(at, outcomes).waited);
  }

  tend(at: number): WaitEnd[] {
    const { waited } = this.coordinator.tend(at, this.#random);
    this.waitEnds.push(...waited);
    return [...waited];
  }

  get length(): number | undefined {
    return this.coordinator.view(this.coordinator.now).queue?.length;
  }
}

export const kindOf = ({ answer }: Pick<Asked, "answer">) => answer.reply.pick?.kind;
