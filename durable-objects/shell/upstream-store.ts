/**
 * What persists: what an upstream's object keeps in SQLite, key by key. Rows written are what an object costs, so nothing
 * here is written per request: `core/` says when something has changed that must outlive an eviction.
 *
 * | key | value |
 * | --- | --- |
 * | `epoch` | number of incarnations |
 * | `section` | the newest configuration seen (`ConfigSection`) |
 * | `ceiling/HOLDER` | the most slots a holder may have, and until when (`HolderCeiling`) |
 * | `health/ORIGIN` | verdict and traffic record (`OriginHealth`) |
 * | `override/ORIGIN` | the operator's wish and the pin epoch (`OperatorOverride`) |
 * | `burst` | where the upstream's burst stands (`BurstRecord`) |
 * | `capacity` | what was found out of home's capacity (`CapacityRecord`) |
 * | `session/ID` | a bound session (`Session`) |
 * | `order` | the order for instances that stands (`SavedOrder`) |
 * | `season/day`, `season/week-N` | what is usual at each time of a day (`SeasonRecord`) |
 * | `roster` | origins that have registered themselves (`Roster`) |
 * | `budget/POOL` | what was spent of a pool's budget, or a little more (`BudgetRecord`) |
 */
import type { SeasonRecord } from "../../core/autoscale/season.ts";
import type { BudgetRecord } from "../../core/budget/budget.ts";
import type { BurstRecord } from "../../core/burst/controller.ts";
import type { CapacityRecord } from "../../core/capacity/home-capacity.ts";
import type { Change, SavedState } from "../../core/coordinator/effects.ts";
import type { OriginHealth } from "../../core/health/health-book.ts";
import type { HolderCeiling } from "../../core/ledger/ceiling.ts";
import { silentForMs } from "../../core/ledger/drain-confirmation.ts";
import type { OperatorOverride } from "../../core/model/operator.ts";
import type { Millis, OriginName } from "../../core/model/upstream.ts";
import type { ConfigSection } from "../../core/protocol/config-section.ts";
import { regionOf } from "../../core/protocol/exchange.ts";
import type { Roster } from "../../core/protocol/members.ts";
import type { ObjectUsage } from "../../core/protocol/upstream-view.ts";
import type { Session } from "../../core/sessions/sessions.ts";
import type { SavedOrder } from "./scale-hook.ts";

export class UpstreamStore {
  readonly #kv: SyncKvStorage;
  #rowsRead = 0;
  #rowsWritten = 0;

  constructor(storage: DurableObjectStorage) {
    this.#kv = storage.kv;
  }

  /** So far in this life of the object, as it is billed: each key read, put or deleted is a row. */
  get usage(): Pick<ObjectUsage, "rowsRead" | "rowsWritten"> {
    return { rowsRead: this.#rowsRead, rowsWritten: this.#rowsWritten };
  }

  section(): ConfigSection | undefined {
    this.#rowsRead += 1;
    return this.#kv.get<ConfigSection>("section");
  }

  saveSection(section: ConfigSection): void {
    this.#put("section", section);
  }

  /**
   * Reads everything, counts one incarnation more, and drops ceilings whose time is over. Where objects and isolates
   * are one process (`launch` names it), isolates of another launch are dead, and what they had open is closed.
   */
  open(now: Millis, launch: string | null | undefined): SavedState {
    this.#rowsRead += 3;
    const epoch = (this.#kv.get<number>("epoch") ?? 0) + 1;
    this.#put("epoch", epoch);
    const burst = this.#kv.get<BurstRecord>("burst");
    const capacity = this.#kv.get<CapacityRecord>("capacity");
    const ceilings = this.#all<HolderCeiling>("ceiling/");
    for (const [holder, { untilMs }] of ceilings) {
      // A region's object lives on in another incarnation, and declares what this one had itself.
      const isDead = launch && !holder.startsWith(`${launch}/`) && regionOf(holder) === undefined;
      // Cut off, a holder may go on for longer than what it had was counted.
      if (untilMs + silentForMs > now && !isDead) continue;
      ceilings.delete(holder);
      this.#delete(`ceiling/${holder}`);
    }
    const scale = this.order()?.order;
    return {
      epoch,
      ceilings: [...ceilings.values()],
      health: this.#all<OriginHealth>("health/"),
      overrides: this.#all<OperatorOverride>("override/"),
      budgets: this.#all<BudgetRecord>("budget/"),
      season: this.#all<SeasonRecord>("season/"),
      sessions: [...this.#all<Session>("session/").values()].sort((a, b) => a.seenMs - b.seenMs),
      ...(scale && { scale }),
      ...(burst && { burst }),
      ...(capacity && { capacity }),
    };
  }

  order(): SavedOrder | undefined {
    this.#rowsRead += 1;
    return this.#kv.get<SavedOrder>("order");
  }

  saveOrder(order: SavedOrder): void {
    this.#put("order", order);
  }

  roster(): Roster | undefined {
    this.#rowsRead += 1;
    return this.#kv.get<Roster>("roster");
  }

  saveRoster(roster: Roster): void {
    this.#put("roster", roster);
  }

  /** The origin has left for good. What an operator has ordered of it stays, should it come again. */
  forget(origin: OriginName): void {
    this.#delete(`health/${origin}`);
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) this.#apply(change);
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case "ceiling":
        return this.#put(`ceiling/${change.ceiling.holder}`, change.ceiling);
      case "ceilings-gone":
        for (const holder of change.holders) this.#delete(`ceiling/${holder}`);
        return;
      case "health":
        return this.#put(`health/${change.origin}`, change.health);
      case "override":
        return this.#put(`override/${change.origin}`, change.override);
      case "burst":
        return this.#put("burst", change.record);
      case "capacity":
        return this.#put("capacity", change.record);
      case "session":
        return this.#put(`session/${change.session.id}`, change.session);
      case "sessions-gone":
        for (const id of change.ids) this.#delete(`session/${id}`);
        return;
      case "season":
        return this.#put(`season/${change.key}`, change.record);
      case "budget":
        return this.#put(`budget/${change.pool}`, change.record);
    }
  }

  #all<T>(prefix: string): Map<string, T> {
    const entries = new Map<string, T>();
    for (const [key, value] of this.#kv.list<T>({ prefix })) entries.set(key.slice(prefix.length), value);
    this.#rowsRead += entries.size;
    return entries;
  }

  #put(key: string, value: unknown): void {
    this.#rowsWritten += 1;
    this.#kv.put(key, value);
  }

  #delete(key: string): void {
    this.#rowsWritten += 1;
    this.#kv.delete(key);
  }
}
