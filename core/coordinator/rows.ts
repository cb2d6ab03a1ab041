/**
 * What persists: the rows that objects keep, each with its key, its record, and when it is written. This table is their documentation, and all stores go by it: the object's (`durable-objects/shell/row-store.ts`), the simulator's, the tests'. What is in
 * `stateRows` is read as a whole when an object comes up (`saved-state.ts`), and is what a coordinator begins with.
 *
 * Rows written are what an object costs, so nothing here is written per request. A record that is stored stays readable: keys and
 * shapes do not change, and a field that came later is optional, with a meaning for its absence that its type says.
 */
import type { SavedOrder } from "../autoscale/autoscaler.ts";
import type { SeasonRecord } from "../autoscale/season.ts";
import type { BudgetRecord } from "../budget/budget.ts";
import type { BurstRecord } from "../burst/controller.ts";
import type { CapacityRecord } from "../capacity/home-capacity.ts";
import type { OriginHealth } from "../health/transition.ts";
import type { HolderCeiling } from "../ledger/ceiling.ts";
import { silentForMs } from "../ledger/drain-confirmation.ts";
import type { OperatorOverride } from "../model/operator.ts";
import type { Millis } from "../model/upstream.ts";
import type { ConfigSection } from "../protocol/config-section.ts";
import { regionOf } from "../protocol/exchange.ts";
import type { Roster } from "../protocol/members.ts";
import type { Round } from "../protocol/probe-round.ts";
import type { Session } from "../sessions/sessions.ts";

/** A row, and the type of its record. */
export interface RowKey<Stored> {
  readonly key: string;
  /** Never there: it only carries the type. */
  readonly stored?: Stored;
}

/** Rows of one kind, each under a name of its own. */
export interface RowsByName<Stored> {
  readonly prefix: string;
  /** Whether an object that comes up has no use for the row, and deletes it. */
  isOver(record: Stored, at: WakeUp): boolean;
  /** The row of that name. */
  of(name: string): RowKey<Stored>;
}

/** When an object comes up, and in which process (`WEIR_LAUNCH`), where objects and isolates are one process. */
export interface WakeUp {
  readonly now: Millis;
  readonly launch?: string | null | undefined;
}

const row = <Stored>(key: string): RowKey<Stored> => ({ key });

const rowsBy = <Stored>(
  prefix: string,
  isOver: (record: Stored, at: WakeUp) => boolean = () => false,
): RowsByName<Stored> => ({ prefix, isOver, of: (name) => ({ key: `${prefix}${name}` }) });

/** Of an upstream's object: what its coordinator begins with. */
export const stateRows = {
  /** How many incarnations of the object there were. Written by each when it comes up. */
  epoch: row<number>("epoch"),
  /**
   * By holder: the most slots that it may have, and until when. Written when a holder outgrows it or goes on for longer, about once a
   * minute; deleted when the holder is idle.
   */
  ceilings: rowsBy<HolderCeiling>("ceiling/", isCeilingOver),
  /** By origin: what probes and traffic say of it. Written when an origin's health changes, and while a row of probes is under way. */
  health: rowsBy<OriginHealth>("health/"),
  /** By origin: the operator's order, and the epoch of its pins. Written with each order, and when the log says that it is carried out. */
  overrides: rowsBy<OperatorOverride>("override/"),
  /** By id: a bound session. Written when it first comes back, when it moves, and once in a quarter of its idle time. */
  sessions: rowsBy<Session>("session/"),
  /** By pool: what was spent of its budget, or a little more. Written when a reserve is used up, some 75 times a period at most. */
  budgets: rowsBy<BudgetRecord>("budget/"),
  /** By `day` and `week-0` … `week-6`: what is usual at each time of a day. Written at most two at a time, once in five minutes. */
  season: rowsBy<SeasonRecord>("season/"),
  /** Where the upstream's burst stands. Written when it begins or ends, and with each round of probes while it calms down. */
  burst: row<BurstRecord>("burst"),
  /** What was found out of home's capacity. Written when something has moved by more than 10 %, once a minute at most. */
  capacity: row<CapacityRecord>("capacity"),
  /** The order for instances that stands. Written with each order, and when it is accepted. */
  order: row<SavedOrder>("order"),
};

/** All rows of an upstream's object. */
export const rows = {
  ...stateRows,
  /** The newest configuration seen. Written when the object goes by another one. Read by `shell/config-holder.ts`. */
  section: row<ConfigSection>("section"),
  /** Origins that have registered themselves. Written when one comes or goes. Read by `shell/membership.ts`, if the config has a pool for them. */
  roster: row<Roster>("roster"),
};

/** Of an upstream's prober (`durable-objects/weir-prober.ts`). */
export const proberRows = {
  /** The newest configuration seen. Written when the prober goes by another one. */
  section: row<ConfigSection>("section"),
  /** When the watchdog, or the upstream's object, last asked for probes. Written each time. */
  watchedMs: row<Millis>("watchedMs"),
  /** The run of the process that asked (`WEIR_LAUNCH`); empty on Cloudflare. Written each time. */
  launch: row<string>("launch"),
  /** Origins that have registered themselves, as the upstream's object last knew them. Written when it is another roster. */
  roster: row<Roster>("roster"),
  /** When the last round ended and what it saw. Written with each round of all origins. */
  lastRound: row<Round>("lastRound"),
};

function isCeilingOver({ holder, untilMs }: HolderCeiling, { now, launch }: WakeUp): boolean {
  // Isolates of another launch are dead, and what they had open is closed. A region's object lives on in another incarnation, and
  // declares what this one had itself.
  const isDead = Boolean(launch) && !holder.startsWith(`${launch}/`) && regionOf(holder) === undefined;
  // Cut off, a holder may go on for longer than what it had was counted.
  return isDead || untilMs + silentForMs <= now;
}
