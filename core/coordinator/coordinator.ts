/**
 * All that an upstream's object knows and decides: slots, health, the operator's wishes, sessions, the retry
 * budget. Every method takes the time, and returns what must be persisted and what is worth a log line; the
 * Durable Object around it only loads, asks, saves (`durable-objects/weir-upstream.ts`).
 */
import { Budgets } from "../budget/budgets.ts";
import type { HealthTransition } from "../health/health-book.ts";
import { ownCapacity, type CapacitySource } from "../leasing/capacity-source.ts";
import type { LeasingView } from "../leasing/leasing-view.ts";
import { Leasing, staleTerms } from "../leasing/leasing.ts";
import type { LeaseTuning } from "../leasing/tuning.ts";
import { countActive } from "../ledger/holder.ts";
import { countsAges } from "../selection/registry.ts";
import { SlotLedger } from "../ledger/slot-ledger.ts";
import type { OriginStatus } from "../model/origin-status.ts";
import type { Random } from "../model/random.ts";
import type { Millis, Origin, OriginName, Pool, PoolName, Upstream } from "../model/upstream.ts";
import type { AskName, GrantedPick } from "../protocol/pick.ts";
import { type ExchangeMessage, type ExchangeReply, regionHolder } from "../protocol/exchange.ts";
import type { ClosedPool, LineTerms, SessionReturn } from "../protocol/lease.ts";
import { newsFor } from "../protocol/origins-out.ts";
import type { ProbeResult } from "../protocol/probe-round.ts";
import type { UpstreamView } from "../protocol/upstream-view.ts";
import { RequestQueue } from "../queue/request-queue.ts";
import { RegionLink } from "../region/region-link.ts";
import { withoutJudgement } from "../region/without-judgement.ts";
import { Balancers } from "../selection/balancers.ts";
import { Asks, type AskEffects, type AskParts } from "./asks.ts";
import { BoundSessions } from "./bound-sessions.ts";
import { Drains } from "./drains.ts";
import type { Change, Effects, SavedState, ServedEffects } from "./effects.ts";
import { Home } from "./home.ts";
import { OriginRecords } from "./origin-records.ts";
import { viewUpstream, type MemberOf } from "./view-upstream.ts";

type Answered = ServedEffects & { readonly reply: ExchangeReply };

export class Coordinator implements LeasingView {
  #upstream: Upstream;
  #now: Millis;
  #balancers: Balancers;
  #asks: Asks;
  #leasing: Leasing;
  readonly #epoch: number;
  readonly #ledger: SlotLedger;
  readonly records: OriginRecords;
  readonly #sessions: BoundSessions;
  readonly #queue: RequestQueue;
  readonly home: Home;
  readonly budgets: Budgets;
  /** Of a region's object: its side of the root. */
  readonly regionLink: RegionLink | undefined;
  readonly #capacity: CapacitySource;
  readonly drains: Drains;

  /** `region`: the object stands in that region, under the upstream's own. `tuning`: other numbers than those that ship. */
  constructor(
    upstream: Upstream,
    saved: SavedState,
    now: Millis,
    { region, tuning }: { readonly region?: string | undefined; readonly tuning?: LeaseTuning } = {},
  ) {
    this.#upstream = upstream;
    this.#now = now;
    this.#epoch = saved.epoch;
    this.#balancers = new Balancers(upstream);
    this.#ledger = new SlotLedger(saved.epoch, saved.ceilings, now);
    this.#leasing = new Leasing(upstream, this.#ledger, this.#balancers, now, tuning && { tuning });
    const holder = region === undefined ? undefined : regionHolder(region, saved.epoch);
    this.regionLink = holder === undefined ? undefined : new RegionLink(upstream, holder, this.#ledger);
    this.#capacity = this.regionLink ?? ownCapacity(() => this.home.capacity);
    this.records = new OriginRecords(this.#judged(upstream), saved, now);
    const { pinEpochOf, regionLink } = this;
    const sessionContext = { pinEpochOf, regionLink, moved: () => this.home.moved() };
    this.#sessions = new BoundSessions(upstream, saved.sessions, sessionContext, now);
    this.#queue = new RequestQueue(upstream);
    this.budgets = new Budgets(upstream.pools, saved.budgets, now);
    const homeSources = { view: this, ledger: this.#ledger, queue: this.#queue };
    this.home = new Home(this.#judged(upstream), saved, homeSources, now);
    this.#asks = this.#newAsks();
    this.drains = new Drains(() => this.#upstream, this.#ledger, this.records, now);
  }

  get name(): string {
    return this.#upstream.name;
  }

  /** Another configuration of the same upstream. Slots, health, drains and sessions of origins that stay, stay. */
  reconfigure(upstream: Upstream, now: Millis): void {
    this.#upstream = upstream;
    this.#balancers = new Balancers(upstream, this.#balancers);
    this.#leasing = new Leasing(upstream, this.#ledger, this.#balancers, now, { before: this.#leasing });
    this.records.reconfigure(this.#judged(upstream), now);
    this.home.reconfigure(this.#judged(upstream), now);
    this.#sessions.reconfigure(upstream);
    this.budgets.reconfigure(upstream.pools, now);
    this.#queue.reconfigure(upstream);
    this.#asks = this.#newAsks(this.#asks);
  }

  #newAsks(before?: Asks): Asks {
    const parts: AskParts = {
      upstream: this.#upstream,
      balancers: this.#balancers,
      leasing: this.#leasing,
      ledger: this.#ledger,
      queue: this.#queue,
      regionLink: this.regionLink,
      sessions: this.#sessions,
    };
    return new Asks(parts, this, before);
  }

  #judged(upstream: Upstream): Upstream {
    return this.regionLink === undefined ? upstream : withoutJudgement(upstream);
  }

  /** Answers one message. An ask that was granted a slot gets the same one, however often its message arrives. */
  exchange(message: ExchangeMessage, now: Millis, random: Random): Answered {
    this.#now = now;
    const { changes, ...burst } = this.home.observeHome("message", now);
    const isLatest = this.#ledger.declare(message, now);
    const transitions = this.#recordMessage(message, changes);
    const waited = this.#queue.withdraw(message.holder, (seq) => this.#ledger.isAwaited(message.holder, seq));
    this.#asks.serveWaiting({ changes, waited }, random);
    const { pick, ceiling: raised } = this.#asks.answer(message, { changes, waited }, random);
    const { reply: terms, ceiling: leased } = isLatest ? this.#leasing.offer(message, this) : staleTerms;
    // Each of them is the whole as it is then: one row a message is enough, the latest.
    const ceiling = this.#ledger.extendCeiling(message.holder, now) ?? leased ?? raised;
    if (ceiling !== undefined) changes.push({ kind: "ceiling", ceiling });
    const { changes: spent, notices } = this.budgets.takeChanges(now);
    changes.push(...spent, ...this.home.takeChanges(now));
    const outcomesSeen = this.#ledger.outcomesSeen(message.holder);
    const { mode, everyMs, lease } = terms;
    const out = newsFor(message, (this.regionLink ?? this.records).out);
    const reply: ExchangeReply = { epoch: this.#epoch, outcomesSeen, mode, everyMs, lease, pick, out };
    return { reply, changes, transitions, waited, notices, ...burst, ...this.home.scale(now) };
  }

  /**
   * Serves the requests that wait, as far as there is room, and answers those whose time is over. To be called when there may be room
   * by anything but a message, and at `tendAtMs`.
   */
  tend(now: Millis, random: Random): ServedEffects {
    this.#now = now;
    this.#ledger.prune(now);
    const served: AskEffects = { changes: [], waited: [] };
    this.#asks.serveWaiting(served, random);
    const { changes: spent, notices } = this.budgets.takeChanges(now);
    return { ...served, changes: [...served.changes, ...spent], transitions: [], notices };
  }

  /** The next time at which a waiting request's time is over, or it should go elsewhere; `Infinity`: none waits. */
  get tendAtMs(): Millis {
    return this.#queue.dueMs;
  }

  /** What has become of an ask that was queued: it waits, it has its slot, or nothing is known of it. */
  askState(ask: AskName, now: Millis): "waiting" | GrantedPick | undefined {
    return this.#queue.queuedAnswer(ask, now) ? "waiting" : this.#ledger.granted(ask.holder, ask.seq);
  }

  /** Takes in what a message tells of requests: how they ended, and which were started unasked. */
  #recordMessage(message: ExchangeMessage, changes: Change[]): HealthTransition[] {
    const transitions: HealthTransition[] = [];
    const runs = this.#ledger.newOutcomes(message);
    for (const run of runs) {
      if (!this.#balancers.recordOutcomes(run, this.#now)) continue;
      this.#queue.recordOutcomes(run, this.#now);
      this.home.recordOutcomes(run, this.#now);
      const judged = this.records.recordOutcomes(run, this.#now);
      transitions.push(...judged.transitions);
      changes.push(...judged.changes);
    }
    const { started, requests } = this.#leasing.recordMessage(message, runs, this.#now);
    this.home.arrived(requests, this.#now);
    const tallies = this.budgets.recordMessage(message, started, this.#now);
    this.regionLink?.forward(runs, started, tallies);
    this.#asks.recordStarts(started);
    for (const { session, ...served } of message.sessions ?? [])
      changes.push(...this.#sessions.served(session, served, this.#now));
    return transitions;
  }

  /** Forgets what idle holders might have had. To be called when no message has come for `retireAfterMs`. */
  rest(now: Millis): Effects {
    this.#now = now;
    this.#ledger.prune(now);
    const holders = this.#ledger.retire(now);
    this.budgets.settle();
    const { changes: spent, notices } = this.budgets.takeChanges(now);
    const changes: Change[] = [...spent, ...this.home.takeChanges(now)];
    if (holders.length > 0) changes.push({ kind: "ceilings-gone", holders });
    return { changes, transitions: [], notices, ...this.home.scale(now) };
  }

  /** Takes in a round of probes. */
  probed(results: readonly ProbeResult[], now: Millis): Effects {
    this.#now = now;
    const { changes: watched, ...burst } = this.home.observeHome("probes", now);
    const { changes, transitions } = this.records.probed(results, this.statusOf, now);
    return { changes: [...watched, ...changes], transitions, ...burst, ...this.home.scale(now) };
  }

  /** The live state, for people and metrics. */
  view(now: Millis, memberOf?: MemberOf): UpstreamView {
    this.#now = now;
    this.#ledger.prune(now);
    return viewUpstream(this.#upstream, {
      now,
      statusOf: this.statusOf,
      records: this.records,
      home: this.home,
      budgets: this.budgets,
      drains: this.drains,
      sessions: this.#sessions.counts(now),
      holders: countActive(this.#ledger.entries.values(), now),
      queue: this.#queue.view(now, this.#upstream.pools[0], this),
      memberOf,
    });
  }

  get isAnybodyWaiting(): boolean {
    return this.#queue.length > 0;
  }

  readonly wouldWaitFor = (pool: Pool): boolean => this.#asks.wouldWaitFor(pool);
  readonly lineAt = (pool: Pool): LineTerms | undefined => this.#asks.lineAt(pool);

  get now(): Millis {
    return this.#now;
  }

  readonly statusOf = (origin: OriginName): OriginStatus => {
    const coming = this.#sessions.comingOn(origin, this.#now);
    const slots = {
      inFlight: this.#ledger.totals.inUse(origin),
      ageMs: countsAges(this.#upstream.policy) ? this.#certainAgeOf(origin) : undefined,
      taken: this.#ledger.totals.taken(origin),
      ...(coming !== undefined && { coming }),
    };
    return this.#capacity.statusOf(origin, this.records.statusOf(origin, slots, this.#now), this.#now);
  };

  /** Whether a request that was open when its holder was heard is open still, the holder has had no time to say. */
  #certainAgeOf(origin: OriginName): Millis {
    const silentMs = this.#leasing.silentMs(this.#now);
    return Math.max(0, this.#ledger.totals.ageOf(origin, this.#now) - silentMs);
  }

  readonly limitOf = (origin: Origin): number => this.#capacity.limitOf(origin, this.#now);

  readonly closedPool = (pool: PoolName): ClosedPool | undefined =>
    this.#capacity.closedPool(pool, this.#now);

  get leaseMs(): Millis {
    return this.#capacity.leaseMs(this.#now);
  }

  /** The root decides which sessions come home; a region passes that on. */
  get sessionReturn(): SessionReturn | undefined {
    return this.regionLink ? this.regionLink.sessionReturn : this.home.sessionReturn(this.#now);
  }

  readonly pinEpochOf = (origin: OriginName): number =>
    this.#capacity.pinEpochOf(origin, this.records.overrideOf(origin).pinEpoch);

  /**
   * Of a region's object: whether it would have to turn the asking request away from a pool that it was lent too little of,
   * without a word from the root. Then it asks the root first.
   */
  isShort({ want }: ExchangeMessage, now: Millis): boolean {
    return want !== undefined && this.regionLink?.isShort(this.#upstream.pools, now) === true;
  }
}
