/**
 * What must survive of a holder when the object loses its memory: the most that it may have on each origin, and until
 * when. In powers of two, and for longer than is needed now, so that a holder that grows or goes on is written seldom.
 */
import type { Millis, OriginName } from "../upstream.ts";
import type { HolderId } from "./exchange.ts";

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
   * be prolonged it also shrinks to what the holder has, so that a busy hour is not held against a quiet one.
   */
  cover(origins: Iterable<OriginName>, slotsOn: (origin: OriginName) => number, untilMs: Millis): boolean {
    const outlived = untilMs > this.#untilMs;
    if (outlived) {
      for (const origin of this.#slots.keys()) this.#set(origin, slotsOn(origin));
      this.#untilMs = untilMs + slackMs;
    }
    const names = [...origins];
    const over = names.filter((origin) => slotsOn(origin) > this.#on(origin));
    // What it has more of on one origin today it has on another tomorrow: all are raised with it, in the same row.
    const most = Math.max(0, ...over.map(slotsOn));
    for (const origin of [...names, ...this.#slots.keys()]) {
      if (this.#on(origin) < most) this.#set(origin, most);
    }
    return outlived || over.length > 0;
  }

  forget(): void {
    this.#slots.clear();
    this.#untilMs = 0;
  }

  of(holder: HolderId): HolderCeiling {
    return { holder, untilMs: this.#untilMs, slots: Object.fromEntries(this.#slots) };
  }

  #on(origin: OriginName): number {
    return this.#slots.get(origin) ?? 0;
  }

  #set(origin: OriginName, slots: number): void {
    if (slots === 0) this.#slots.delete(origin);
    else this.#slots.set(origin, 2 ** Math.ceil(Math.log2(slots)));
  }
}
