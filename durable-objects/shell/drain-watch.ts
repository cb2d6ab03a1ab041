/** Checks drains while any is under way, so that their end is logged without a question or a message. */
import type { Coordinator } from "../../core/coordinator/coordinator.ts";
import type { Effects } from "../../core/coordinator/effects.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";

export class DrainWatch {
  readonly #save: (effects: Effects) => void;
  #timer: number | null = null;

  constructor(save: (effects: Effects) => void) {
    this.#save = save;
  }

  /** To be called after an order, and whenever the state is read. */
  look(coordinator: Coordinator, upstream: string): void {
    const { drains, inMs, ...effects } = coordinator.drains.look(Date.now());
    this.#save(effects);
    for (const drain of drains) logEvent({ event: "drain", upstream, ...drain });
    clearTimeout(this.#timer);
    this.#timer = inMs === undefined ? null : setTimeout(() => this.look(coordinator, upstream), inMs);
  }
}
