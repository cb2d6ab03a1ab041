/**
 * The holder's side of the slots: a table of this isolate's open requests, from which every message to the
 * object is made. A table with deadlines and never a counter, because on workerd the code after a request may
 * simply not run (its client reset the connection): what nobody closes falls out by itself.
 */
import type { Millis, OriginName } from "../upstream.ts";
import type { ConfigVersion, ExchangeMessage, ExchangeReply, HeldSlots, Outcome, Want } from "./exchange.ts";

/** One open request on an origin. Only this table changes it. */
export interface Slot {
  readonly origin: OriginName;
  untilMs: Millis;
}

/**
 * Deadlines are declared in steps of this length, so that a message has few entries however many requests are
 * open, and making it takes no longer.
 */
const stepMs = 5_000;

/** Older evidence is dropped first when the object has not been reachable for so many outcomes. */
const maxOutcomes = 512;

export class Holdings {
  readonly #holder: string;
  readonly #slots = new Set<Slot>();
  /** Open slots by origin and the step in which they end. */
  readonly #held = new Map<OriginName, Map<number, number>>();
  readonly #asking = new Map<number, Millis>();
  /** Nothing ends before this. */
  #quietUntilMs: Millis = Infinity;
  #outcomes: Outcome[] = [];
  #outcomesFrom = 0;
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

  /** Messages made so far. */
  get messages(): number {
    return this.#seq;
  }

  /** Open requests. */
  get open(): number {
    return this.#slots.size;
  }

  /** The next message. With a want it is an ask, open until `take` or `giveUp`, and at most until `askUntilMs`. */
  message(config: ConfigVersion, now: Millis, ask?: { want: Want; untilMs: Millis }): ExchangeMessage {
    this.#prune(now);
    const seq = ++this.#seq;
    if (ask !== undefined) {
      this.#asking.set(seq, ask.untilMs);
      this.#expect(ask.untilMs);
    }
    this.#unsaid = false;
    return {
      holder: this.#holder,
      seq,
      epoch: this.#epoch,
      config,
      held: this.#declared(now),
      asking: [...this.#asking.keys()],
      outcomes: this.#outcomes.slice(),
      outcomesFrom: this.#outcomesFrom,
      ...(ask === undefined ? {} : { want: ask.want }),
    };
  }

  /** Takes in what a reply says besides its pick. */
  hear(reply: ExchangeReply): void {
    if (reply.epoch > this.#epoch) {
      // The object has lost its memory: until it is told under its new epoch, it counts what is open twice.
      if (this.#epoch > 0 && this.#slots.size > 0) this.#unsaid = true;
      this.#epoch = reply.epoch;
    }
    const seen = reply.outcomesSeen - this.#outcomesFrom;
    if (seen <= 0) return;
    this.#outcomes.splice(0, seen);
    this.#outcomesFrom += seen;
  }

  /** A message was not answered: what it said must be said again. */
  lost(): void {
    this.#unsaid = true;
  }

  /** A grant arrived: the slot is the holder's until `untilMs`. `undefined` if the ask was given up meanwhile. */
  take(ask: number, origin: OriginName, untilMs: Millis): Slot | undefined {
    if (!this.#asking.delete(ask)) return undefined;
    const slot: Slot = { origin, untilMs };
    this.#slots.add(slot);
    this.#count(slot, 1);
    return slot;
  }

  /** The ask got no slot, or its answer will not be waited for. */
  giveUp(ask: number): void {
    if (this.#asking.delete(ask)) this.#unsaid = true;
  }

  /** The request goes on (a stream): keep its slot until the new deadline, and declare it again. */
  extend(slot: Slot, untilMs: Millis): void {
    this.keep(slot, untilMs);
    this.#unsaid = true;
  }

  /** The same, where the object need not hear of it before the old deadline. */
  keep(slot: Slot, untilMs: Millis): void {
    if (!this.#slots.has(slot)) return;
    this.#count(slot, -1);
    slot.untilMs = untilMs;
    this.#count(slot, 1);
  }

  /** The request is over. Closing a slot twice, or one that fell out, does nothing. */
  close(slot: Slot): void {
    if (!this.#slots.delete(slot)) return;
    this.#count(slot, -1);
    this.#unsaid = true;
  }

  /** What the attempt says of its origin. */
  observe(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#unsaid = true;
    if (this.#outcomes.length <= maxOutcomes) return;
    this.#outcomes.shift();
    this.#outcomesFrom++;
  }

  #declared(now: Millis): HeldSlots[] {
    const declared: HeldSlots[] = [];
    for (const [origin, bySteps] of this.#held) {
      for (const [step, open] of bySteps) declared.push({ origin, open, forMs: step * stepMs - now });
    }
    return declared;
  }

  #count({ origin, untilMs }: Slot, sign: 1 | -1): void {
    const step = Math.ceil(untilMs / stepMs);
    const bySteps = this.#held.get(origin) ?? new Map<number, number>();
    if (sign === 1) this.#expect(untilMs);
    const open = (bySteps.get(step) ?? 0) + sign;
    if (open > 0) this.#held.set(origin, bySteps.set(step, open));
    else bySteps.delete(step);
  }

  #expect(endMs: Millis): void {
    if (endMs < this.#quietUntilMs) this.#quietUntilMs = endMs;
  }

  #prune(now: Millis): void {
    if (now < this.#quietUntilMs) return;
    this.#quietUntilMs = Infinity;
    for (const slot of this.#slots) {
      if (slot.untilMs > now) {
        this.#expect(slot.untilMs);
        continue;
      }
      this.#slots.delete(slot);
      this.#count(slot, -1);
    }
    for (const [ask, untilMs] of this.#asking) {
      if (untilMs > now) this.#expect(untilMs);
      else this.#asking.delete(ask);
    }
  }
}
