/**
 * Passive health: what real traffic says of an origin. Failures in a row, counted over the whole fleet, take
 * it out for a while, longer each time (Envoy's outlier detection). One failure never does (the config
 * demands at least two), and never so many origins of a pool go that it loses its last one. But where it is connections
 * that fail, those that have to stay are trusted last: a pool that dies as a whole must not be tried to the end.
 */
import type { Millis, PassiveHealth } from "../upstream.ts";

export interface TrafficRecord {
  readonly failuresInRow: number;
  /** Ejections that count towards the length of the next. */
  readonly ejections: number;
  /** Absent: not ejected. May lie in the past. */
  readonly ejectedUntilMs?: Millis;
  /** It would have been ejected, but its pool could not spare it. Absent: not; may lie in the past. */
  readonly suspectUntilMs?: Millis;
}

export const cleanRecord: TrafficRecord = { failuresInRow: 0, ejections: 0 };

export function isEjected(record: TrafficRecord, now: Millis): boolean {
  return record.ejectedUntilMs !== undefined && now < record.ejectedUntilMs;
}

export function isSuspect(record: TrafficRecord, now: Millis): boolean {
  return record.suspectUntilMs !== undefined && now < record.suspectUntilMs;
}

/** How many origins of a pool may be out at once: half of a small pool but at least one, else 30 %; never the last. */
export function maxEjected(poolSize: number): number {
  const share = poolSize < 5 ? Math.max(1, Math.floor(poolSize / 2)) : Math.floor(poolSize * 0.3);
  return Math.min(share, poolSize - 1);
}

export interface Judged {
  readonly record: TrafficRecord;
  /** What this failure has made of the origin. */
  readonly became?: "ejected" | "suspect";
}

/** A failure, as far as it matters here. */
export interface Failure {
  /** Whether the pool can spare the origin. */
  readonly mayEject: boolean;
  /** The connection failed, and not the answer. */
  readonly lost: boolean;
}

/**
 * Folds one failure into the record. While the pool cannot spare the origin, failures go on counting, and it goes as
 * soon as it can; meanwhile, if connections fail, it is suspect: used only where nobody else can serve.
 */
export function observeFailure(
  record: TrafficRecord,
  rules: PassiveHealth,
  { mayEject, lost }: Failure,
  now: Millis,
): Judged {
  // What still comes in from requests that were in the air says nothing new.
  if (isEjected(record, now)) return { record };
  const failuresInRow = record.failuresInRow + 1;
  const counted = { ...record, failuresInRow };
  if (failuresInRow < rules.failures) return { record: counted };
  if (!mayEject) return lost ? suspect(counted, rules, now) : { record: counted };
  const quietForMs = record.ejectedUntilMs === undefined ? 0 : now - record.ejectedUntilMs;
  const ejections = (quietForMs > rules.maxEjectMs ? 0 : record.ejections) + 1;
  const lengthMs = Math.min(ejections * rules.ejectMs, rules.maxEjectMs);
  return { record: { failuresInRow: 0, ejections, ejectedUntilMs: now + lengthMs }, became: "ejected" };
}

function suspect(record: TrafficRecord, { ejectMs }: PassiveHealth, now: Millis): Judged {
  const next = { ...record, suspectUntilMs: now + ejectMs };
  return isSuspect(record, now) ? { record: next } : { record: next, became: "suspect" };
}

/** A success ends the row, and any suspicion; an ejection runs its time. */
export function observeSuccess(record: TrafficRecord): TrafficRecord {
  if (record.failuresInRow === 0 && record.suspectUntilMs === undefined) return record;
  const { suspectUntilMs: _, ...cleared } = record;
  return { ...cleared, failuresInRow: 0 };
}

/** Probes saw the origin go down and come back: what traffic knew of it is out of date, and its ejection over. */
export function pardon({ ejections, ejectedUntilMs }: TrafficRecord, now: Millis): TrafficRecord {
  if (ejectedUntilMs === undefined) return { failuresInRow: 0, ejections };
  return { failuresInRow: 0, ejections, ejectedUntilMs: Math.min(ejectedUntilMs, now) };
}
