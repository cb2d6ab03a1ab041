/**
 * An isolate's open requests, and what a message says of them. It is a table with deadlines and never a counter: on workerd the code
 * after a request may simply not run (its client reset the connection), and a slot that is never closed must fall out by itself.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import { stepMs } from "../protocol/clocks.ts";
import type { HeldSlots } from "../protocol/exchange.ts";
import type { Declared } from "./exchange-session.ts";
import { SlotsNeeded } from "./slots-needed.ts";

/** More sessions than these are not told of in one message: it is only for counting them. */
const maxSessions = 256;

/** One open request on an origin. Only the table changes it. */
export interface Slot {
  readonly origin: OriginName;
  readonly sinceMs: Millis;
  untilMs: Millis;
  /** Its request is over. */
  isClosed?: true;
  /** If it was prolonged: by which message the object had not yet been told, and what it counted until then. */
  prolonged?: { readonly after: number; readonly from: Millis };
}

interface InStep {
  open: number;
  /** The sum of the times at which these were opened. */
  sinceMs: Millis;
}

interface OnOrigin {
  open: number;
  /** Of these, those that end in which step. */
  readonly bySteps: Map<number, InStep>;
}

export class OpenSlots {
  readonly #slots = new Set<Slot>();
  readonly #byOrigin = new Map<OriginName, OnOrigin>();
  /** Nothing ends before this. */
  #quietUntilMs: Millis = Infinity;
  readonly #needed = new SlotsNeeded();
  /** How many requests were started without asking, in the isolate's life. */
  readonly #started = new Map<OriginName, number>();
  /** The sessions of such requests since the last message. */
  readonly #sessions = new Map<string, OriginName>();

  get size(): number {
    return this.#slots.size;
  }

  /** Open requests on the origin. */
  readonly on = (origin: OriginName): number => this.#byOrigin.get(origin)?.open ?? 0;

  /** Traffic has fallen since the last message: the holder has slots that others may need. */
  get hasFallen(): boolean {
    return this.#needed.hasFallen;
  }

  /** The object has granted a slot. */
  open(origin: OriginName, untilMs: Millis, now: Millis): Slot {
    const slot: Slot = { origin, sinceMs: now, untilMs };
    this.#slots.add(slot);
    this.#count(slot, 1);
    this.#needed.set(this.#slots.size, now);
    this.#needed.recordStart(now);
    return slot;
  }

  /** A request is started without having asked: under the lease, or because the object cannot be asked. `session`: it is bound there. */
  start(origin: OriginName, untilMs: Millis, now: Millis, session?: string): Slot {
    this.#started.set(origin, (this.#started.get(origin) ?? 0) + 1);
    if (session !== undefined && this.#sessions.size < maxSessions) this.#sessions.set(session, origin);
    return this.open(origin, untilMs, now);
  }

  /** A request was turned away, since every pool is full. */
  refused(now: Millis): void {
    this.#needed.refused(now);
  }

  /** The request is over. `false` if it was before, or the slot fell out. */
  close(slot: Slot, now: Millis): boolean {
    slot.isClosed = true;
    if (!this.#remove(slot)) return false;
    this.#needed.set(this.#slots.size, now);
    return true;
  }

  /** One that fell out, though its request goes on, is back. `false` if it is closed, or lasts as long already. */
  prolong(slot: Slot, untilMs: Millis): boolean {
    if (slot.isClosed === true || untilMs <= slot.untilMs) return false;
    this.#remove(slot);
    slot.untilMs = untilMs;
    this.#slots.add(slot);
    this.#count(slot, 1);
    return true;
  }

  #remove(slot: Slot): boolean {
    if (!this.#slots.delete(slot)) return false;
    this.#count(slot, -1);
    return true;
  }

  /** What a message says of them. `waiting`: so many requests wait for a slot. */
  declare(now: Millis, waiting: number): Declared {
    this.#prune(now);
    this.#needed.set(this.#slots.size, now);
    this.#needed.hasFallen = false;
    // Requests that wait would be open, too: else a holder that came to have few slots would need few, and others kept the rest.
    const usual = Math.round((this.#needed.neededAt(now) + waiting) * 100) / 100;
    const most = this.#needed.mostAt(now);
    const declared = {
      held: this.#held(now),
      usual: usual > 0 ? usual : undefined,
      most: most > 0 ? most : undefined,
      started: this.#started.size > 0 ? [...this.#started].map(toStarted) : undefined,
      sessions: this.#sessions.size > 0 ? [...this.#sessions].map(toSession) : undefined,
    };
    this.#sessions.clear();
    return declared;
  }

  #held(now: Millis): HeldSlots[] {
    const held: HeldSlots[] = [];
    for (const [origin, { bySteps }] of this.#byOrigin) {
      for (const [step, { open, sinceMs }] of bySteps) {
        const ageMs = Math.max(0, Math.round(now - sinceMs / open));
        held.push({ origin, open, forMs: step * stepMs - now, ageMs });
      }
    }
    return held;
  }

  /** Lets go of those whose time is over. */
  #prune(now: Millis): void {
    if (now < this.#quietUntilMs) return;
    this.#quietUntilMs = Infinity;
    for (const slot of this.#slots) {
      if (slot.untilMs <= now) this.#remove(slot);
      else this.#quietUntilMs = Math.min(this.#quietUntilMs, slot.untilMs);
    }
  }

  #count({ origin, sinceMs, untilMs }: Slot, sign: 1 | -1): void {
    let onOrigin = this.#byOrigin.get(origin);
    if (onOrigin === undefined) {
      onOrigin = { open: 0, bySteps: new Map() };
      this.#byOrigin.set(origin, onOrigin);
    }
    onOrigin.open += sign;
    if (sign === 1 && untilMs < this.#quietUntilMs) this.#quietUntilMs = untilMs;
    const step = Math.ceil(untilMs / stepMs);
    let inStep = onOrigin.bySteps.get(step);
    if (inStep === undefined) {
      inStep = { open: 0, sinceMs: 0 };
      onOrigin.bySteps.set(step, inStep);
    }
    inStep.open += sign;
    inStep.sinceMs += sign * sinceMs;
    if (inStep.open === 0) onOrigin.bySteps.delete(step);
  }
}

const toStarted = ([origin, count]: [OriginName, number]) => ({ origin, count });
const toSession = ([session, origin]: [string, OriginName]) => ({ session, origin });
