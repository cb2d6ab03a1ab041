/**
 * A holder's ceiling: the most slots that it may have on each origin, and until when, persisted for the case that the object loses
 * its memory. Ceilings are powers of two, and for longer than is needed now, so that a holder that grows or goes on is written seldom.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { HolderId } from "../protocol/exchange.ts";

/** A ceiling as it is persisted. */
export interface HolderCeiling {
  readonly holder: HolderId;
  readonly untilMs: Millis;
  readonly slots: Readonly<Record<OriginName, number>>;
}

/** A persisted ceiling covers this much more time than is needed now. */
const slackMs: Millis = 60_000;

export class Ceiling {
  readonly #slots = new Map<OriginName, number>();
  /** The most it has had on each since its time was prolonged. */
  readonly #had = new Map<OriginName, number>();
  #untilMs: Millis = 0;

  /** Until when it is persisted; 0: it is not. */
  get untilMs(): Millis {
    return this.#untilMs;
  }

  /** Takes over what is persisted. */
  load({ untilMs, slots }: HolderCeiling): void {
    for (const [origin, count] of Object.entries(slots)) this.#slots.set(origin, count);
    this.#untilMs = untilMs;
  }

  /**
   * Covers what the holder has on these origins until then; `true` if it has to be persisted for that. When its time has to
   * be prolonged it also shrinks to the most that the holder has had since the last time, so that a busy hour is not held
   * against a quiet one, and one that goes up and down is not written at each step of every climb.
   */
  cover(origins: readonly OriginName[], slotsOn: (origin: OriginName) => number, untilMs: Millis): boolean {
    let most = 0;
    for (const origin of origins) {
      const slots = slotsOn(origin);
      this.#note(origin, slots);
      if (slots > this.#on(origin)) most = Math.max(most, slots);
    }
    const outlived = untilMs > this.#untilMs;
    if (outlived) this.#prolong(slotsOn, untilMs);
    // What it has more of on one origin today it has on another tomorrow: all are raised with it, in the same row.
    if (most > 0) for (const origin of [...origins, ...this.#slots.keys()]) this.#raise(origin, most);
    return outlived || most > 0;
  }

  forget(): void {
    this.#slots.clear();
    this.#had.clear();
    this.#untilMs = 0;
  }

  of(holder: HolderId): HolderCeiling {
    return { holder, untilMs: this.#untilMs, slots: Object.fromEntries(this.#slots) };
  }

  #note(origin: OriginName, slots: number): void {
    if (slots > (this.#had.get(origin) ?? 0)) this.#had.set(origin, slots);
  }

  #prolong(slotsOn: (origin: OriginName) => number, untilMs: Millis): void {
    for (const origin of this.#slots.keys()) this.#note(origin, slotsOn(origin));
    const most = Math.max(0, ...this.#had.values());
    for (const origin of this.#slots.keys()) this.#set(origin, this.#had.has(origin) ? most : 0);
    this.#had.clear();
    this.#untilMs = untilMs + slackMs;
  }

  #raise(origin: OriginName, slots: number): void {
    if (this.#on(origin) < slots) this.#set(origin, slots);
  }

  #on(origin: OriginName): number {
    return this.#slots.get(origin) ?? 0;
  }

  #set(origin: OriginName, slots: number): void {
    if (slots === 0) this.#slots.delete(origin);
    else this.#slots.set(origin, 2 ** Math.ceil(Math.log2(slots)));
  }
}
