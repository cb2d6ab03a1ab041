/**
 * The holder's side of the exchange: what this isolate has open, and what it may start by itself. Every message to the
 * object is made from here, and every answer is taken in here.
 */
import type { Millis, OriginName } from "../upstream.ts";
import type { ConfigVersion, ExchangeMessage, ExchangeReply, Lease, Outcome, Want } from "./exchange.ts";
import { OpenSlots, type Slot } from "./open-slots.ts";
import { OutcomeLog } from "./outcome-log.ts";
import { UsualOpen } from "./usual-open.ts";

export type { Slot };

/** More sessions than these are not told of in one message: it is only for counting them. */
const maxSessions = 256;

/** The lease that is in force: the one from the latest message that was answered. */
export interface HeldLease extends Lease {
  /** The message that it came in answer to. */
  readonly seq: number;
  /** On the holder's own clock. */
  readonly untilMs: Millis;
}

export interface MessageFacts {
  /** How long its answer is waited for. */
  readonly untilMs: Millis;
  /** With a want it is an ask, open until `take` or `giveUp`. */
  readonly want?: Want;
  /** The holder starts nothing at present: its lease ends with this message. */
  readonly quiet?: boolean;
}

export class Holdings {
  readonly #holder: string;
  readonly #slots = new OpenSlots();
  readonly #usual = new UsualOpen();
  readonly #outcomes = new OutcomeLog();
  /** Messages that may still be answered, and until when. */
  readonly #awaiting = new Map<number, Millis>();
  /** Leases that came with a grant that is not taken yet. */
  readonly #leaseOfGrant = new Map<number, HeldLease | undefined>();
  /** What it has not given back of its lease; `undefined`: it has given nothing back. */
  #keeps: Readonly<Record<OriginName, number>> | undefined;
  readonly #started = new Map<OriginName, number>();
  readonly #sessions = new Map<string, OriginName>();
  /** No awaited message is given up before this. */
  #awaitedUntilMs: Millis = Infinity;
  #lease: HeldLease | undefined;
  /** Also after it was given back or withdrawn; then its time is over. */
  #lastLease: HeldLease | undefined;
  /** The latest message that was answered while it was awaited. */
  #heardSeq = 0;
  #seq = 0;
  #epoch = 0;
  #unsaid = false;

  constructor(holder: string) {
    this.#holder = holder;
  }

  /** Something has changed that no message has said yet. */
  get hasUnsaid(): boolean {
    return this.#unsaid;
  }

  /** Its traffic has fallen since the last message: it holds slots that others may need. */
  get hasFallen(): boolean {
    return this.#lease !== undefined && this.#usual.hasFallen;
  }

  /** Messages made so far. */
  get messages(): number {
    return this.#seq;
  }

  /** Open requests. */
  get open(): number {
    return this.#slots.size;
  }

  /** Open requests on the origin. */
  openOn(origin: OriginName): number {
    return this.#slots.on(origin);
  }

  /** The lease in force: whoever starts requests under it minds its end. */
  get lease(): HeldLease | undefined {
    return this.#lease;
  }

  /** What was heard last of the origins, whether it still gives a right to anything (`untilMs`) or not. */
  get lastLease(): HeldLease | undefined {
    return this.#lastLease;
  }

  /** The next message. */
  message(config: ConfigVersion, now: Millis, { untilMs, want, quiet }: MessageFacts): ExchangeMessage {
    this.#slots.prune(now);
    this.#usual.set(this.#slots.size, now);
    this.#usual.hasFallen = false;
    const usual = Math.round(this.#usual.at(now) * 100) / 100;
    this.#giveUpOverdue(now);
    const seq = ++this.#seq;
    this.#awaiting.set(seq, untilMs);
    if (untilMs < this.#awaitedUntilMs) this.#awaitedUntilMs = untilMs;
    this.#unsaid = false;
    if (quiet === true) this.#hold(undefined);
    else this.#giveBack();
    const message: ExchangeMessage = {
      holder: this.#holder,
      seq,
      epoch: this.#epoch,
      config,
      held: this.#slots.declare(now),
      awaiting: [...this.#awaiting.keys()],
      outcomes: this.#outcomes.say(),
      outcomesFrom: this.#outcomes.from,
      ...(this.#lease && { lease: this.#lease.seq }),
      ...(this.#keeps && { keeps: this.#keeps }),
      ...(usual > 0 && { usual }),
      ...(this.#started.size > 0 && { started: [...this.#started].map(toStarted) }),
      ...(this.#sessions.size > 0 && { sessions: [...this.#sessions].map(toSession) }),
      ...(quiet && { quiet }),
      ...(want && { want }),
    };
    this.#sessions.clear();
    return message;
  }

  /**
   * Takes in the answer to a message that was sent at `sentMs`, all but its pick. One that is no longer awaited is
   * heard too, but brings no lease: the object may already rely on its not being taken.
   */
  hear(reply: ExchangeReply, { seq, sentMs }: { readonly seq: number; readonly sentMs: Millis }): void {
    if (reply.epoch > this.#epoch) {
      // The object has lost its memory: until it is told under its new epoch, it counts what is open twice.
      if (this.#epoch > 0 && this.#slots.size > 0) this.#unsaid = true;
      this.#epoch = reply.epoch;
    }
    this.#outcomes.seen(reply.outcomesSeen);
    const isAwaited = this.#awaiting.has(seq);
    if (!isAwaited) return;
    const lease = reply.lease && { ...reply.lease, seq, untilMs: sentMs + reply.lease.forMs };
    // A granted ask is awaited until its slot is taken; its lease counts that slot in, and is taken with it.
    if (reply.pick?.kind === "granted") this.#leaseOfGrant.set(seq, lease);
    else this.#adopt(seq, lease);
  }

  /** A message was not answered: what it said must be said again. */
  lost(seq: number): void {
    this.#awaiting.delete(seq);
    this.#leaseOfGrant.delete(seq);
    this.#unsaid = true;
  }

  /** A grant arrived: the slot is the holder's until `untilMs`. `undefined` if the ask was given up meanwhile. */
  take(ask: number, origin: OriginName, untilMs: Millis, now: Millis): Slot | undefined {
    if (!this.#awaiting.has(ask)) return undefined;
    const slot = this.#slots.add(origin, untilMs);
    this.#usual.set(this.#slots.size, now);
    this.#adopt(ask, this.#leaseOfGrant.get(ask));
    return slot;
  }

  /** The answer to the ask, if it was a grant, will not be taken. */
  giveUp(ask: number): void {
    this.#leaseOfGrant.delete(ask);
    if (this.#awaiting.delete(ask)) this.#unsaid = true;
  }

  /** A request is started without having asked: under the lease, or because nobody can be asked. */
  start(origin: OriginName, untilMs: Millis, now: Millis): Slot {
    this.#started.set(origin, (this.#started.get(origin) ?? 0) + 1);
    this.#unsaid = true;
    const slot = this.#slots.add(origin, untilMs);
    this.#usual.set(this.#slots.size, now);
    return slot;
  }

  /** A bound session was served without the object's knowing. */
  noteSession(session: string, origin: OriginName): void {
    if (this.#sessions.size < maxSessions) this.#sessions.set(session, origin);
  }

  /** The request goes on (a stream): keep its slot until the new deadline, and declare it again. */
  extend(slot: Slot, untilMs: Millis): void {
    this.keep(slot, untilMs);
    this.#unsaid = true;
  }

  /** The same, where the object need not hear of it before the old deadline. */
  keep(slot: Slot, untilMs: Millis): void {
    this.#slots.prolong(slot, untilMs);
  }

  /** The request is over. Closing a slot twice, or one that fell out, does nothing. */
  close(slot: Slot, now: Millis): void {
    if (!this.#slots.remove(slot)) return;
    this.#unsaid = true;
    this.#usual.set(this.#slots.size, now);
  }

  /** What the attempt says of its origin. */
  observe(outcome: Outcome): void {
    this.#outcomes.add(outcome);
    this.#unsaid = true;
  }

  #adopt(seq: number, lease: HeldLease | undefined): void {
    this.#awaiting.delete(seq);
    this.#leaseOfGrant.delete(seq);
    if (seq < this.#heardSeq) return;
    this.#heardSeq = seq;
    this.#hold(lease);
  }

  /**
   * Gives back what it has no use for at this moment beyond what it is to keep. The object could only take it back with
   * its answer, and could give it to others only once the message after that has confirmed it.
   */
  #giveBack(): void {
    const lease = this.#lease;
    if (lease === undefined) return;
    let keep = 0;
    let surplus = 0;
    for (const { origin, slots, keep: kept } of lease.origins) {
      if (slots === undefined) continue;
      surplus += Math.max(slots, this.openOn(origin));
      keep += kept ?? slots;
    }
    surplus -= Math.ceil(keep);
    if (surplus <= 0) return;
    const origins = lease.origins.map((origin) => {
      const idle = Math.max(0, (origin.slots ?? 0) - this.openOn(origin.origin));
      const less = Math.min(idle, surplus);
      if (origin.slots === undefined || less <= 0) return origin;
      surplus -= less;
      return { ...origin, slots: origin.slots - less };
    });
    this.#lease = this.#lastLease = { ...lease, origins };
    this.#keeps = Object.fromEntries(
      origins.flatMap(({ origin, slots }) => (slots === undefined ? [] : [[origin, slots]])),
    );
  }

  #hold(lease: HeldLease | undefined): void {
    this.#lease = lease;
    this.#keeps = undefined;
    this.#lastLease = lease ?? (this.#lastLease && { ...this.#lastLease, untilMs: -Infinity });
  }

  #giveUpOverdue(now: Millis): void {
    if (now < this.#awaitedUntilMs) return;
    this.#awaitedUntilMs = Infinity;
    for (const [seq, untilMs] of this.#awaiting) {
      if (untilMs <= now) {
        this.#awaiting.delete(seq);
        this.#leaseOfGrant.delete(seq);
      } else this.#awaitedUntilMs = Math.min(this.#awaitedUntilMs, untilMs);
    }
  }
}

const toStarted = ([origin, count]: [OriginName, number]) => ({ origin, count });
const toSession = ([session, origin]: [string, OriginName]) => ({ session, origin });
