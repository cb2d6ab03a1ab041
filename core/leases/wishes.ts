/** What holders would like to have on each origin beyond what they have open, by what each said last. */
import type { Millis, OriginName } from "../upstream.ts";
import type { HolderId } from "./exchange.ts";

interface Wish {
  readonly byOrigin: ReadonlyMap<OriginName, number>;
  readonly heardMs: Millis;
}

export class Wishes {
  readonly #byHolder = new Map<HolderId, Wish>();
  readonly #total = new Map<OriginName, number>();
  #pruneAtMs: Millis = 0;

  /** Of all holders together. */
  on(origin: OriginName): number {
    return this.#total.get(origin) ?? 0;
  }

  /** Replaces what the holder wished before. */
  set(holder: HolderId, byOrigin: ReadonlyMap<OriginName, number>, now: Millis): void {
    this.forget(holder);
    this.#byHolder.set(holder, { byOrigin, heardMs: now });
    for (const [origin, wish] of byOrigin) this.#total.set(origin, this.on(origin) + wish);
  }

  forget(holder: HolderId): void {
    for (const [origin, wish] of this.#byHolder.get(holder)?.byOrigin ?? []) {
      this.#total.set(origin, this.on(origin) - wish);
    }
    this.#byHolder.delete(holder);
  }

  /** Forgets holders that have been silent for so long. Cheap to call often. */
  prune(silentMs: Millis, now: Millis): void {
    if (now < this.#pruneAtMs) return;
    this.#pruneAtMs = now + silentMs / 2;
    for (const [holder, { heardMs }] of this.#byHolder) if (heardMs + silentMs <= now) this.forget(holder);
  }

  /** Holders that have wishes. */
  get holders(): number {
    return this.#byHolder.size;
  }
}
