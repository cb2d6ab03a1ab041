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

/** Deadlines are declared in steps of this length, so that a message has few entries however many requests are open. */
const stepMs = 5_000;

/** Older evidence is dropped first when the object has not been reachable for so many outcomes. */
const maxOutcomes = 512;

export class Holdings {
  readonly #holder: string;
  readonly #slots = new Set<Slot>();
  readonly #asking = new Map<number, Millis>();
  #outcomes: Outcome[] = [];
  #outcomesFrom = 0;
  #seq = 0;
  #epoch = 0;
  #changes = 0;
  #changesSent = 0;

  constructor(holder: string) {
    this.#holder = holder;
  }

  /** Changes that the object should hear of have been made up to this number. */
  get changes(): number {
    return this.#changes;
  }

  /** … and have been put into a message up to this one. */
  get changesSent(): number {
    return this.#changesSent;
  }

  /** Open requests. */
  get open(): number {
    return this.#slots.size;
  }

  /** The next message. With a want it is an ask, open until `take` or `giveUp`, and at most until `askUntilMs`. */
  message(config: ConfigVersion, now: Millis, ask?: { want: Want; untilMs: Millis }): ExchangeMessage {
    this.#prune(now);
    const seq = ++this.#seq;
    if (ask !== undefined) this.#asking.set(seq, ask.untilMs);
    this.#changesSent = this.#changes;
    return {
      holder: this.#holder,
      seq,
      epoch: this.#epoch,
      config,
      held: this.#held(now),
      asking: [...this.#asking.keys()],
      outcomes: this.#outcomes.slice(),
      outcomesFrom: this.#outcomesFrom,
      ...(ask === undefined ? {} : { want: ask.want }),
    };
  }

  /** Takes in what a reply says besides its pick. */
  hear(reply: ExchangeReply): void {
    if (reply.epoch > this.#epoch) this.#epoch = reply.epoch;
    const seen = reply.outcomesSeen - this.#outcomesFrom;
    if (seen <= 0) return;
    this.#outcomes.splice(0, seen);
    this.#outcomesFrom += seen;
  }

  /** A message was not answered: what it said must be said again. */
  lost(): void {
    this.#changes++;
  }

  /** A grant arrived: the slot is the holder's until `untilMs`. `undefined` if the ask was given up meanwhile. */
  take(ask: number, origin: OriginName, untilMs: Millis): Slot | undefined {
    if (!this.#asking.delete(ask)) return undefined;
    const slot: Slot = { origin, untilMs };
    this.#slots.add(slot);
    return slot;
  }

  /** The ask got no slot, or its answer will not be waited for. */
  giveUp(ask: number): void {
    if (this.#asking.delete(ask)) this.#changes++;
  }

  /** The request goes on (a stream): keep its slot until the new deadline, and declare it again. */
  extend(slot: Slot, untilMs: Millis): void {
    if (!this.#slots.has(slot)) return;
    slot.untilMs = untilMs;
    this.#changes++;
  }

  /** The request is over. Closing a slot twice, or one that fell out, does nothing. */
  close(slot: Slot): void {
    if (this.#slots.delete(slot)) this.#changes++;
  }

  /** What the attempt says of its origin. */
  observe(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#changes++;
    if (this.#outcomes.length <= maxOutcomes) return;
    this.#outcomes.shift();
    this.#outcomesFrom++;
  }

  #held(now: Millis): HeldSlots[] {
    const held = new Map<OriginName, Map<number, number>>();
    for (const slot of this.#slots) {
      const steps = Math.ceil((slot.untilMs - now) / stepMs);
      const bySteps = held.get(slot.origin) ?? new Map<number, number>();
      bySteps.set(steps, (bySteps.get(steps) ?? 0) + 1);
      held.set(slot.origin, bySteps);
    }
    return [...held].flatMap(([origin, bySteps]) =>
      [...bySteps].map(([steps, open]) => ({ origin, open, forMs: steps * stepMs })),
    );
  }

  #prune(now: Millis): void {
    for (const slot of this.#slots) if (slot.untilMs <= now) this.#slots.delete(slot);
    for (const [ask, untilMs] of this.#asking) if (untilMs <= now) this.#asking.delete(ask);
  }
}
