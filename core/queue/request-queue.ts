/**
 * The queue of an upstream: which requests may wait for a slot, which do, and in which order they are served. It lives in the
 * upstream's object, so that it is one queue for the whole fleet. A waiter is an ask, named by its holder and number, so
 * that asking twice is waiting once. When the object loses its memory, the isolates ask again.
 */
import type { OriginsNow } from "../model/origin-status.ts";
import { priorities, type Millis, type Pool, type QueueRules, type Upstream } from "../model/upstream.ts";
import type { AskName, WaitEnd, Queued, Unavailable, Want } from "../protocol/pick.ts";
import type { HolderId } from "../protocol/exchange.ts";
import type { LineTerms } from "../protocol/lease.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { QueueView } from "../protocol/upstream-view.ts";
import { slotsInService } from "../selection/eligible.ts";
import { ControlledDelay } from "./controlled-delay.ts";
import { Line, type Waiter } from "./line.ts";
import { queueLength } from "./queue-length.ts";
import { ServiceTimes } from "./service-times.ts";
import {
  expectedWaitMs,
  prospectOf,
  waitOrSpill,
  worthMs,
  type LaterProspect,
  type Elsewhere,
} from "./wait-rule.ts";

/** An ask that waits, and what for. */
export interface WaitingAsk extends AskName {
  readonly want: Want;
}

/** A timer may ring a little early, by rounding: what is due within half a millisecond is due. */
const tickMs: Millis = 0.5;

/** Answer a waiter this long before its deadline: timers fire late, and the answer travels for a moment. */
const handOverMs: Millis = 2;

/** An estimate that is longer than this is not worth telling. */
const longestRetryAfterS = 60;

export class RequestQueue {
  readonly #line = new Line<WaitingAsk>();
  readonly #seqs = new Map<HolderId, Set<number>>();
  /** How many of each client wait, for those whose number is limited. */
  readonly #ofClients = new Map<number, number>();
  readonly #times = new ServiceTimes();
  #rules: QueueRules | undefined;
  #delay = new ControlledDelay(0);

  constructor(upstream: Pick<Upstream, "pools" | "queue">) {
    this.reconfigure(upstream);
  }

  /** Other rules, or none: asks that wait stay, but no ask joins them. */
  reconfigure({ pools, queue }: Pick<Upstream, "pools" | "queue">): void {
    if (queue?.timeoutMs !== this.#rules?.timeoutMs) this.#delay = new ControlledDelay(queue?.timeoutMs ?? 0);
    this.#rules = queue;
    this.#times.reconfigure(pools);
  }

  /** Whether requests may wait at all. */
  get isOpen(): boolean {
    return this.#rules !== undefined;
  }

  get length(): number {
    return this.#line.length;
  }

  /** For people; `null`: no request may wait. */
  view(now: Millis, home: Pool | undefined, origins: OriginsNow): QueueView | null {
    if (!this.isOpen) return null;
    const [first] = this.#line.all();
    return {
      length: this.#line.length,
      limit: home === undefined ? 0 : this.#lengthFor(home, origins),
      longestMs: Math.round(this.#line.longestMs(now)),
      worthMs: first === undefined || first.goesMs === Infinity ? null : Math.round(worthTo(first)),
    };
  }

  /** What a request takes at home on average, or, if none was served there yet, in a later pool; 0: nowhere. */
  get serviceMs(): Millis {
    return this.#times.firstMeanMs;
  }

  /** How many wait, and for how long the next one would wait for a slot of home; 0 while none waits. */
  load(
    home: Pool | undefined,
    view: OriginsNow,
  ): { readonly queued: number; readonly expectedWaitMs: Millis } {
    const queued = this.#line.length;
    if (queued === 0 || home === undefined) return { queued, expectedWaitMs: 0 };
    const serviceMs = this.#times.meanMs(home.name);
    const waitMs = expectedWaitMs({ ahead: queued, serviceMs, slots: slotsInService(home, view.statusOf) });
    return { queued, expectedWaitMs: Math.min(waitMs ?? 0, this.#rules?.timeoutMs ?? 0) };
  }

  /** The next time at which a request's time is over, or it should go elsewhere; `Infinity`: none waits. */
  get dueMs(): Millis {
    return Math.min(this.#line.firstDeadlineMs, this.#line.firstGoesMs);
  }

  /** Takes in how requests ended. */
  recordOutcomes(run: OutcomeRun, now: Millis): void {
    this.#times.recordOutcomes(run, now);
  }

  /**
   * Whether a newcomer waits for a slot of the pool that is full, rather than to go to the later one or to be refused. Where the
   * later one's budget is used up, only those requests wait that would have waited anyway.
   */
  readonly waits = (want: Want, elsewhere: Elsewhere, view: OriginsNow): boolean => {
    const { full, later, unpaid, binds } = elsewhere;
    const rules = this.#rules;
    // A request that has failed elsewhere has waited enough.
    if (rules === undefined || want.tried.length > 0 || this.isClientsPartTaken(want)) return false;
    const priority = want.priority ?? "normal";
    const home = {
      ahead: this.#line.ahead(priority),
      hasPlace: this.#line.hasPlace(priority, this.#lengthFor(full, view)),
      serviceMs: this.#times.meanMs(full.name),
      slots: slotsInService(full, view.statusOf),
      patienceMs: Math.min(mayWaitMs(want, rules.timeoutMs), this.#delay.allowedMs),
    };
    const other = later ?? unpaid;
    return waitOrSpill(home, other && this.#prospectOf(other, full, binds)) === "wait";
  };

  /** As many requests of this client wait as may. */
  isClientsPartTaken({ client, mostWaiting }: Want): boolean {
    if (client === undefined || mostWaiting === undefined) return false;
    return (this.#ofClients.get(client) ?? 0) >= mostWaiting;
  }

  /** How many may wait for slots of the pool. */
  #lengthFor(full: Pool, { statusOf }: OriginsNow): number {
    if (this.#rules === undefined) return 0;
    return queueLength(this.#rules, slotsInService(full, statusOf), this.#times.meanMs(full.name));
  }

  /**
   * Whether the first of its lane goes on waiting, though the later pool has room. It goes there if the line has become
   * longer than is worth waiting for: that makes it shorter for all, and no request overtakes it. And it goes if it has waited
   * for as long as going there would have cost: an expectation holds on average, so it bounds no single wait. (A skier who rents
   * until the rent equals the price, and then buys, never pays more than twice the best possible: Karlin et al. 1988.)
   */
  readonly stays = (waiter: Waiter<WaitingAsk>, elsewhere: Elsewhere, view: OriginsNow): boolean => {
    const { full, later, binds } = elsewhere;
    if (this.#rules === undefined) return false;
    waiter.goesMs = this.#goesMs(waiter.joinedMs, elsewhere);
    if (later === undefined) return true;
    if (waiter.goesMs <= view.now + tickMs) return false;
    const home = {
      ahead: this.#line.length - 1,
      hasPlace: true,
      serviceMs: this.#times.meanMs(full.name),
      slots: slotsInService(full, view.statusOf),
      patienceMs: Infinity,
    };
    return waitOrSpill(home, this.#prospectOf(later, full, binds)) === "wait";
  };

  /** How requests wait at holders that find the pool full; `undefined`: nothing is known of it yet. `binds`: as in `Elsewhere`. */
  lineTerms(full: Pool, later: Pool | undefined, view: OriginsNow, binds: boolean): LineTerms | undefined {
    const serviceMs = this.#times.meanMs(full.name);
    const slots = slotsInService(full, view.statusOf);
    if (this.#rules === undefined || serviceMs === undefined || slots === 0) return undefined;
    const patienceMs = this.#delay.allowedMs;
    const worth = later === undefined ? patienceMs : worthMs(this.#prospectOf(later, full, binds));
    return { serviceMs, worthMs: worth, patienceMs, lengthPerSlot: this.#lengthFor(full, view) / slots };
  }

  /**
   * The ask waits from now on, rather than to go elsewhere, and another ask may have to go for it. The caller has seen that it
   * `waits`.
   */
  join(
    ask: WaitingAsk,
    elsewhere: Elsewhere,
    view: OriginsNow,
  ): { readonly queued: Queued; readonly displaced: WaitingAsk | undefined } {
    const { holder, seq, want } = ask;
    const { now } = view;
    const forMs = mayWaitMs(want, this.#rules?.timeoutMs ?? 0);
    const seqs = this.#seqs.get(holder) ?? new Set();
    this.#seqs.set(holder, seqs.add(seq));
    this.#countClient(want, 1);
    const waiter = {
      id: idOf(ask),
      priority: want.priority ?? "normal",
      joinedMs: now,
      untilMs: now + forMs,
      goesMs: this.#goesMs(now, elsewhere),
      binds: elsewhere.binds,
      who: ask,
    };
    const displaced = this.#line.join(waiter, this.#lengthFor(elsewhere.full, view))?.who;
    if (displaced !== undefined) this.#forget(displaced);
    return { queued: { kind: "queued", forMs }, displaced };
  }

  /** What an ask is told that waits; `undefined`: it does not. */
  queuedAnswer(ask: AskName, now: Millis): Queued | undefined {
    const waiter = this.#line.get(idOf(ask));
    return waiter && { kind: "queued", forMs: Math.max(0, waiter.untilMs - now) };
  }

  /** Takes out asks of the holder whose answers it does not wait for any more. */
  withdraw(holder: HolderId, isAwaited: (seq: number) => boolean): WaitEnd[] {
    const gone = [...(this.#seqs.get(holder) ?? [])].filter((seq) => !isAwaited(seq));
    for (const seq of gone) this.#leave({ holder, seq });
    return gone.map((seq) => ({ holder, seq, pick: { kind: "withdrawn" } }));
  }

  /**
   * Serves the asks that wait, in order, until in each lane one has to go on waiting. `next` gives an ask a slot, or says why
   * there is none; `late` says what becomes of an ask whose time is over.
   */
  serve(
    now: Millis,
    {
      next,
      late,
    }: {
      readonly next: (waiter: Waiter<WaitingAsk>) => WaitEnd["pick"] | { readonly kind: "wait" };
      readonly late: (ask: WaitingAsk) => WaitEnd["pick"];
    },
  ): WaitEnd[] {
    const ended = this.#line.expire(now).map(({ who }): WaitEnd => {
      this.#forget(who);
      return { holder: who.holder, seq: who.seq, pick: late(who) };
    });
    for (const priority of priorities) {
      const goesOn = new Set<boolean>();
      for (;;) {
        const first = this.#line.first(priority, goesOn);
        if (first === undefined) break;
        const { holder, seq } = first.who;
        const pick = next(first);
        if (pick.kind === "wait") {
          goesOn.add(first.binds);
          continue;
        }
        if (pick.kind === "granted") this.#delay.served(this.#line.longestMs(now), now);
        this.#leave(first.who);
        ended.push({ holder, seq, pick });
      }
    }
    if (this.#line.length === 0) this.#delay.emptied();
    return ended;
  }

  /** What a request is told that is turned away, with the time after which there should be room. */
  refusal(now: Millis, full?: Pool): Unavailable {
    // When all waiting requests would be served, and one more.
    const inS = this.#times.roomInS(this.length + 1, full, now);
    if (inS === undefined) return { kind: "unavailable", why: "full" };
    const retryAfterS = Math.max(1, Math.min(longestRetryAfterS, Math.ceil(inS)));
    return { kind: "unavailable", why: "full", retryAfterS };
  }

  #goesMs(joinedMs: Millis, { full, later, binds }: Elsewhere): Millis {
    if (later === undefined) return Infinity;
    return joinedMs + worthMs(this.#prospectOf(later, full, binds)) - handOverMs;
  }

  #prospectOf(later: Pool, full: Pool, binds: boolean): LaterProspect {
    const [thereMs, hereMs] = [later, full].map(({ name }) => this.#times.meanMs(name));
    return prospectOf({ thereMs, hereMs, priceMs: later.priceMs }, binds, this.#rules?.timeoutMs ?? 0);
  }

  #leave(ask: AskName): void {
    const waiter = this.#line.get(idOf(ask));
    this.#line.leave(idOf(ask));
    if (waiter !== undefined) this.#forget(waiter.who);
  }

  #countClient({ client, mostWaiting }: Want, by: 1 | -1): void {
    if (client === undefined || mostWaiting === undefined) return;
    const waiting = (this.#ofClients.get(client) ?? 0) + by;
    if (waiting === 0) this.#ofClients.delete(client);
    else this.#ofClients.set(client, waiting);
  }

  /** It has left the line. */
  #forget({ holder, seq, want }: WaitingAsk): void {
    this.#countClient(want, -1);
    const seqs = this.#seqs.get(holder);
    seqs?.delete(seq);
    if (seqs?.size === 0) this.#seqs.delete(holder);
  }
}

/** How long the waiter should wait for home. */
const worthTo = ({ joinedMs, goesMs }: Waiter<WaitingAsk>): Millis => goesMs - joinedMs + handOverMs;

const mayWaitMs = ({ waitMs = Infinity }: Want, timeoutMs: Millis): Millis => Math.min(waitMs, timeoutMs);

const idOf = ({ holder, seq }: AskName): string => `${seq} ${holder}`;
