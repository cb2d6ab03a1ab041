/** An upstream's object as it ships, its own or a region's: core's `Coordinator`, and what it has saved for when its memory is lost. */
import { Coordinator, type Change, type Effects, type SavedState } from "../../../../core/coordinator.ts";
import type { OriginHealth, ProbeResult } from "../../../../core/health/health-book.ts";
import type { ExchangeMessage, ExchangeReply, HolderId } from "../../../../core/leases/exchange.ts";
import type { CapacityRecord } from "../../../../core/capacity/home-capacity.ts";
import type { HolderCeiling } from "../../../../core/leases/ceiling.ts";
import type { Branch } from "../../../../core/leases/branch.ts";
import type { LeaseTuning } from "../../../../core/leases/tuning.ts";
import type { Random } from "../../../../core/random.ts";
import type { Millis, OriginName, Upstream } from "../../../../core/upstream.ts";

export interface ObjectOptions {
  /** Absent: it is the upstream's own. */
  readonly region?: string;
  /** Absent: what ships. */
  readonly tuning?: LeaseTuning;
}

export class UpstreamObject {
  readonly #upstream: Upstream;
  readonly #random: Random;
  readonly #options: ObjectOptions;
  readonly #ceilings = new Map<HolderId, HolderCeiling>();
  readonly #health = new Map<OriginName, OriginHealth>();
  #capacity: CapacityRecord | undefined;
  #coordinator: Coordinator;
  #epoch = 1;

  constructor(upstream: Upstream, random: Random, options: ObjectOptions) {
    this.#upstream = upstream;
    this.#options = options;
    this.#random = random;
    this.#coordinator = this.#open(0);
  }

  /** The answer, and how many rows were written for it. */
  exchange(message: ExchangeMessage, now: Millis): { readonly reply: ExchangeReply; readonly rows: number } {
    const { reply, ...effects } = this.#coordinator.exchange(message, now, this.#random);
    return { reply, rows: this.#save(effects) };
  }

  /** Of a region's: its side of the root. */
  get branch(): Branch | undefined {
    return this.#coordinator.branch;
  }

  get isScaledUp(): boolean {
    return this.#coordinator.isScaledUp;
  }

  /** Of a region's: whether it has to ask the root before it answers. */
  isShort(message: ExchangeMessage, now: Millis): boolean {
    return this.#coordinator.isShort(message, now);
  }

  /** Nobody wants anything: idle holders are forgotten. How many rows were written for it. */
  rest(now: Millis): number {
    return this.#save(this.#coordinator.rest(now));
  }

  probed(results: readonly ProbeResult[], now: Millis): void {
    this.#save(this.#coordinator.probed(results, now));
  }

  /** It is there again, and knows what it has saved. */
  restart(now: Millis): void {
    this.#epoch++;
    this.#coordinator = this.#open(now);
  }

  #open(now: Millis): Coordinator {
    const saved: SavedState = {
      epoch: this.#epoch,
      ceilings: [...this.#ceilings.values()],
      health: this.#health,
      overrides: new Map(),
      sessions: [],
      budgets: new Map(),
      ...(this.#capacity && { capacity: this.#capacity }),
    };
    return new Coordinator(this.#upstream, saved, now, this.#options);
  }

  #save({ changes }: Effects): number {
    for (const change of changes) this.#keep(change);
    return changes.length;
  }

  #keep(change: Change): void {
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
      case "capacity":
        this.#capacity = change.record;
        break;
      case "override":
      case "session":
      case "sessions-gone":
      case "burst":
      case "budget":
        // Simulated requests have no sessions, nobody operates, no upstream watches for bursts, and no pool has a budget.
        break;
    }
  }
}
