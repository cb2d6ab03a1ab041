/**
 * What the object says of pools that look full although there may be room: because of slots that perhaps no holder has
 * (`doubtful.ts`), or that are lent and lie idle for a moment.
 */
import { doubtfulSlots, type LostAnswers } from "../ledger/doubtful.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { Millis, Origin, Pool, PoolName } from "../model/upstream.ts";
import type { ExchangeMessage } from "../protocol/exchange.ts";
import type { Doubt } from "../protocol/pick.ts";
import type { LeasingView } from "./leasing-view.ts";
import { troubleMs } from "./pace.ts";

/** In trouble, a holder that has not been heard of for so many exchanges' time is one that leaves the object alone. */
const silentAfter = 2.5;

export class Doubts {
  readonly #ledger: SlotLedger;
  /** When a holder was heard last that had had to go on without the object. */
  #troubledMs: Millis = -Infinity;

  constructor(ledger: SlotLedger) {
    this.#ledger = ledger;
  }

  /** Takes note of a message. */
  recordMessage({ recovering }: Pick<ExchangeMessage, "recovering">, now: Millis): void {
    if (recovering === true) this.#troubledMs = now;
  }

  /** Whether any pool might have room all the same, though all are full. `everyMs`: the time between two exchanges of a leased holder. */
  of(pools: readonly Pool[], view: LeasingView, everyMs: Millis): Doubt {
    return Object.assign({}, ...pools.map(({ name, origins }) => this.ofPool(name, origins, view, everyMs)));
  }

  /** The same of one pool, and these origins of it. */
  ofPool(pool: PoolName, origins: readonly Origin[], view: LeasingView, everyMs: Millis): Doubt {
    let { assumed, idle } = view.closedPool(pool) ?? {};
    const full = origins.filter((origin) => this.#ledger.totals.taken(origin.name) >= view.limitOf(origin));
    // It looks at all holders, so once for all origins.
    const doubtful = full[0] && doubtfulSlots(this.#ledger, this.#troubleAt(view.now, everyMs), view.now);
    for (const origin of full) {
      const limit = view.limitOf(origin);
      if (this.#ledger.totals.taken(origin.name) - (doubtful?.get(origin.name) ?? 0) < limit) assumed = true;
      if (this.#ledger.totals.inUse(origin.name) < limit) idle = true;
    }
    return { ...(assumed && { assumed }), ...(idle && { idle }) };
  }

  #troubleAt(now: Millis, everyMs: Millis): LostAnswers | undefined {
    if (now >= this.#troubledMs + troubleMs) return undefined;
    return { heardMs: this.#troubledMs, silentForMs: silentAfter * everyMs };
  }
}
