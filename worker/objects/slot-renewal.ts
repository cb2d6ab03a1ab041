/**
 * Keeps the slot of a request that goes on beyond its headers, or sends a long body: it has to be renewed in time, before the
 * object gives it to another request.
 */
import type { Leaseholder } from "../../core/holder/leaseholder.ts";
import type { Slot } from "../../core/holder/open-slots.ts";
import type { Millis } from "../../core/model/upstream.ts";

export class SlotRenewal {
  readonly #holder: Leaseholder;
  readonly #slot: Slot;
  readonly #everyMs: Millis;
  readonly #flush: (now: Millis) => void;

  /** `flush`: sees to it that the object hears of it. */
  constructor(holder: Leaseholder, slot: Slot, everyMs: Millis, flush: (now: Millis) => void) {
    this.#holder = holder;
    this.#slot = slot;
    this.#everyMs = everyMs;
    this.#flush = flush;
  }

  /** From now on the slot is kept: it has to be renewed within the returned time. */
  keep(): Millis {
    const now = Date.now();
    const leftMs = this.#slot.untilMs - now;
    this.#holder.keep(this.#slot, now);
    return Math.max(0, Math.min(this.#everyMs, leftMs / 2));
  }

  /** When it is to be renewed, or looked after, again. */
  inMs(): Millis {
    return Math.max(0, Math.min(this.#everyMs, this.#holder.mayGoOnUntilMs(this.#slot) - Date.now()));
  }

  /** Keeps it on, and tells the object. */
  renew(): void {
    const now = Date.now();
    this.#holder.extend(this.#slot, now);
    this.#flush(now);
  }

  /** Whether the request may go on; if not, it is to be cut (`onCoordinatorLoss: "refuse"`). */
  mayGoOn(): boolean {
    return this.#holder.mayGoOnUntilMs(this.#slot) > Date.now();
  }
}
