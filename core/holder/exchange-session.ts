/**
 * A holder's messages to the object above it, and the answers: numbers, epochs, what is awaited, what is said until it is known to
 * have arrived, and the lease that came of it. An isolate writes to its region or to the root, a region writes to the root; what they
 * have open differs (`open-slots.ts`, `core/region/region-link.ts`), how they write does not.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import { clockLagMs } from "../protocol/clocks.ts";
import type { ConfigVersion } from "../protocol/config-section.ts";
import type { ExchangeMessage, ExchangeReply, HolderId } from "../protocol/exchange.ts";
import { noneOut, withoutOut, type OriginsOut } from "../protocol/origins-out.ts";
import type { Outcome, OutcomeRun, TallyKey } from "../protocol/outcome.ts";
import { slotsByOrigin, surplusOf, withoutSurplus, type HeldLease } from "./held-lease.ts";
import { OutcomeLog } from "./outcome-log.ts";
import { TallyBook } from "./tally-book.ts";

/** A message, and when it was sent. */
export interface SentMessage {
  readonly message: ExchangeMessage;
  readonly sentMs: Millis;
}

/** What a message says of its holder's requests. */
export type Declared = Pick<ExchangeMessage, "held" | "usual" | "most" | "started" | "sessions">;

/** What a message says besides that, and besides numbers. */
export interface Facts extends Pick<
  ExchangeMessage,
  "recovering" | "quiet" | "short" | "want" | "replaces" | "outSeen"
> {
  readonly config: ConfigVersion;
  /** By then its request has taken its answer or given it up; if it has done neither, it has died. */
  readonly untilMs: Millis;
}

/**
 * Nothing of a message is awaited for longer: the platform lets work go on for half a minute after its request is over. This is
 * for requests that died. The others say themselves that they wait no more, and not by the clock: it also goes on while
 * the isolate stands still (`answer-deadline.ts`).
 */
export const abandonedAfterMs: Millis = 30_000;

export class ExchangeSession {
  readonly #holder: HolderId;
  readonly #outcomes = new OutcomeLog();
  readonly #tallies = new TallyBook();
  /** Something has changed that no message has said yet. */
  #unsaid = false;
  /** Messages that may still be answered, and until when. */
  readonly #awaiting = new Map<number, Millis>();
  /** None of them is given up before this. */
  #awaitedUntilMs: Millis = Infinity;
  /** Leases that came with a grant that is not taken yet. */
  readonly #leaseOfGrant = new Map<number, HeldLease | undefined>();
  /** Asks that wait in the object's queue: these have been answered once, and their grants come without a lease. */
  readonly #waiting = new Set<number>();
  #lease: HeldLease | undefined;
  /** What has not been given back of the lease; `undefined`: nothing was given back. */
  #keeps: Readonly<Record<OriginName, number>> | undefined;
  /** Also after it was given back or withdrawn; then its time is over. */
  #lastLease: HeldLease | undefined;
  /** The latest message that was answered while it was awaited. */
  #heardSeq = 0;
  #seq = 0;
  #epoch = 0;
  /** Messages up to this one knew only an earlier incarnation of the object. */
  #outdatedSeq = 0;
  /** Whether the latest message said everything that the object needs to know after it has lost its memory. */
  #isSettled = true;
  /** An answer has ended a lease that may have been used until then: the object counts its slots until a message confirms that. */
  #isEnded = false;
  #out: OriginsOut = noneOut;
  /** The version of it that the latest message named. */
  #outSaid = 0;

  constructor(holder: HolderId) {
    this.#holder = holder;
  }

  /** Messages written so far; also the number of the latest. */
  get written(): number {
    return this.#seq;
  }

  /** The latest message of those that were answered in time. */
  get answered(): number {
    return this.#heardSeq;
  }

  /** Asks that wait in the object's queue. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The lease in force; the caller that starts requests under it must check its end. */
  get lease(): HeldLease | undefined {
    return this.#lease;
  }

  /** What was heard last of the origins, whether it still gives a right to anything (`untilMs`) or not. */
  get lastLease(): HeldLease | undefined {
    return this.#lastLease;
  }

  /** What the operator has ordered, as far as was heard. */
  get out(): OriginsOut {
    return this.#out;
  }

  /** Something has changed that no message has said yet. */
  get hasUnsaid(): boolean {
    return this.#unsaid || this.owesWord;
  }

  /**
   * The object counts the most that this holder may have had, since it has lost its memory or ended its lease, until a message
   * tells it that nothing from before is used or awaited any more. That is true now, and has not been said. Or it waits to
   * hear that an order is known here.
   */
  get owesWord(): boolean {
    return this.#outSaid !== this.#out.version || this.#isEnded || (!this.#isSettled && this.#canSettle());
  }

  /** The next message. */
  write(declared: Declared, facts: Facts, now: Millis): ExchangeMessage {
    this.#giveUpOverdue(now);
    const seq = ++this.#seq;
    const { untilMs, quiet } = facts;
    this.#awaiting.set(seq, untilMs);
    if (untilMs < this.#awaitedUntilMs) this.#awaitedUntilMs = untilMs;
    if (quiet === true) this.#hold(undefined);
    this.#isSettled ||= this.#canSettle();
    this.#isEnded = false;
    this.#unsaid = false;
    this.#outSaid = this.#out.version;
    const tallies = this.#tallies.say(now, facts.want !== undefined);
    // All in one, though most of it is absent: JSON leaves that out, and an object put together of parts costs more.
    return {
      holder: this.#holder,
      seq,
      epoch: this.#epoch,
      config: facts.config,
      held: declared.held,
      awaiting: [...this.#awaiting.keys()],
      outcomes: this.#outcomes.say(),
      outcomesFrom: this.#outcomes.from,
      lease: this.#lease?.seq,
      heard: this.#heardSeq || undefined,
      keeps: this.#keeps,
      usual: declared.usual,
      most: declared.most,
      started: declared.started,
      tallies: tallies.length > 0 ? tallies : undefined,
      sessions: declared.sessions,
      replaces: facts.replaces,
      short: facts.short,
      recovering: facts.recovering,
      quiet,
      outSeen: facts.outSeen ?? (this.#out.version || undefined),
      want: facts.want,
    };
  }

  /**
   * Takes in the answer to a message that was sent at `sentMs`, all but its pick. One that is no longer awaited is
   * heard too, but brings no lease: the object may already rely on its not being taken.
   */
  recordReply(reply: ExchangeReply, { message, sentMs }: SentMessage): void {
    const { seq, tallies } = message;
    if (this.#epoch > 0 && reply.epoch > this.#epoch) {
      this.#outdatedSeq = this.#seq;
      this.#isSettled = false;
    }
    this.#epoch = Math.max(this.#epoch, reply.epoch);
    this.#outcomes.seen(reply.outcomesSeen);
    if (tallies !== undefined) this.#tallies.confirm(tallies);
    if (reply.out !== undefined && reply.out.version > this.#out.version) this.#obey(reply.out);
    if (!this.#awaiting.has(seq)) return;
    const lease = reply.lease && { ...reply.lease, seq, untilMs: sentMs + reply.lease.forMs - clockLagMs };
    // A granted ask is awaited until its slot is taken; its lease counts that slot in, and is taken with it.
    if (reply.pick?.kind === "granted") this.#leaseOfGrant.set(seq, lease);
    else if (reply.pick?.kind === "queued") this.#waits(seq, lease);
    else this.#adopt(seq, lease);
  }

  /** The ask is awaited for longer: until this time. `false` if it was given up. */
  wait(seq: number, untilMs: Millis): boolean {
    if (!this.#awaiting.has(seq)) return false;
    this.#awaiting.set(seq, untilMs);
    return true;
  }

  /** The slot that was granted in answer to the message is taken; `false` if the ask was given up meanwhile. */
  takeGrant(seq: number): boolean {
    if (!this.#awaiting.has(seq)) return false;
    if (this.#waiting.delete(seq)) this.#close(seq);
    else this.#adopt(seq, this.#leaseOfGrant.get(seq));
    return true;
  }

  /** The answer to the ask, if it was a grant, will not be taken. */
  giveUp(seq: number): void {
    if (this.#close(seq)) this.#unsaid = true;
  }

  /** A message was not answered: what it said must be said again. */
  recordLoss(seq: number): void {
    this.#close(seq);
    this.#unsaid = true;
  }

  /** The message's answer is not waited for any more; `false` if it was not. */
  #close(seq: number): boolean {
    this.#leaseOfGrant.delete(seq);
    this.#waiting.delete(seq);
    return this.#awaiting.delete(seq);
  }

  /** Whether `giveBack` would give anything back. */
  hasSurplus(openOn: (origin: OriginName) => number): boolean {
    return this.#lease !== undefined && surplusOf(this.#lease, openOn) > 0;
  }

  /**
   * Gives back of the lease what there is no use for at this moment beyond what is to be kept: the next message says so. The
   * object could only take it back with its answer, and could give it to others only once the message after that has
   * confirmed it.
   */
  giveBack(openOn: (origin: OriginName) => number): void {
    const rest = this.#lease && withoutSurplus(this.#lease, openOn);
    if (rest === undefined) return;
    this.#lease = this.#lastLease = rest;
    this.#keeps = slotsByOrigin(rest);
  }

  /** What an attempt says of its origin. */
  recordOutcome(outcome: Outcome): void {
    this.#outcomes.add(outcome);
    this.#unsaid = true;
  }

  /** So many more of that. What is not on the bill rides in messages that are sent anyway. */
  tally(key: TallyKey, count: number): void {
    if (this.#tallies.add(key, count)) this.#unsaid = true;
  }

  /** What the holder has open has changed otherwise than by the object's word: the next message is to say so. */
  noteChange(): void {
    this.#unsaid = true;
  }

  /** Passes on what a region's own holders have told it. */
  forward(runs: readonly OutcomeRun[]): void {
    this.#outcomes.forward(runs);
  }

  /** What came with the answer is in force, and the ask is still awaited. */
  #waits(seq: number, lease: HeldLease | undefined): void {
    if (this.#waiting.has(seq)) return;
    this.#waiting.add(seq);
    this.#use(seq, lease);
  }

  #adopt(seq: number, lease: HeldLease | undefined): void {
    this.#close(seq);
    this.#use(seq, lease);
  }

  #use(seq: number, lease: HeldLease | undefined): void {
    if (seq < this.#heardSeq) return;
    this.#heardSeq = seq;
    if (lease === undefined && this.#lease !== undefined) this.#isEnded = true;
    this.#hold(lease);
  }

  #obey(out: OriginsOut): void {
    this.#out = out;
    if (this.#lease === undefined) return;
    this.#lease = this.#lastLease = withoutOut(this.#lease, out);
  }

  #hold(given: HeldLease | undefined): void {
    const lease = given && withoutOut(given, this.#out);
    this.#lease = lease;
    this.#keeps = undefined;
    this.#lastLease = lease ?? (this.#lastLease && { ...this.#lastLease, untilMs: -Infinity });
  }

  #canSettle(): boolean {
    if ((this.#lease?.seq ?? Infinity) <= this.#outdatedSeq) return false;
    for (const seq of this.#awaiting.keys()) if (seq <= this.#outdatedSeq) return false;
    return true;
  }

  #giveUpOverdue(now: Millis): void {
    if (now < this.#awaitedUntilMs) return;
    this.#awaitedUntilMs = Infinity;
    for (const [seq, untilMs] of this.#awaiting) {
      if (untilMs <= now) this.#close(seq);
      else this.#awaitedUntilMs = Math.min(this.#awaitedUntilMs, untilMs);
    }
  }
}
