/**
 * Passive health: what real traffic says of an origin. Failures in a row, counted over the whole fleet, take
 * it out for a while, longer each time (Envoy's outlier detection). One failure never does (the config
 * demands at least two), and never so many origins of a pool go that it loses its last one.
 */
import type { Millis, PassiveHealth } from "../upstream.ts";

export interface TrafficRecord {
  readonly failuresInRow: number;
  /** Ejections that count towards the length of the next. */
  readonly ejections: number;
  /** Absent: not ejected. May lie in the past. */
  readonly ejectedUntilMs?: Millis;
}

export const cleanRecord: TrafficRecord = { failuresInRow: 0, ejections: 0 };

export function isEjected(record: TrafficRecord, now: Millis): boolean {
  return record.ejectedUntilMs !== undefined && now < record.ejectedUntilMs;
}

/** How many origins of a pool may be out at once: half of a small pool but at least one, else 30 %; never the last. */
export function maxEjected(poolSize: number): number {
  const share = poolSize < 5 ? Math.max(1, Math.floor(poolSize / 2)) : Math.floor(poolSize * 0.3);
  return Math.min(share, poolSize - 1);
}

export interface Judged {
  readonly record: TrafficRecord;
  /** The origin was taken out by this failure. */
  readonly ejected: boolean;
}

/**
 * Folds one failure into the record. `mayEject` says whether the pool can spare the origin; while it cannot,
 * failures go on counting, and the origin goes as soon as it can.
 */
export function observeFailure(
  record: TrafficRecord,
  rules: PassiveHealth,
  mayEject: boolean,
  now: Millis,
): Judged {
  // What still comes in from requests that were in the air says nothing new.
  if (isEjected(record, now)) return { record, ejected: false };
  const failuresInRow = record.failuresInRow + 1;
  if (failuresInRow < rules.failures || !mayEject) {
    return { record: { ...record, failuresInRow }, ejected: false };
  }
  const quietForMs = record.ejectedUntilMs === undefined ? 0 : now - record.ejectedUntilMs;
  const ejections = (quietForMs > rules.maxEjectMs ? 0 : record.ejections) + 1;
  const lengthMs = Math.min(ejections * rules.ejectMs, rules.maxEjectMs);
  return { record: { failuresInRow: 0, ejections, ejectedUntilMs: now + lengthMs }, ejected: true };
}

/** A success ends the row; an ejection runs its time. */
export function observeSuccess(record: TrafficRecord): TrafficRecord {
  return record.failuresInRow === 0 ? record : { ...record, failuresInRow: 0 };
}

/** Probes saw the origin go down and come back: what traffic knew of it is out of date, and its ejection over. */
export function pardon({ ejections, ejectedUntilMs }: TrafficRecord, now: Millis): TrafficRecord {
  if (ejectedUntilMs === undefined) return { failuresInRow: 0, ejections };
  return { failuresInRow: 0, ejections, ejectedUntilMs: Math.min(ejectedUntilMs, now) };
}
