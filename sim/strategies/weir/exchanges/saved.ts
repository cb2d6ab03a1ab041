/** What an upstream's object has saved: all that is left of it when it comes back, as in `durable-objects/shell/upstream-store.ts`. */
import type { ScaleOrder } from "../../../../core/autoscale/autoscaler.ts";
import type { SeasonKey, SeasonRecord } from "../../../../core/autoscale/season.ts";
import type { BurstRecord } from "../../../../core/burst/controller.ts";
import type { CapacityRecord } from "../../../../core/capacity/home-capacity.ts";
import type { Change, SavedState } from "../../../../core/coordinator/effects.ts";
import type { OriginHealth } from "../../../../core/health/health-book.ts";
import type { HolderCeiling } from "../../../../core/ledger/ceiling.ts";
import type { OperatorOverride } from "../../../../core/model/operator.ts";
import type { OriginName } from "../../../../core/model/upstream.ts";
import type { HolderId } from "../../../../core/protocol/exchange.ts";

export class SavedByObject {
  readonly #ceilings = new Map<HolderId, HolderCeiling>();
  readonly #health = new Map<OriginName, OriginHealth>();
  readonly #overrides = new Map<OriginName, OperatorOverride>();
  readonly #season = new Map<SeasonKey, SeasonRecord>();
  #burst: BurstRecord | undefined;
  #capacity: CapacityRecord | undefined;
  order: ScaleOrder | undefined;
  #epoch = 0;

  /** What the next incarnation begins with. */
  next(): SavedState {
    return {
      epoch: ++this.#epoch,
      ceilings: [...this.#ceilings.values()],
      health: this.#health,
      overrides: this.#overrides,
      sessions: [],
      budgets: new Map(),
      season: this.#season,
      ...(this.order && { scale: this.order }),
      ...(this.#burst && { burst: this.#burst }),
      ...(this.#capacity && { capacity: this.#capacity }),
    };
  }

  keep(change: Change): void {
    switch (change.kind) {
      case "ceiling":
        this.#ceilings.set(change.ceiling.holder, change.ceiling);
        break;
      case "ceilings-gone":
        for (const holder of change.holders) this.#ceilings.delete(holder);
        break;
      case "health":
        this.#health.set(change.origin, change.health);
        break;
      case "override":
        this.#overrides.set(change.origin, change.override);
        break;
      case "burst":
        this.#burst = change.record;
        break;
      case "capacity":
        this.#capacity = change.record;
        break;
      case "season":
        this.#season.set(change.key, change.record);
        break;
      case "session":
      case "sessions-gone":
      case "budget":
        // Simulated requests have no sessions, and no pool has a budget.
        break;
    }
  }
}
