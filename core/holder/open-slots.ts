/**
 * A holder's open requests, as a table with deadlines and never as a counter: on workerd the code after a request may
 * simply not run (its client reset the connection), and what nobody closes must fall out by itself.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import { stepMs } from "../protocol/clocks.ts";
import type { HeldSlots } from "../protocol/exchange.ts";

/** One open request on an origin. Only the table changes it. */
export interface Slot {
  readonly origin: OriginName;
  untilMs: Millis;
  /** Its request is over. */
  isClosed?: true;
  /** If it was prolonged: by which message the object had not yet been told, and what it counted until then. */
  prolonged?: { readonly after: number; readonly from: Millis };
}

interface OnOrigin {
  open: number;
  /** Of these, how many end in which step. */
  readonly bySteps: Map<number, number>;
}

export class OpenSlots {
  readonly #slots = new Set<Slot>();
  readonly #byOrigin = new Map<OriginName, OnOrigin>();
  /** Nothing ends before this. */
  #quietUntilMs: Millis = Infinity;

  get size(): number {
    return this.#slots.size;
  }

  /** Open requests on the origin. */
  on(origin: OriginName): number {
    return this.#byOrigin.get(origin)?.open ?? 0;
  }

  add(origin: OriginName, untilMs: Millis): Slot {
    const slot: Slot = { origin, untilMs };
    this.#slots.add(slot);
    this.#count(slot, 1);
    return slot;
  }

  /** The request is over. `false` if it was before, or the slot fell out. */
  close(slot: Slot): boolean {
    slot.isClosed = true;
    return this.#remove(slot);
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

  /** What a message says of them. */
  declare(now: Millis): HeldSlots[] {
    const declared: HeldSlots[] = [];
    for (const [origin, { bySteps }] of this.#byOrigin) {
      for (const [step, open] of bySteps) declared.push({ origin, open, forMs: step * stepMs - now });
    }
    return declared;
  }

  /** Lets go of those whose time is over. */
  prune(now: Millis): void {
    if (now < this.#quietUntilMs) return;
    this.#quietUntilMs = Infinity;
    for (const slot of this.#slots) {
      if (slot.untilMs <= now) this.#remove(slot);
      else this.#quietUntilMs = Math.min(this.#quietUntilMs, slot.untilMs);
    }
  }

  #count({ origin, untilMs }: Slot, sign: 1 | -1): void {
    let onOrigin = this.#byOrigin.get(origin);
    if (onOrigin === undefined) {
      onOrigin = { open: 0, bySteps: new Map() };
      this.#byOrigin.set(origin, onOrigin);
    }
    onOrigin.open += sign;
    if (sign === 1 && untilMs < this.#quietUntilMs) this.#quietUntilMs = untilMs;
    const step = Math.ceil(untilMs / stepMs);
    const open = (onOrigin.bySteps.get(step) ?? 0) + sign;
    if (open > 0) onOrigin.bySteps.set(step, open);
    else onOrigin.bySteps.delete(step);
  }
}
