/**
 * All that an upstream's object knows and decides: slots, health, the operator's wishes, sessions, the retry
 * budget. Every method takes the time, and returns what its parts have put into the outbox: what must be persisted and what is worth a
 * log line. The Durable Object around it only loads, asks, saves (`durable-objects/weir-upstream.ts`).
 */
import { Budgets } from "../budget/budgets.ts";
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
import { FleetCounts } from "../telemetry/fleet-counts.ts";
import { Asks, type AskParts } from "./asks.ts";
import { BoundSessions } from "./bound-sessions.ts";
import { Drains } from "./drains.ts";
import { Home } from "./home.ts";
import { OriginRecords } from "./origin-records.ts";
import { Outbox, type Effects } from "./outbox.ts";
import { rows } from "./rows.ts";
import type { SavedState } from "./saved-state.ts";
import { viewUpstream, type MemberOf } from "./view-upstream.ts";

type Answered = Effects & { readonly reply: ExchangeReply };

export class Coordinator implements LeasingView {
  #upstream: Upstream;
  #now: Millis;
  #balancers: Balancers;
  #asks: Asks;
  #leasing: Leasing;
  readonly #epoch: number;
  readonly #outbox = new Outbox();
  readonly #ledger: SlotLedger;
  readonly records: OriginRecords;
  readonly #sessions: BoundSessions;
  readonly #queue: RequestQueue;
  readonly home: Home;
  readonly budgets: Budgets;
  readonly #counts = new FleetCounts();
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
    this.#ledger = new SlotLedger(saved.epoch, [...saved.ceilings.values()], now);
    this.#leasing = new Leasing(upstream, this.#ledger, this.#balancers, now, tuning && { tuning });
    const holder = region === undefined ? undefined : regionHolder(region, saved.epoch);
    this.regionLink = holder === undefined ? undefined : new RegionLink(upstream, holder, this.#ledger);
    this.#capacity = this.regionLink ?? ownCapacity(() => this.home.capacity);
    this.records = new OriginRecords(this.#judged(upstream), saved, this.#outbox, now);
    const { pinEpochOf, regionLink } = this;
    const sessionContext = { pinEpochOf, regionLink, moved: () => this.home.moved(), outbox: this.#outbox };
    this.#sessions = new BoundSessions(upstream, saved.sessions, sessionContext, now);
    this.#queue = new RequestQueue(upstream);
    this.budgets = new Budgets(upstream.pools, saved.budgets, now);
    const homeSources = { view: this, ledger: this.#ledger, queue: this.#queue, outbox: this.#outbox };
    this.home = new Home(this.#judged(upstream), saved, homeSources, now);
    this.#asks = this.#newAsks();
    this.drains = new Drains(() => this.#upstream, this.#ledger, this.records, this.#outbox, now);
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
      outbox: this.#outbox,
    };
    return new Asks(parts, this, before);
  }

  #judged(upstream: Upstream): Upstream {
    return this.regionLink === undefined ? upstream : withoutJudgement(upstream);
  }

  /** Answers one message. An ask that was granted a slot gets the same one, however often its message arrives. */
  exchange(message: ExchangeMessage, now: Millis, random: Random): Answered {
    this.#now = now;
    this.home.observeHome("message", now);
    const isLatest = this.#ledger.declare(message, now);
    this.#recordMessage(message);
    const gone = this.#queue.withdraw(message.holder, (seq) => this.#ledger.isAwaited(message.holder, seq));
    for (const end of gone) this.#outbox.endWait(end);
    this.#asks.serveWaiting(random);
    const pick = this.#asks.answer(message, random);
    const { reply: terms, ceiling: leased } = isLatest ? this.#leasing.offer(message, this) : staleTerms;
    // Each of them, and what a grant has put, is the whole as it is then: the latest is the one that is written.
    const ceiling = this.#ledger.extendCeiling(message.holder, now) ?? leased;
    if (ceiling !== undefined) this.#outbox.put(rows.ceilings.of(message.holder), ceiling);
    this.#postBudgets(now);
    this.home.post(now);
    this.home.scale(now);
    const outcomesSeen = this.#ledger.outcomesSeen(message.holder);
    const { mode, everyMs, lease } = terms;
    const out = newsFor(message, (this.regionLink ?? this.records).out);
    const reply: ExchangeReply = { epoch: this.#epoch, outcomesSeen, mode, everyMs, lease, pick, out };
    return { reply, ...this.#outbox.take() };
  }

  /**
   * Serves the requests that wait, as far as there is room, and answers those whose time is over. To be called when there may be room
   * by anything but a message, and at `tendAtMs`.
   */
  tend(now: Millis, random: Random): Effects {
    this.#now = now;
    this.#ledger.prune(now);
    this.#asks.serveWaiting(random);
    this.#postBudgets(now);
    return this.#outbox.take();
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
  #recordMessage(message: ExchangeMessage): void {
    const told = this.#ledger.newOutcomes(message);
    // A word about a failure is evidence of health, and no outcome of its own.
    const runs = told.filter(({ confirms }) => confirms !== true);
    for (const run of told) {
      if (run.confirms === true) {
        this.records.recordOutcomes(run, message.holder, this.#now);
        continue;
      }
      if (!this.#balancers.recordOutcomes(run, this.#now)) continue;
      this.#queue.recordOutcomes(run, this.#now);
      this.home.recordOutcomes(run, this.#now);
      this.#asks.recordOutcomes(run);
      this.records.recordOutcomes(run, message.holder, this.#now);
    }
    const { started, requests } = this.#leasing.recordMessage(message, runs, this.#now);
    this.home.arrived(requests, this.#now);
    const counted = this.#counts.recordTallies(message, this.#now);
    this.budgets.recordMessage(counted, started, this.#now);
    this.regionLink?.forward(told, started, counted);
    this.#asks.recordStarts(started);
    for (const { session, ...served } of message.sessions ?? [])
      this.#sessions.served(session, served, this.#now);
  }

  #postBudgets(now: Millis): void {
    for (const { pool, record, notices } of this.budgets.takeNews(now)) {
      if (record !== undefined) this.#outbox.put(rows.budgets.of(pool), record);
      for (const notice of notices)
        this.#outbox.log({ event: "budget", upstream: this.#upstream.name, pool, ...notice });
    }
  }

  /** Forgets what idle holders might have had. To be called when no message has come for `retireAfterMs`. */
  rest(now: Millis): Effects {
    this.#now = now;
    this.#ledger.prune(now);
    const holders = this.#ledger.retire(now);
    this.budgets.settle();
    this.#postBudgets(now);
    this.home.post(now);
    for (const holder of holders) this.#outbox.delete(rows.ceilings.of(holder));
    this.home.scale(now);
    return this.#outbox.take();
  }

  /** Takes in a round of probes. */
  probed(results: readonly ProbeResult[], now: Millis): Effects {
    this.#now = now;
    this.home.observeHome("probes", now);
    this.records.probed(results, this.statusOf, now);
    this.home.scale(now);
    return this.#outbox.take();
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
      counts: this.#counts,
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
    const own = this.records.statusOf(origin, slots, this.#now);
    return this.records.onTrial(origin, this.#capacity.statusOf(origin, own, this.#now), this.#now);
  };

  /** Whether a request that was open when its holder was heard is open still, the holder has had no time to say. */
  #certainAgeOf(origin: OriginName): Millis {
    const silentMs = this.#leasing.silentMs(this.#now);
    return Math.max(0, this.#ledger.totals.ageOf(origin, this.#now) - silentMs);
  }

  readonly limitOf = (origin: Origin): number =>
    Math.min(
      this.#capacity.limitOf(origin, this.#now),
      this.records.trialLimit(origin.name, this.#now) ?? Infinity,
    );

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
