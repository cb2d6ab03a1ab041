/**
 * A fleet whose isolates stand still again and again, on one clock, with an object that is always there and a network that loses
 * nothing. What comes to an isolate that stands still (requests, answers, the rings of its timers) waits, and when it goes on is
 * seen to in any order: a runtime promises none. So nothing here is a reason to go on without the object, nor to exceed a
 * limit.
 */
import { Coordinator } from "../../../core/coordinator/coordinator.ts";
import { AnswerDeadline } from "../../../core/holder/answer-deadline.ts";
import type { Answer } from "../../../core/holder/answer.ts";
import type { SentMessage } from "../../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../../core/holder/leaseholder.ts";
import { seededRandom, type Random } from "../../../core/model/random.ts";
import type { Millis, OriginName, Upstream } from "../../../core/model/upstream.ts";
import type { WaitEnd, Want } from "../../../core/protocol/pick.ts";
import type { ExchangeReply } from "../../../core/protocol/exchange.ts";
import { nothingSaved } from "../saved.ts";
import { BrokenPromise } from "./promises.ts";

export interface StarvedRequest {
  readonly isolate: number;
  readonly atMs: Millis;
  readonly tookMs: Millis;
}

export interface Stall {
  readonly isolate: number;
  readonly atMs: Millis;
  readonly forMs: Millis;
}

interface Event {
  readonly atMs: Millis;
  /** What it waits for while that stands still; absent: for nothing. */
  readonly at: StarvedIsolate | undefined;
  readonly act: () => void;
}

type Ended = Answer | { readonly kind: "ask" } | undefined;

const version = { order: 1, hash: "a" };
/** An isolate says so long after a request that it is over. */
const flushAfterMs = 5;
/** One way. */
const networkMs = 10;

class StarvedIsolate {
  readonly name: string;
  readonly holder: Leaseholder;
  stoodStillUntilMs = -Infinity;
  isFlushDue = false;
  /** Asks that wait in the object's queue. */
  readonly queued = new Map<number, (pick: WaitEnd["pick"]) => void>();

  constructor(upstream: Upstream, nth: number) {
    this.name = `isolate-${nth}`;
    this.holder = new Leaseholder(upstream, this.name, seededRandom(nth));
  }
}

export class StarvedFleet {
  now: Millis = 1_000_000;
  readonly counts = { served: 0, refused: 0, stalled: 0, late: 0 };
  readonly #upstream: Upstream;
  readonly #random: Random;
  readonly #isolates: readonly StarvedIsolate[];
  readonly #coordinator: Coordinator;
  readonly #open = new Map<OriginName, number>();
  #events: Event[] = [];

  constructor(upstream: Upstream, isolates: number, seed: number) {
    this.#upstream = upstream;
    this.#random = seededRandom(seed);
    this.#isolates = Array.from({ length: isolates }, (_, nth) => new StarvedIsolate(upstream, nth + 1));
    this.#coordinator = new Coordinator(upstream, nothingSaved, this.now);
  }

  /** Lets all of it happen, to the end. Throws when a limit is exceeded, or a request goes on without the object or is lost. */
  run(requests: readonly StarvedRequest[], stalls: readonly Stall[]): this {
    for (const { isolate, atMs, tookMs } of requests) {
      const at = this.#isolates[isolate]!;
      this.#after(atMs, at, () => this.#request(at, tookMs, this.now + this.#upstream.timeouts.totalMs));
    }
    for (const { isolate, atMs, forMs } of stalls) {
      const at = this.#isolates[isolate]!;
      this.#after(atMs, undefined, () => {
        this.counts.stalled++;
        at.stoodStillUntilMs = Math.max(at.stoodStillUntilMs, this.now + forMs);
      });
    }
    for (let event = this.#next(); event !== undefined; event = this.#next()) event.act();
    return this;
  }

  #after(delayMs: Millis, at: StarvedIsolate | undefined, act: () => void): void {
    this.#events.push({ atMs: this.now + Math.max(0, delayMs), at, act });
  }

  /** The next event: of those that are due at once any. One whose isolate stands still is put off until that goes on. */
  #next(): Event | undefined {
    for (;;) {
      const dueMs = this.#events.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
      const due = this.#events.filter(({ atMs }) => atMs === dueMs);
      const event = due[Math.floor(this.#random.next() * due.length)];
      if (event === undefined) return undefined;
      this.now = Math.max(this.now, dueMs);
      this.#events.splice(this.#events.indexOf(event), 1);
      const untilMs = event.at?.stoodStillUntilMs ?? -Infinity;
      if (untilMs <= this.now) return event;
      this.counts.late++;
      this.#events.push({ ...event, atMs: untilMs });
    }
  }

  #request(at: StarvedIsolate, tookMs: Millis, deadlineMs: Millis): void {
    const want: Want = { tried: [] };
    const own = at.holder.pick(want, this.now);
    if (own.kind === "waits") at.holder.leaveLine(own.place);
    if (own.kind !== "ask" && own.kind !== "waits") return this.#took(at, own, tookMs);
    this.#ask(at, own.kind === "ask" ? { ...want, turn: own.turn } : want, tookMs, deadlineMs);
  }

  #ask(at: StarvedIsolate, want: Want, tookMs: Millis, deadlineMs: Millis): void {
    this.#send(at, want, (answer) => {
      if (answer?.kind !== "ask") return this.#took(at, answer ?? { kind: "lost" }, tookMs);
      if (this.now < deadlineMs) this.#ask(at, want, tookMs, deadlineMs);
    });
  }

  /** What the Worker does with a message, `worker/objects/upstream-client.ts`. */
  #send(at: StarvedIsolate, want: Want | undefined, then: (ended: Ended) => void): void {
    const { holder } = at;
    const sent = holder.write(version, this.now, want && { want });
    let isOver = false;
    const end = (ended: () => Ended): void => {
      if (isOver) return;
      isOver = true;
      then(ended());
    };
    const hear = (reply: ExchangeReply): void => {
      holder.recordReply(reply, sent);
      if (isOver) return;
      const queued = holder.queued(reply, sent, this.now);
      if (queued === undefined) return end(() => holder.answered(reply, sent, this.now));
      isOver = true;
      this.#wait(at, sent, queued.forMs, then);
    };
    this.#deadline(at, () => end(() => holder.recordLoss(sent, this.now)));
    this.#after(networkMs, undefined, () => this.#receive(at, sent, hear));
  }

  #wait(at: StarvedIsolate, sent: SentMessage, forMs: Millis, then: (ended: Ended) => void): void {
    const { seq } = sent.message;
    const end = (ended: () => Ended): void => {
      if (at.queued.delete(seq)) then(ended());
    };
    at.queued.set(seq, (pick) => end(() => at.holder.waited(pick, sent, this.now)));
    this.#after(forMs, at, () => this.#deadline(at, () => end(() => at.holder.recordLoss(sent, this.now))));
  }

  #deadline(at: StarvedIsolate, lose: () => void): void {
    const deadline = new AnswerDeadline(this.#upstream.timeouts.exchangeMs, this.now);
    const ring = (): void => {
      if (deadline.isOver(this.now)) lose();
      else this.#after(deadline.inMs, at, ring);
    };
    this.#after(deadline.inMs, at, ring);
  }

  #receive(at: StarvedIsolate, { message }: SentMessage, hear: (reply: ExchangeReply) => void): void {
    const { reply, waited } = this.#coordinator.exchange(message, this.now, this.#random);
    this.#after(networkMs, at, () => hear(reply));
    this.#tell(waited);
    // The object looks at its queue by itself when a request's waiting is over.
    if (reply.pick?.kind !== "queued") return;
    this.#after(reply.pick.forMs, undefined, () =>
      this.#tell(this.#coordinator.tend(this.now, this.#random).waited),
    );
  }

  #tell(waited: readonly WaitEnd[]): void {
    for (const { holder, seq, pick } of waited) {
      const at = this.#isolates.find(({ name }) => name === holder)!;
      // The call that waits may come a little later than what it waits for.
      const tell = (): void => {
        const end = at.queued.get(seq);
        if (end === undefined) this.#after(1, at, () => at.queued.get(seq)?.(pick));
        else end(pick);
      };
      this.#after(2 * networkMs, at, tell);
    }
  }

  #took(at: StarvedIsolate, answer: Answer, tookMs: Millis): void {
    if (answer.kind === "lost") throw new BrokenPromise(`at ${this.now} ms: a request is lost`);
    if (answer.kind !== "granted") {
      this.counts.refused++;
      return;
    }
    const { pick, slot, mode } = answer;
    if (mode === "fail-static")
      throw new BrokenPromise(`at ${this.now} ms: a request goes on alone (${answer.alone})`);
    const { origin } = pick;
    const open = (this.#open.get(origin) ?? 0) + 1;
    const { maxConns = Infinity } = this.#upstream.pools
      .flatMap(({ origins }) => origins)
      .find(({ name }) => name === origin)!;
    if (open > maxConns)
      throw new BrokenPromise(`at ${this.now} ms: ${open} of ${maxConns} are open on ${origin}`);
    this.#open.set(origin, open);
    this.counts.served++;
    // The origin has answered, whether its isolate runs or not.
    this.#after(tookMs, undefined, () => {
      this.#open.set(origin, this.#open.get(origin)! - 1);
      this.#after(0, at, () => {
        at.holder.close(slot, this.now);
        this.#flush(at);
      });
    });
  }

  #flush(at: StarvedIsolate): void {
    if (at.isFlushDue) return;
    at.isFlushDue = true;
    this.#after(flushAfterMs, at, () => {
      at.isFlushDue = false;
      if (at.holder.hasUnsaid) this.#send(at, undefined, () => {});
    });
  }
}
