/**
 * An isolate of the fleet: its side of the exchange, its clock, and the requests that it really carries. It does what
 * `worker/objects/upstream-client.ts` does, but when the schedule says so.
 */
import type { Answer, AskAgain } from "../../../core/holder/answer.ts";
import type { SentMessage } from "../../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../../core/holder/leaseholder.ts";
import type { Slot } from "../../../core/holder/open-slots.ts";
import { seededRandom } from "../../../core/model/random.ts";
import type { Millis, Upstream } from "../../../core/model/upstream.ts";
import type { WaitEnd, Want } from "../../../core/protocol/pick.ts";
import type { ExchangeReply } from "../../../core/protocol/exchange.ts";
import { pick } from "./network.ts";

/** A clock that stands still (on Workers it does, between two I/Os) goes on after so long. */
export const longestStallMs: Millis = 900;

const version = { order: 1, hash: "a" };

/** A request on its way to, or at, an origin: the truth that the object's claims are held against. */
export interface OpenRequest {
  readonly slot: Slot;
  /** In true time: then it is over, for its own timer ends it. */
  untilMs: Millis;
  /** It was started above the limit, knowingly. */
  readonly isExcess: boolean;
  isStream: boolean;
  /** When it began its isolate could not know that an operator has taken the origin out. */
  isUnaware: boolean;
}

interface Sent {
  readonly sent: SentMessage;
  /** In true time. */
  readonly atMs: Millis;
}

/** What became of a request: it has its slot or has none, or the object is to be asked again. */
export interface Answered {
  readonly want: Want;
  readonly answer: Answer | AskAgain;
  /** Its isolate has decided by itself. */
  readonly isOwn: boolean;
  /** In true time: when the request ends by its own timer. */
  readonly untilMs: Millis;
}

export class Isolate {
  readonly name: string;
  readonly upstream: Upstream;
  readonly holder: Leaseholder;
  open: readonly OpenRequest[] = [];
  isCutOff = false;
  readonly #sent = new Map<number, Sent>();
  /** Messages whose answers it still waits for. */
  readonly #waiting = new Set<number>();
  /** Asks that wait in the object's queue, and until when their ends are waited for, in true time. */
  readonly #queued = new Map<number, Millis>();
  readonly #offsetMs: Millis;
  #stalledMs: Millis | undefined;

  constructor(upstream: Upstream, nth: number) {
    this.name = `isolate-${nth}`;
    this.upstream = upstream;
    this.holder = new Leaseholder(upstream, this.name, seededRandom(nth));
    // Some are hours ahead, some behind.
    this.#offsetMs = ((nth * 7) % 5) * 5_432_100 - 10_000_000;
  }

  /** What its own clock shows. */
  clock(now: Millis): Millis {
    if (this.#stalledMs !== undefined && now - this.#stalledMs > longestStallMs) this.#stalledMs = undefined;
    return (this.#stalledMs ?? now) + this.#offsetMs;
  }

  stall(now: Millis): void {
    this.#stalledMs ??= now;
  }

  /** A moment of its own clock, in true time. */
  truly(own: Millis): Millis {
    return own - this.#offsetMs;
  }

  /** A request comes: what it gets, or the message that asks for it. */
  request(want: Want, now: Millis): Answered | SentMessage {
    const answer = this.holder.pick(want, this.clock(now));
    if (answer.kind === "waits") this.holder.leaveLine(answer.place);
    if (answer.kind === "ask") return this.write(now, { want: { ...want, turn: answer.turn } });
    return answer.kind === "waits" ? this.write(now, { want }) : this.#answered(want, answer, now, true);
  }

  write(now: Millis, facts: { want?: Want; quiet?: boolean } = {}): SentMessage {
    const sent = this.holder.write(version, this.clock(now), facts);
    this.#sent.set(sent.message.seq, { sent, atMs: now });
    this.#waiting.add(sent.message.seq);
    return sent;
  }

  /** The message that finds out if the object is back, when it is time for one. */
  probe(now: Millis): SentMessage | undefined {
    return this.holder.isProbeDue(this.clock(now)) ? this.write(now) : undefined;
  }

  /** An answer arrives, in time or not; with it the clock goes on. */
  recordReply(seq: number, reply: ExchangeReply, now: Millis): Answered | undefined {
    const call = this.#sent.get(seq);
    if (call === undefined) return undefined;
    this.#stalledMs = undefined;
    this.holder.recordReply(reply, call.sent);
    if (!this.#waiting.delete(seq)) return undefined;
    const queued = this.holder.queued(reply, call.sent, this.clock(now));
    if (queued !== undefined) {
      this.#queued.set(seq, now + queued.forMs + this.upstream.timeouts.exchangeMs);
      return undefined;
    }
    const answer = this.holder.answered(reply, call.sent, this.clock(now));
    const { want } = call.sent.message;
    return answer && want && this.#answered(want, answer, call.atMs);
  }

  /** The numbers of its asks that wait. */
  get queued(): readonly number[] {
    return [...this.#queued.keys()];
  }

  /** The waiting of one of its asks has ended. */
  waited(seq: number, pick: WaitEnd["pick"] | undefined, now: Millis): Answered | undefined {
    const call = this.#sent.get(seq);
    if (call === undefined || !this.#queued.delete(seq)) return undefined;
    this.#stalledMs = undefined;
    const { want } = call.sent.message;
    const answer = this.holder.waited(pick, call.sent, this.clock(now));
    return want && this.#answered(want, answer, call.atMs);
  }

  /** The client of one that waits has gone. */
  leave(index: number): void {
    const seq = pick(this.queued, index);
    if (seq === undefined) return;
    this.#queued.delete(seq);
    this.holder.leave(this.#sent.get(seq)!.sent);
  }

  /** The answer to one of its messages is not waited for any more. */
  giveUp(index: number, now: Millis): Answered | undefined {
    const seq = pick([...this.#waiting], index);
    return seq === undefined ? undefined : this.#giveUp(seq, now);
  }

  /** The same for all that is overdue, though the timer is late by as much as the clock may stand still. */
  giveUpOverdue(now: Millis): readonly Answered[] {
    const patienceMs = this.upstream.timeouts.exchangeMs + longestStallMs;
    const overdue = [...this.#waiting].filter((seq) => this.#sent.get(seq)!.atMs + patienceMs <= now);
    for (const [seq, untilMs] of this.#queued) if (untilMs + longestStallMs <= now) overdue.push(seq);
    return overdue.flatMap((seq) => this.#giveUp(seq, now) ?? []);
  }

  giveUpAll(now: Millis): readonly Answered[] {
    return [...this.#waiting, ...this.#queued.keys()].flatMap((seq) => this.#giveUp(seq, now) ?? []);
  }

  #giveUp(seq: number, now: Millis): Answered | undefined {
    this.#waiting.delete(seq);
    this.#queued.delete(seq);
    const { sent } = this.#sent.get(seq)!;
    const answer = this.holder.recordLoss(sent, this.clock(now));
    const { want } = sent.message;
    return answer && want && this.#answered(want, answer, now);
  }

  #answered(want: Want, answer: Answered["answer"], sinceMs: Millis, isOwn = false): Answered {
    return { want, answer, isOwn, untilMs: sinceMs + this.upstream.timeouts.totalMs };
  }

  /** A request has its slot, and goes to its origin. */
  carry({ slot, pick }: Extract<Answer, { kind: "granted" }>, untilMs: Millis, isUnaware: boolean): void {
    this.open = [...this.open, { slot, untilMs, isExcess: pick.excess === true, isStream: false, isUnaware }];
  }

  finish(request: OpenRequest, now: Millis): void {
    this.open = this.open.filter((other) => other !== request);
    this.holder.close(request.slot, this.clock(now));
  }

  /** The request is over, and the isolate never learns of it (on workerd, if its client reset the connection). */
  vanish(request: OpenRequest): void {
    this.open = this.open.filter((other) => other !== request);
  }

  /** The request goes on as a stream; the message tells the object. */
  prolong(request: OpenRequest, now: Millis): SentMessage {
    request.isStream = true;
    this.holder.extend(request.slot, this.clock(now));
    request.untilMs = this.truly(request.slot.untilMs);
    return this.write(now);
  }

  /** Ends the requests whose own time is over. */
  expire(now: Millis): void {
    for (const request of this.open) if (request.untilMs <= now) this.finish(request, now);
  }

  /** Whether it may start requests without asking. */
  mayStart(now: Millis): boolean {
    return (this.holder.lease?.untilMs ?? -Infinity) > this.clock(now);
  }
}
