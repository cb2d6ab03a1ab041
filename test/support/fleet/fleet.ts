/**
 * A fleet in a test tube: isolates, the object, and a network between them that loses, repeats, delays and
 * reorders. It knows the truth (which requests are really open), so that every claim of the object can be held
 * against it (`promises.ts`). One step at a time: the same steps give the same run.
 */
import { Coordinator } from "../../../core/coordinator/coordinator.ts";
import type { Effects } from "../../../core/coordinator/outbox.ts";
import { applyRows, openState } from "../../../core/coordinator/saved-state.ts";
import { idleForMs, silentForMs } from "../../../core/ledger/drain-confirmation.ts";
import { seededRandom } from "../../../core/model/random.ts";
import type { Millis, Origin, OriginName, Pool, PoolName, Upstream } from "../../../core/model/upstream.ts";
import { leaseMs } from "../../../core/protocol/clocks.ts";
import type { ExchangeMessage } from "../../../core/protocol/exchange.ts";
import type { GrantedPick, Want } from "../../../core/protocol/pick.ts";
import { RowsInMemory } from "../../../sim/strategies/weir/exchanges/saved.ts";
import { Isolate, type Answered, type OpenRequest } from "./isolate.ts";
import { Network, pick, type Post, type Reply } from "./network.ts";
import { tuningOf } from "./shops.ts";
import type { Step } from "./step.ts";

/** An origin's limit, and for how long it may still be seen that it was in force. */
interface Limit {
  readonly maxConns: number;
  readonly seenUntilMs: Millis;
}

/** What has happened so far: a run in which little happens proves little. */
export class Counts {
  strict = 0;
  leased = 0;
  failStatic = 0;
  /** Started above the limit, while the object could not be asked. */
  excess = 0;
  /** Started in a later pool without asking: the object had said that home takes no more. */
  spilledByWord = 0;
  /** Not started, without asking, for the same reason. */
  refusedByWord = 0;
  unavailable = 0;
  /** Requests that could not ask the object, and were not started. */
  lost = 0;
  evictions = 0;
  /** Of these, while an isolate could start requests under a lease. */
  evictionsUnderLease = 0;
  kills = 0;
  vanished = 0;
  streams = 0;
  /** Asks that waited, and whose waiting ended. */
  waited = 0;
  raises = 0;
  lowerings = 0;
  /** Rows the object has written. */
  writes = 0;
  orders = 0;
  /** How often the object has said of an origin that it can be stopped, each order once. */
  safe = 0;
}

export class Fleet {
  upstream: Upstream;
  now: Millis = 1_000_000;
  coordinator: Coordinator;
  readonly isolates: Isolate[];
  readonly counts = new Counts();
  /** What the object has granted, each ask once, and when. */
  readonly grants = new Map<string, { readonly pool: PoolName; readonly atMs: Millis }>();
  /** Requests that were started without asking. */
  readonly unasked: GrantedPick[] = [];
  readonly #network = new Network();
  readonly #random = seededRandom(7);
  readonly #store = new RowsInMemory();
  readonly #limits = new Map<OriginName, Limit[]>();
  /**
   * Origins of which the object has said that they can be stopped, and which have had no order since; with the isolates that
   * it could know of then, or that have heard from it since.
   */
  readonly stopped = new Map<OriginName, Set<Isolate>>();
  /** When the object heard an isolate last, and whether it had nothing then and was given nothing. */
  readonly #lastMessages = new Map<Isolate, { readonly atMs: Millis; readonly wasIdle: boolean }>();
  #known: { readonly pools: readonly Pool[]; readonly origins: readonly Origin[] } | undefined;
  #born = 0;

  constructor(upstream: Upstream, size: number) {
    this.upstream = upstream;
    this.isolates = Array.from({ length: size }, () => this.#isolate());
    this.coordinator = this.#incarnate();
  }

  /** Origins of all pools, as configured now. They are looked at after each step. */
  get origins(): readonly Origin[] {
    const { pools } = this.upstream;
    if (this.#known?.pools !== pools)
      this.#known = { pools, origins: pools.flatMap(({ origins }) => origins) };
    return this.#known.origins;
  }

  /** Requests that are really open on the origin, by the isolates that carry them. */
  openOn(origin: OriginName): readonly OpenRequest[] {
    return this.isolates.flatMap(({ open }) => open.filter(({ slot }) => slot.origin === origin));
  }

  /**
   * The greatest limit under which a request that is still open can have been started, unless it has become a stream: the
   * one that is in force, or was until less ago than a lease and a request last.
   */
  greatestLimit({ name, maxConns = Infinity }: Origin): number {
    const earlier = this.#limits.get(name) ?? [];
    const seen = earlier.filter(({ seenUntilMs }) => seenUntilMs > this.now);
    return Math.max(maxConns, ...seen.map(({ maxConns }) => maxConns));
  }

  /**
   * Whether the object cannot know what the isolate does: it has never heard of it; it was idle when it was heard last, or has been
   * taken for dead, and has been cut off for so long.
   */
  #isUnknown(isolate: Isolate): boolean {
    const last = this.#lastMessages.get(isolate);
    if (last === undefined) return true;
    return last.atMs + (last.wasIdle ? idleForMs : silentForMs) <= this.now;
  }

  /** The object has said that the origin can be stopped. */
  stop(origin: OriginName): void {
    this.counts.safe++;
    this.stopped.set(origin, new Set(this.isolates.filter((isolate) => !this.#isUnknown(isolate))));
    for (const isolate of this.isolates.filter((isolate) => this.#isUnknown(isolate))) {
      for (const request of isolate.open) request.isUnaware = true;
    }
  }

  run(steps: Iterable<Step>): this {
    for (const step of steps) this.applyStep(step);
    return this;
  }

  applyStep(step: Step): void {
    if ("isolate" in step) {
      const isolate = pick(this.isolates, step.isolate);
      return isolate === undefined ? undefined : this.#act(step, isolate);
    }
    switch (step.kind) {
      case "evict":
        return this.#evict();
      case "rest":
        return this.#save(this.coordinator.rest(this.now));
      case "limit":
        return this.#limit(step.origin, step.maxConns);
      case "order":
        return this.#order(step);
      case "wait":
        return this.#wait(this.now + step.ms);
      case "waitFor": {
        const moment = pick(this.#moments(), step.moment);
        return moment === undefined ? undefined : this.#wait(moment + step.byMs);
      }
      case "deliver":
      case "repeat":
      case "lose":
      case "answer":
      case "loseAnswer":
        return this.#carry(step.kind, step.message);
    }
  }

  /** Everyone can be reached, has nothing more to do, says so, and is heard. */
  settle(): void {
    for (const isolate of this.isolates) {
      isolate.isCutOff = false;
      for (const answered of isolate.giveUpAll(this.now)) {
        // A request that would be asked for again: its client has gone.
        if (answered.answer.kind !== "ask") this.#took(isolate, answered);
      }
      for (const request of isolate.open) isolate.finish(request, this.now);
      this.#send(isolate, isolate.write(this.now, { quiet: true }).message);
    }
    // The latest first: what it says holds, whatever comes after it.
    while (this.#network.messages.size > 0) this.#carry("deliver", this.#network.messages.size - 1);
    this.#network.replies.clear();
  }

  /** All isolates die, and what they had sent is lost. */
  killAll(): void {
    for (const isolate of this.isolates.splice(0)) isolate.open = [];
    this.#network.messages.clear();
    this.#network.replies.clear();
  }

  #act(step: Extract<Step, { isolate: number }>, isolate: Isolate): void {
    switch (step.kind) {
      case "request":
        // Without sticky sessions none is bound to an origin.
        return this.#request(
          isolate,
          wants[this.upstream.sticky === undefined && step.like === "bound" ? "any" : step.like],
        );
      case "tell":
        return this.#send(isolate, isolate.write(this.now).message);
      case "quiet":
        return this.#send(isolate, isolate.write(this.now, { quiet: true }).message);
      case "roundTrip":
      case "halfTrip":
        return this.#trip(step, isolate);
      case "giveUp":
        return this.#took(isolate, isolate.giveUp(step.message, this.now));
      case "cutOff":
      case "rejoin":
        isolate.isCutOff = step.kind === "cutOff";
        return;
      case "stall":
        return isolate.stall(this.now);
      case "kill":
        // Its connections die with it; its name is never used again.
        this.counts.kills++;
        isolate.open = [];
        this.isolates[this.isolates.indexOf(isolate)] = this.#isolate();
        return;
      case "finish":
      case "vanish":
      case "stream": {
        const request = pick(isolate.open, step.request);
        return request === undefined ? undefined : this.#change(step.kind, isolate, request);
      }
    }
  }

  #change(kind: "finish" | "vanish" | "stream", isolate: Isolate, request: OpenRequest): void {
    switch (kind) {
      case "finish":
        return isolate.finish(request, this.now);
      case "vanish":
        isolate.leave(0);
        this.counts.vanished++;
        return isolate.vanish(request);
      case "stream": {
        // Only what the object is told may be relied on: a renewal counts from when it is heard.
        if (isolate.isCutOff) return;
        this.counts.streams++;
        this.#deliver({ isolate, content: isolate.prolong(request, this.now).message });
      }
    }
  }

  #request(isolate: Isolate, want: Want): void {
    const request = isolate.request(want, this.now);
    if ("message" in request) return this.#send(isolate, request.message);
    this.#took(isolate, request);
    const probe = isolate.probe(this.now);
    if (probe !== undefined) this.#send(isolate, probe.message);
  }

  /** What the isolate sends in this step is delivered at once, and answered at once or later. */
  #trip({ kind, of }: Extract<Step, { of: unknown }>, isolate: Isolate): void {
    const { messages, replies } = this.#network;
    const before = messages.size;
    if (of === "request") this.#request(isolate, wants.any);
    else this.#send(isolate, isolate.write(this.now, { quiet: of === "quiet" }).message);
    while (messages.size > before) {
      const replied = replies.size;
      this.#carry("deliver", messages.size - 1);
      if (kind === "roundTrip" && replies.size > replied) this.#carry("answer", replies.size - 1);
    }
  }

  #carry(kind: "deliver" | "repeat" | "lose" | "answer" | "loseAnswer", index: number): void {
    const { messages, replies } = this.#network;
    switch (kind) {
      case "deliver":
        return this.#deliver(messages.removePost(index));
      case "repeat":
        return this.#deliver(messages.copy(index));
      case "lose":
        return void messages.removePost(index);
      case "loseAnswer":
        return void replies.removePost(index);
      case "answer": {
        const reply = replies.removePost(index);
        if (reply === undefined || reply.isolate.isCutOff || !this.isolates.includes(reply.isolate)) return;
        const { isolate, content } = reply;
        for (const known of this.stopped.values()) known.add(isolate);
        this.#took(isolate, hear(isolate, content, this.now));
      }
    }
  }

  #send(isolate: Isolate, content: ExchangeMessage): void {
    this.#network.messages.send({ isolate, content });
  }

  #deliver(post: Post<ExchangeMessage> | undefined): void {
    if (post === undefined || post.isolate.isCutOff) return;
    const { isolate, content } = post;
    const { reply, ...effects } = this.coordinator.exchange(content, this.now, this.#random);
    this.#save(effects);
    const ask = `${content.holder}/${content.seq}`;
    if (reply.pick?.kind === "granted" && !this.grants.has(ask)) {
      this.grants.set(ask, { pool: reply.pick.pool, atMs: this.now });
    }
    const { held, awaiting, recovering } = content;
    const isGiven =
      reply.lease !== undefined || reply.pick?.kind === "granted" || reply.pick?.kind === "queued";
    const wasIdle = held.length === 0 && awaiting.length <= 1 && recovering !== true && !isGiven;
    this.#lastMessages.set(isolate, { atMs: this.now, wasIdle });
    this.#network.replies.send({ isolate, content: { seq: content.seq, reply } });
  }

  #took(isolate: Isolate, answered: Answered | undefined): void {
    if (answered === undefined) return;
    const { answer, want, untilMs } = answered;
    switch (answer.kind) {
      case "ask":
        return this.#send(isolate, isolate.write(this.now, { want: answer.want ?? want }).message);
      case "lost":
        this.counts.lost++;
        return;
      case "unavailable":
        this.counts.unavailable++;
        if (answered.isOwn) this.counts.refusedByWord++;
        return;
      case "no-retry-budget":
        return;
      case "granted":
        // The request has run out of time meanwhile.
        if (untilMs <= this.now) return isolate.holder.close(answer.slot, isolate.clock(this.now));
        this.#count(answer);
        isolate.carry(answer, untilMs, this.stopped.get(answer.pick.origin)?.has(isolate) === false);
    }
  }

  #count({ mode, pick }: Extract<Answered["answer"], { kind: "granted" }>): void {
    if (mode === "strict") this.counts.strict++;
    else if (mode === "leased") this.counts.leased++;
    else this.counts.failStatic++;
    if (mode !== "strict") this.unasked.push(pick);
    if (mode === "leased" && pick.spill === "peak") this.counts.spilledByWord++;
    if (pick.excess === true) this.counts.excess++;
  }

  #wait(until: Millis): void {
    this.now = Math.max(this.now, until);
    this.#save(this.coordinator.tend(this.now, this.#random));
    for (const isolate of this.isolates) {
      isolate.expire(this.now);
      for (const answered of isolate.giveUpOverdue(this.now)) this.#took(isolate, answered);
    }
  }

  /** When something ends, in true time. */
  #moments(): readonly Millis[] {
    const { totalMs } = this.upstream.timeouts;
    const moments = this.isolates.flatMap((isolate) => {
      const lease = isolate.holder.lease;
      const endMs = lease && isolate.truly(lease.untilMs);
      const requests = isolate.open.map(({ untilMs }) => untilMs);
      return endMs === undefined ? requests : [endMs, endMs + totalMs, ...requests];
    });
    return moments.filter((moment) => moment > this.now).toSorted((a, b) => a - b);
  }

  #order({ origin: index, order }: Extract<Step, { kind: "order" }>): void {
    const origin = pick(this.upstream.pools[0]?.origins ?? [], index);
    if (origin === undefined) return;
    this.counts.orders++;
    const before = this.coordinator.records.overrideOf(origin.name).state;
    const effects = this.coordinator.drains.operate(origin.name, order, this.now);
    if (effects !== undefined) this.#save(effects);
    if (this.coordinator.records.overrideOf(origin.name).state !== before) this.stopped.delete(origin.name);
    this.#save(this.coordinator.tend(this.now, this.#random));
  }

  #limit(index: number, maxConns: number): void {
    const limited = this.origins.filter((origin) => origin.maxConns !== undefined);
    const changed = pick(limited, index);
    if (changed?.maxConns === undefined || changed.maxConns === maxConns) return;
    if (maxConns > changed.maxConns) this.counts.raises++;
    else this.counts.lowerings++;
    const seenUntilMs = this.now + leaseMs + this.upstream.timeouts.totalMs;
    const earlier = this.#limits.get(changed.name) ?? [];
    this.#limits.set(changed.name, [...earlier, { maxConns: changed.maxConns, seenUntilMs }]);
    const pools = this.upstream.pools.map((pool) => ({
      ...pool,
      origins: pool.origins.map((origin) => (origin === changed ? { ...origin, maxConns } : origin)),
    }));
    this.upstream = { ...this.upstream, pools };
    this.coordinator.reconfigure(this.upstream, this.now);
    this.#save(this.coordinator.tend(this.now, this.#random));
  }

  #evict(): void {
    this.counts.evictions++;
    if (this.isolates.some((isolate) => isolate.mayStart(this.now))) this.counts.evictionsUnderLease++;
    this.coordinator = this.#incarnate();
    // The calls that waited fail, and are made again.
    for (const isolate of this.isolates) {
      if (isolate.isCutOff) continue;
      for (const seq of isolate.queued) this.#took(isolate, isolate.waited(seq, undefined, this.now));
    }
  }

  /** Whose waiting has ended hears of it, or does not, as of every answer. */
  #save({ rows, waited }: Effects): void {
    this.counts.writes += rows.size;
    applyRows(this.#store, rows);
    for (const { holder, seq, pick: ended } of waited) {
      this.counts.waited++;
      const isolate = this.isolates.find(({ name }) => name === holder);
      if (isolate !== undefined) this.#network.replies.send({ isolate, content: { seq, reply: { ended } } });
    }
  }

  #isolate(): Isolate {
    return new Isolate(this.upstream, ++this.#born);
  }

  #incarnate(): Coordinator {
    const saved = openState(this.#store, { now: this.now });
    return new Coordinator(this.upstream, saved, this.now, { tuning: tuningOf(this.upstream) });
  }
}

function hear(isolate: Isolate, { seq, reply }: Reply, now: Millis): Answered | undefined {
  return "ended" in reply ? isolate.waited(seq, reply.ended, now) : isolate.recordReply(seq, reply, now);
}

const wants: Readonly<Record<"any" | "bound" | "retry", Want>> = {
  any: { tried: [] },
  bound: { tried: [], pin: { session: "s", origin: "a", epoch: 1 } },
  retry: { tried: ["a"] },
};
