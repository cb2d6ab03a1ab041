/**
 * What an ask gets: a slot, a place in the queue, or a refusal. Waiting requests are served before new ones, by the same
 * rules. Before that the coordinator has taken in everything else that the message says.
 */
import type { Budgets } from "../budget/budgets.ts";
import type { LeasingView } from "../leasing/leasing-view.ts";
import type { Leasing } from "../leasing/leasing.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { Random } from "../model/random.ts";
import type { OriginName, Pool, Upstream } from "../model/upstream.ts";
import {
  elsewhereOf,
  Picker,
  type OwnSlot,
  type TakesOwn,
  type WaitDecision,
  type Waits,
} from "../placement/picker.ts";
import { placeRequest, type Placement } from "../placement/spill.ts";
import type { WaitEnd, GrantedPick, OverBudget, Pick, Queued, Unavailable, Want } from "../protocol/pick.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import { longestDeclaredMs } from "../protocol/clocks.ts";
import type { ExchangeMessage } from "../protocol/exchange.ts";
import type { LineTerms } from "../protocol/lease.ts";
import type { Waiter } from "../queue/line.ts";
import type { WaitingAsk, RequestQueue } from "../queue/request-queue.ts";
import type { Elsewhere } from "../queue/wait-rule.ts";
import type { RegionLink } from "../region/region-link.ts";
import { RetryBudget } from "../resilience/retry-budget.ts";
import type { Balancers } from "../selection/balancers.ts";
import { slotsInService } from "../selection/eligible.ts";
import { informed } from "../sessions/moved-session.ts";
import type { BoundSessions } from "./bound-sessions.ts";
import type { Outbox } from "./outbox.ts";
import { rows } from "./rows.ts";

/** Of one configuration of the upstream; the ledger and the requests that wait outlive it. */
export interface AskParts {
  readonly upstream: Upstream;
  readonly balancers: Balancers;
  readonly leasing: Leasing;
  readonly ledger: SlotLedger;
  readonly queue: RequestQueue;
  readonly regionLink: RegionLink | undefined;
  readonly sessions: BoundSessions;
  readonly outbox: Outbox;
}

/** What asks are answered from, at one moment. */
export interface AskView extends LeasingView {
  readonly budgets?: Budgets;
}

/** Once, and once more for a lease that has come with the answer to another one that was sent back. */
const sentBackAtMost = 2;

export class Asks {
  readonly #parts: AskParts;
  readonly #picker: Picker;
  readonly #view: AskView;
  readonly #budget: RetryBudget;

  /** `before`: those of another configuration, whose retries go on counting under the same budget. */
  constructor(parts: AskParts, view: AskView, before?: Asks) {
    this.#parts = parts;
    const { budget } = parts.upstream.retries;
    const isSame = before !== undefined && before.#parts.upstream.retries.budget === budget;
    this.#budget = isSame ? before.#budget : new RetryBudget(budget);
    this.#picker = new Picker(parts.upstream, parts.balancers);
    this.#view = view;
  }

  /** The answer to the message's ask, the same whenever it arrives; none if it asks for nothing. */
  answer(message: ExchangeMessage, random: Random): Pick | undefined {
    const { want, holder, seq } = message;
    const { ledger, queue } = this.#parts;
    const { now } = this.#view;
    if (want === undefined) return undefined;
    const before = ledger.granted(holder, seq) ?? queue.queuedAnswer(message, now);
    if (before !== undefined) return before;
    if (!ledger.isAwaited(holder, seq)) return { kind: "withdrawn" };
    const isRetry = want.tried.length > 0;
    this.#budget.meet(now, want.client);
    const refusal = isRetry ? this.#budget.refusal(now, want.client) : undefined;
    if (refusal !== undefined) return { kind: "no-retry-budget", of: refusal };
    const sentBack = want.sentBack ?? 0;
    if (!isRetry && want.again !== true && sentBack === 0) this.#budget.deposit(now);
    const ask = { holder, seq, want };
    const mayBeSentBack = !isRetry && sentBack < sentBackAtMost;
    let sentBackFrom: Elsewhere | undefined;
    const waits: Waits = (elsewhere) => {
      if (mayBeSentBack && ledger.sendBack(ask, elsewhere.full.origins)) sentBackFrom = elsewhere;
      return sentBackFrom !== undefined || queue.waits(want, elsewhere, this.#view);
    };
    const takesOwn: TakesOwn = (origin) =>
      mayBeSentBack && origin === want.pin?.origin && ledger.sendBack(ask, [{ name: origin }]);
    const pick = this.#pick(ask, random, waits, takesOwn);
    if (pick.kind === "own-slot") return { kind: "idle-lease", pin: "elsewhere", there: true };
    if (sentBackFrom !== undefined) return toIdleLease(want, sentBackFrom);
    if (pick.kind === "wait") return this.#enqueue(ask, pick.elsewhere, random);
    if (pick.kind !== "granted") return pick;
    if (isRetry) this.#budget.withdraw(now, want.client);
    this.#grant(ask, pick);
    return pick;
  }

  /** Takes in what holders have started by themselves: it counts like what was asked for. */
  recordStarts(counts: ReadonlyMap<OriginName, number>): void {
    const { balancers } = this.#parts;
    const { now } = this.#view;
    for (const [origin, count] of counts) {
      for (let nth = 0; nth < count; nth++) {
        this.#budget.deposit(now);
        balancers.signalOf(origin)?.recordStart(origin, now);
      }
    }
  }

  /** Takes in whose requests have ended: of what holders start by themselves nothing else says so. */
  recordOutcomes({ client, several }: OutcomeRun): void {
    this.#budget.meet(this.#view.now, several === true ? undefined : client);
  }

  /** Serves the requests that wait, as far as there is room, and answers those whose time is over. */
  serveWaiting(random: Random): void {
    const { queue, outbox } = this.#parts;
    const next = (waiter: Waiter<WaitingAsk>) =>
      this.#serve(waiter.who, random, (elsewhere) => queue.stays(waiter, elsewhere, this.#view));
    const late = (ask: WaitingAsk) => this.#serveLate(ask, random);
    for (const end of queue.serve(this.#view.now, { next, late })) outbox.endWait(end);
  }

  /** Whether a request that finds the pool full would wait for a slot of it. */
  wouldWaitFor(pool: Pool): boolean {
    const { queue } = this.#parts;
    if (!queue.isOpen) return false;
    const elsewhere = elsewhereOf(this.#place({}), this.#binds);
    return elsewhere?.full === pool && queue.waits({ tried: [] }, elsewhere, this.#view);
  }

  /** How requests wait at the holders that find the pool full; `undefined`: they do not. */
  lineAt(pool: Pool): LineTerms | undefined {
    const { queue, upstream } = this.#parts;
    if (!queue.isOpen || this.#place({}).full !== pool) return undefined;
    // A later pool that is full by what is leased of it may have room all the same: the holders know.
    const laterOnes = upstream.pools.slice(upstream.pools.indexOf(pool) + 1);
    const later = laterOnes.find((other) => slotsInService(other, this.#view.statusOf) > 0);
    return queue.lineTerms(pool, later, this.#view, this.#binds);
  }

  /** Whether a request without a session begins one, and is bound where it is served. */
  get #binds(): boolean {
    return this.#parts.upstream.sticky !== undefined;
  }

  /** Where a request would go that no origin has failed. */
  #place({ priority = "normal", client }: Partial<Want>): Placement {
    const { now, statusOf, budgets } = this.#view;
    const unpaid = budgets?.closedTo(priority, now, client);
    return placeRequest(this.#parts.upstream.pools, statusOf, { unpaid });
  }

  #pick(ask: WaitingAsk, random: Random, waits: Waits): GrantedPick | Unavailable | OverBudget | WaitDecision;
  #pick(
    ask: WaitingAsk,
    random: Random,
    waits: Waits,
    takesOwn: TakesOwn,
  ): GrantedPick | Unavailable | OverBudget | WaitDecision | OwnSlot;
  #pick(
    { want }: WaitingAsk,
    random: Random,
    waits: Waits,
    takesOwn?: TakesOwn,
  ): GrantedPick | Unavailable | OverBudget | WaitDecision | OwnSlot {
    const { queue, leasing, sessions } = this.#parts;
    let fullPool: Pool | undefined;
    const bound = sessions.asBound(want);
    const noted: Waits = (elsewhere) => {
      fullPool = elsewhere.full;
      return waits(elsewhere);
    };
    const pick = this.#picker.pick(bound, this.#view, random, noted, takesOwn);
    if (pick.kind === "granted") return informed(pick, want, bound);
    if (pick.kind === "own-slot" || pick.kind === "wait" || pick.why === "down") return pick;
    if (pick.why === "budget") return { ...pick, ...leasing.doubt(this.#view) };
    const refusal = queue.isOpen ? queue.refusal(this.#view.now, fullPool) : pick;
    const ofClient = queue.isOpen && queue.isClientsPartTaken(want);
    return { ...refusal, ...(ofClient && { of: "client" }), ...leasing.doubt(this.#view) };
  }

  /** The ask waits. A waiting request that has to make place for it goes where there is room, or is refused. */
  #enqueue(ask: WaitingAsk, elsewhere: Elsewhere, random: Random): Queued {
    const { ledger, queue, outbox } = this.#parts;
    ledger.waits(ask.holder);
    const { queued, displaced } = queue.join(ask, elsewhere, this.#view);
    if (displaced === undefined) return queued;
    const pick = this.#serve(displaced, random, () => false);
    if (pick.kind !== "wait") outbox.endWait({ holder: displaced.holder, seq: displaced.seq, pick });
    return queued;
  }

  #serve(ask: WaitingAsk, random: Random, waits: Waits) {
    const pick = this.#pick(ask, random, waits);
    if (pick.kind === "granted") this.#grant(ask, pick);
    return pick;
  }

  /** An ask whose time is over goes to a later pool, if that has room: the slots of home are for the asks that wait. */
  #serveLate(ask: WaitingAsk, random: Random): WaitEnd["pick"] {
    const { queue } = this.#parts;
    const placement = this.#place(ask.want);
    const spills = placement.kind === "pool" && placement.spill !== undefined;
    const pick = spills ? this.#serve(ask, random, () => false) : undefined;
    return pick?.kind === "granted" ? pick : queue.refusal(this.#view.now);
  }

  #grant(ask: WaitingAsk, pick: GrantedPick): void {
    const { upstream, ledger, balancers, regionLink, sessions, outbox } = this.#parts;
    const { pin } = sessions.asBound(ask.want);
    const { now } = this.#view;
    const ceiling = ledger.grant(ask, pick, longestDeclaredMs(upstream.timeouts.totalMs), now);
    if (ceiling !== undefined) outbox.put(rows.ceilings.of(ask.holder), ceiling);
    this.#view.budgets?.of(pick.pool)?.spendRequests(1, now, ask.want.client);
    balancers.signalOf(pick.origin)?.recordStart(pick.origin, now);
    regionLink?.granted(pick.origin);
    sessions.granted(pin, pick, now);
  }
}

function toIdleLease({ pin }: Want, { binds }: Elsewhere): Pick {
  return { kind: "idle-lease", ...(pin !== undefined && { pin: binds ? "moved" : "elsewhere" }) };
}
