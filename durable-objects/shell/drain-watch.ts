/** Checks drains while any is under way, so that their end is logged without a question or a message. */
import type { Coordinator } from "../../core/coordinator/coordinator.ts";
import type { Effects } from "../../core/coordinator/outbox.ts";

export class DrainWatch {
  readonly #save: (effects: Effects) => void;
  #timer: number | null = null;

  constructor(save: (effects: Effects) => void) {
    this.#save = save;
  }

  /** To be called after an order, and whenever the state is read. */
  look(coordinator: Coordinator): void {
    const { inMs, ...effects } = coordinator.drains.look(Date.now());
    this.#save(effects);
    clearTimeout(this.#timer);
    this.#timer = inMs === undefined ? null : setTimeout(() => this.look(coordinator), inMs);
  }
}
