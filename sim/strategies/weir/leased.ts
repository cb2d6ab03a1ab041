/**
 * Leased shares: no request asks the coordinator. Every dispatcher tells the coordinator every so often what it has in flight and
 * what has ended, is told the shares that fill the origins to one level (`core/leasing/shares.ts`), and draws from
 * these until the next time. Nothing can push to isolates, so the isolates ask; but the answer can say when to come
 * again. So they all come within the same short while of a period, and are answered when it is over: what each draws
 * from then is made of what all have just told. If each came at a time of its own, what is known of an origin would
 * on average be half a period older, time enough for all to fill an origin that has slowed down.
 */
import { ShareDraws } from "../../../core/leasing/shares.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { AttemptEnd, Ground } from "../strategy.ts";
import { fleetScope } from "../../engine/health.ts";
import { SharesBook } from "./shares-book.ts";
import { WeirStrategy } from "./weir-strategy.ts";

const Timer = { send: 0, reach: 1, publish: 2, reply: 3 } as const;

/** The part of a period within which all dispatchers report: shorter is fresher, but a burst for the coordinator. */
const reportingShare = 0.2;

/** Draws until one is usable; after so many a request goes on without shares. */
const mostDraws = 8;

/** Shares that are older say nothing of now: without a coordinator requests then go round robin. */
const sharesLastMs = 3000;

interface Holder {
  readonly draws: ShareDraws;
  /** In flight, by server: now, and as in the message that is on its way. */
  readonly own: Int32Array;
  readonly declared: Int32Array;
  /** Requests sent since the last message, and attempts that have ended. */
  sent: number;
  ended: AttemptEnd[];
  /** When its shares came. */
  sharedAt: Millis;
  /** The reply that is on its way. */
  shares: Float64Array | undefined;
  /** Where its draws from them begin. */
  start: number;
}

export class Leased extends WeirStrategy {
  readonly #holders: readonly Holder[];
  readonly #book: SharesBook;
  /** The dispatchers that have reported and wait for shares. */
  #waiting: number[] = [];
  /** The servers that shares speak of. */
  #servers: readonly number[] = [];

  constructor(ground: Ground) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    this.#book = new SharesBook(ground);
    this.#holders = Array.from({ length: dispatchers.count }, () => ({
      draws: new ShareDraws(ground.random),
      own: new Int32Array(servers.length),
      declared: new Int32Array(servers.length),
      sent: 0,
      ended: [],
      sharedAt: -Infinity,
      shares: undefined,
      start: 0,
    }));
  }

  begin(): void {
    const { syncMs, coordinatorRttMs } = this.ground.scenario.network;
    const reportingMs = reportingShare * syncMs;
    for (const holder of this.#holders.keys()) {
      this.ground.after(this.ground.random.next() * reportingMs, Timer.send, holder);
    }
    this.ground.after(reportingMs + coordinatorRttMs / 2, Timer.publish);
  }

  route(request: number): void {
    this.deposit(request);
    const holder = this.#holders[this.ground.dispatcherOf(request)]!;
    const server = this.#draw(holder, request) ?? this.pickAlone(request);
    if (server === undefined) return this.ground.refuse(request);
    holder.sent++;
    holder.own[server] = holder.own[server]! + 1;
    this.ground.send(request, server);
  }

  recordEnd(end: AttemptEnd): void {
    const holder = this.#holders[end.dispatcher]!;
    holder.own[end.server] = holder.own[end.server]! - 1;
    holder.ended.push({ ...end });
  }

  timer(code: number, index: number): void {
    switch (code) {
      case Timer.send:
        return this.#send(this.#holders[index]!, index);
      case Timer.reach:
        return this.#reach(this.#holders[index]!, index);
      case Timer.publish:
        return this.#publish();
      case Timer.reply:
        return this.#adoptShares(this.#holders[index]!);
    }
  }

  #draw(holder: Holder, request: number): number | undefined {
    const { health, now } = this.ground;
    if (now - holder.sharedAt > sharesLastMs) return undefined;
    for (let count = 0; count < mostDraws; count++) {
      const place = holder.draws.draw();
      const server = place === undefined ? undefined : this.#servers[place];
      if (server === undefined) return undefined;
      if (!health.isHealthy(fleetScope, server, now)) continue;
      if (!this.ground.isRetry(request) || !this.ground.hasTried(request, server)) return server;
    }
    return undefined;
  }

  #send(holder: Holder, index: number): void {
    const { syncMs, coordinatorRttMs } = this.ground.scenario.network;
    this.ground.after(syncMs, Timer.send, index);
    if (this.ground.isLost() || !this.ground.coordinatorIsUp) return;
    holder.declared.set(holder.own);
    this.ground.after(coordinatorRttMs / 2, Timer.reach, index);
  }

  #reach(holder: Holder, index: number): void {
    this.ground.noteMessage(0);
    for (const report of holder.ended) this.judge(report);
    this.#book.declare(index, holder);
    this.#waiting.push(index);
    holder.ended = [];
    holder.sent = 0;
  }

  /** All dispatchers that can report have reported. */
  #publish(): void {
    const { syncMs, coordinatorRttMs } = this.ground.scenario.network;
    this.ground.after(syncMs, Timer.publish);
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!this.ground.coordinatorIsUp) return;
    this.#servers = this.#book.servers();
    const shares = this.#book.publish(this.#servers);
    const first = this.ground.random.next();
    for (const [rank, index] of waiting.entries()) {
      const holder = this.#holders[index]!;
      holder.shares = shares;
      holder.start = (first + rank / waiting.length) % 1;
      this.ground.after(coordinatorRttMs / 2, Timer.reply, index);
    }
  }

  #adoptShares(holder: Holder): void {
    if (holder.shares === undefined) return;
    holder.draws.publish(holder.shares, holder.start);
    holder.sharedAt = this.ground.now;
  }
}
