/**
 * The capacity of a home that is found out and not configured (`capacity: "auto"`): a limit for each of its origins. They are
 * measured one at a time, and only while a later pool has room for what they do not take meanwhile: a measurement spills,
 * and never refuses. It belongs to the upstream's own object, which hears of all answers; a region's is lent slots as ever.
 */
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, Origin, OriginName, Upstream } from "../model/upstream.ts";
import type { CapacityView } from "../protocol/origin-view.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import { mostSlots, OriginCapacity, type OriginCapacityRecord } from "./origin-capacity.ts";

/** Where the search begins; Netflix's Gradient2 begins there, too. */
const firstLimit = 20;

/** A row is written when something is off by this part, and no more often than this. */
const worthSaving = 0.1;
const saveEveryMs: Millis = 60_000;

/** What is found out of home, as it is persisted: by origin. */
export type CapacityRecord = Readonly<Record<OriginName, OriginCapacityRecord>>;

/** What it begins with: what was persisted last, or what another configuration of the upstream knew. */
interface CapacityMemory {
  readonly saved?: CapacityRecord | undefined;
  readonly before?: HomeCapacity | undefined;
}

interface Beginning extends CapacityMemory {
  readonly canSpill: boolean;
  readonly now: Millis;
}

/** `undefined` where the config has the limits. */
export function homeCapacityOf(
  { pools }: Pick<Upstream, "pools">,
  now: Millis,
  memory: CapacityMemory,
): HomeCapacity | undefined {
  const [home] = pools;
  if (home?.capacity !== "auto") return undefined;
  return new HomeCapacity(home.origins, { canSpill: pools.length > 1, now, ...memory });
}

export class HomeCapacity {
  readonly #origins: ReadonlyMap<OriginName, OriginCapacity>;
  #saved: ReadonlyMap<OriginName, OriginCapacityRecord>;
  #savedMs: Millis;

  /** `canSpill`: there is a later pool. Without one no request is refused for a search that begins low: it begins at `maxConns`. */
  constructor(home: readonly Origin[], { canSpill, now, saved, before }: Beginning) {
    // Not looked up in the record itself: an origin may be called `constructor`.
    this.#saved = before === undefined ? new Map(Object.entries(saved ?? {})) : before.#saved;
    if (before === undefined) this.#savedMs = saved === undefined ? -Infinity : now;
    else this.#savedMs = before.#savedMs;
    this.#origins = new Map(
      home.map(({ name, maxConns = mostSlots }) => {
        const known = before === undefined ? undefined : before.#origins.get(name);
        known?.bound(maxConns);
        const record = this.#saved.get(name) ?? { limit: canSpill ? firstLimit : maxConns };
        return [name, known ?? new OriginCapacity(maxConns, record)];
      }),
    );
  }

  /** What is open on each origin at this moment. */
  recordInFlight(inFlightOn: (origin: OriginName) => number): void {
    for (const [name, origin] of this.#origins) origin.recordInFlight(inFlightOn(name));
  }

  /** Takes in how requests ended. `hasRoomElsewhere`: whether a later pool could take one more. */
  recordOutcomes(
    { origin: name, headerMs = [] }: OutcomeRun,
    now: Millis,
    hasRoomElsewhere: () => boolean,
  ): void {
    const origin = this.#origins.get(name);
    if (origin === undefined) return;
    if (origin.isMeasuring(now) && !hasRoomElsewhere()) origin.giveUp(now);
    origin.recordTimes(headerMs, now);
    if (origin.isDue(now) && !this.#isAnyMeasuring(now) && hasRoomElsewhere()) origin.measure(now);
  }

  /** What the origin may have open now, 1 to `maxConns`; `undefined`: it is not one of home. */
  slotsOf(origin: OriginName, now: Millis): number | undefined {
    return this.#origins.get(origin)?.slots(now);
  }

  /** The same, and what it can have open when it is not being measured, as of an origin's status. */
  limitsOf(name: OriginName, now: Millis): Pick<OriginStatus, "limit" | "capacity"> | undefined {
    const origin = this.#origins.get(name);
    return origin && { limit: origin.slots(now), capacity: origin.found };
  }

  /** What is to be persisted now; `undefined`: nothing. */
  takeRecord(now: Millis): CapacityRecord | undefined {
    if (now - this.#savedMs < saveEveryMs && now >= this.#savedMs) return undefined;
    const records = Array.from(this.#origins, ([name, { record }]) => [name, record] as const);
    if (!records.some(([name, record]) => hasMoved(this.#saved.get(name), record))) return undefined;
    this.#saved = new Map(records.map(([name, record]) => [name, readable(record)]));
    this.#savedMs = now;
    return Object.fromEntries(this.#saved);
  }

  view(name: OriginName, now: Millis): CapacityView | null {
    const origin = this.#origins.get(name);
    if (origin === undefined) return null;
    const { unhurriedMs, measuredMs = null } = origin.record;
    return {
      slots: origin.found,
      unhurriedMs: unhurriedMs === undefined ? null : Math.round(unhurriedMs * 10) / 10,
      measuredMs,
      measuring: origin.isMeasuring(now),
    };
  }

  #isAnyMeasuring(now: Millis): boolean {
    for (const origin of this.#origins.values()) if (origin.isMeasuring(now)) return true;
    return false;
  }
}

function hasMoved(
  saved: OriginCapacityRecord | undefined,
  { limit, unhurriedMs }: OriginCapacityRecord,
): boolean {
  // Where nothing is known yet, there is nothing to keep.
  if (unhurriedMs === undefined) return false;
  return isFar(saved?.limit, limit) || isFar(saved?.unhurriedMs, unhurriedMs);
}

/** As it is logged, too: to hundredths. */
function readable({ limit, unhurriedMs, ...rest }: OriginCapacityRecord): OriginCapacityRecord {
  return {
    limit: rounded(limit),
    ...(unhurriedMs !== undefined && { unhurriedMs: rounded(unhurriedMs) }),
    ...rest,
  };
}

const rounded = (value: number): number => Number(value.toFixed(2));

function isFar(saved: number | undefined, is: number): boolean {
  return saved === undefined || Math.abs(is - saved) > worthSaving * saved;
}
