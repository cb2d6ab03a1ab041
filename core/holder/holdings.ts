/**
 * The isolate's side of the exchange: what it has open, and what it may start by itself. Every message to the object is
 * made from here, and every answer is taken in here.
 */
import type { Millis, OriginName, PoolName } from "../model/upstream.ts";
import type { ConfigVersion } from "../protocol/config-version.ts";
import type { ExchangeMessage, ExchangeReply } from "../protocol/exchange.ts";
import type { OriginsOut } from "../protocol/origins-out.ts";
import type { Outcome } from "../protocol/outcome.ts";
import type { Tally } from "../protocol/tally.ts";
import type { Want } from "../protocol/want.ts";
import { ExchangeSession, type Contents, type HeldLease } from "./exchange-session.ts";
import { OpenSlots, type Slot } from "./open-slots.ts";
import { SlotsNeeded } from "./slots-needed.ts";
import { TallyBook } from "./tally-book.ts";

/** More sessions than these are not told of in one message: it is only for counting them. */
const maxSessions = 256;

export interface MessageFacts {
  /** By then its request has taken its answer or given it up; if it has done neither, it has died. */
  readonly untilMs: Millis;
  /** With a want it is an ask, open until `take` or `giveUp`. */
  readonly want?: Want | undefined;
  /** The object did not answer before. */
  readonly recovering?: true | undefined;
  /** So many requests wait at the holder for its slots. */
  readonly waitingHere?: number | undefined;
  /** The holder starts nothing at present: its lease ends with this message. */
  readonly quiet?: true | undefined;
}

export class Holdings {
  readonly #exchangeSession: ExchangeSession;
  readonly #slots = new OpenSlots();
  readonly #needed = new SlotsNeeded();
  readonly #started = new Map<OriginName, number>();
  readonly #sessions = new Map<string, OriginName>();
  readonly #tallies = new TallyBook();
  #unsaid = false;

  constructor(holder: string) {
    this.#exchangeSession = new ExchangeSession(holder);
  }

  /** Something has changed that no message has said yet. */
  get hasUnsaid(): boolean {
    return this.#unsaid || this.#exchangeSession.owesWord;
  }

  /** Its traffic has fallen since the last message: it holds slots that others may need. */
  get hasFallen(): boolean {
    return this.#needed.hasFallen && this.#exchangeSession.hasSurplus(this.openOn);
  }

  /** Messages made so far. */
  get messages(): number {
    return this.#exchangeSession.written;
  }

  /** Open requests. */
  get open(): number {
    return this.#slots.size;
  }

  /** Open requests on the origin. */
  readonly openOn = (origin: OriginName): number => this.#slots.on(origin);

  /** The lease in force: whoever starts requests under it minds its end. */
  get lease(): HeldLease | undefined {
    return this.#exchangeSession.lease;
  }

  /** What was heard last of the origins, whether it still gives a right to anything (`untilMs`) or not. */
  get lastLease(): HeldLease | undefined {
    return this.#exchangeSession.lastLease;
  }

  /** What the operator has ordered, as far as was heard. */
  get out(): OriginsOut {
    return this.#exchangeSession.out;
  }

  /** The next message. */
  message(config: ConfigVersion, now: Millis, facts: MessageFacts): ExchangeMessage {
    this.#slots.prune(now);
    this.#needed.set(this.#slots.size, now);
    this.#needed.hasFallen = false;
    // Those who wait would be open, too: else a holder that came to have few slots would need few, and others kept the rest.
    const waiting = this.#exchangeSession.waiting + (facts.waitingHere ?? 0);
    const usual = Math.round((this.#needed.neededAt(now) + waiting) * 100) / 100;
    const most = this.#needed.mostAt(now);
    this.#unsaid = false;
    if (facts.quiet !== true) this.#exchangeSession.giveBack(this.openOn);
    const tallies = this.#tallies.say();
    const contents: Contents = {
      config,
      untilMs: facts.untilMs,
      held: this.#slots.declare(now),
      usual: usual > 0 ? usual : undefined,
      most: most > 0 ? most : undefined,
      started: this.#started.size > 0 ? [...this.#started].map(toStarted) : undefined,
      tallies: tallies.length > 0 ? tallies : undefined,
      sessions: this.#sessions.size > 0 ? [...this.#sessions].map(toSession) : undefined,
      recovering: facts.recovering,
      quiet: facts.quiet,
      want: facts.want,
    };
    this.#sessions.clear();
    return this.#exchangeSession.write(contents, now);
  }

  /** Takes in the answer to a message that was sent at `sentMs`, all but its pick. `tallies`: what the message said of them. */
  hear(
    reply: ExchangeReply,
    sent: { readonly seq: number; readonly sentMs: Millis; readonly tallies?: readonly Tally[] | undefined },
  ): void {
    this.#exchangeSession.hear(reply, sent);
    if (sent.tallies !== undefined) this.#tallies.confirm(sent.tallies);
  }

  /** A message was not answered: what it said must be said again. */
  lost(seq: number): void {
    this.#exchangeSession.close(seq);
    this.#unsaid = true;
  }

  /** A grant arrived: the slot is the holder's until `untilMs`. `undefined` if the ask was given up meanwhile. */
  take(ask: number, origin: OriginName, untilMs: Millis, now: Millis): Slot | undefined {
    if (!this.#exchangeSession.take(ask)) return undefined;
    return this.#open(origin, untilMs, now);
  }

  /** The ask waits in the object's queue: until then it may be granted. `false` if it was given up meanwhile. */
  wait(ask: number, untilMs: Millis): boolean {
    return this.#exchangeSession.wait(ask, untilMs);
  }

  /** The answer to the ask, if it was a grant, will not be taken. */
  giveUp(ask: number): void {
    if (this.#exchangeSession.close(ask)) this.#unsaid = true;
  }

  /** A request is started without having asked: under the lease, or because nobody can be asked. */
  start(origin: OriginName, untilMs: Millis, now: Millis): Slot {
    this.#started.set(origin, (this.#started.get(origin) ?? 0) + 1);
    this.#unsaid = true;
    return this.#open(origin, untilMs, now);
  }

  #open(origin: OriginName, untilMs: Millis, now: Millis): Slot {
    const slot = this.#slots.add(origin, untilMs);
    this.#needed.set(this.#slots.size, now);
    this.#needed.started(now);
    return slot;
  }

  /** A request was turned away, since every pool is full. */
  refused(now: Millis): void {
    this.#needed.refused(now);
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
    const from = this.countedUntilMs(slot);
    if (this.#slots.prolong(slot, untilMs)) slot.prolonged = { after: this.#exchangeSession.written, from };
  }

  /** Until when the object counts the slot for certain: the deadline that a message has said and that was answered. */
  countedUntilMs({ untilMs, prolonged }: Slot): Millis {
    return prolonged === undefined || prolonged.after < this.#exchangeSession.answered
      ? untilMs
      : prolonged.from;
  }

  /** The request is over. Closing a slot twice does nothing, nor does closing one that fell out. */
  close(slot: Slot, now: Millis): void {
    if (!this.#slots.close(slot)) return;
    this.#unsaid = true;
    this.#needed.set(this.#slots.size, now);
  }

  /** So many more of that, for the bill. */
  tally(pool: PoolName, of: Tally["of"], count: number): void {
    this.#tallies.add(pool, of, count);
    this.#unsaid = true;
  }

  /** What the attempt says of its origin. */
  observe(outcome: Outcome): void {
    this.#exchangeSession.observe(outcome);
    this.#unsaid = true;
  }
}

const toStarted = ([origin, count]: [OriginName, number]) => ({ origin, count });
const toSession = ([session, origin]: [string, OriginName]) => ({ session, origin });
