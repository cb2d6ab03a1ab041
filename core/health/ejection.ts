/**
 * Passive health: real traffic takes an origin out (ejection), and brings it back. What else does: probes (`verdict.ts`), operators, a
 * weight of 0 and an origin's own farewell; all of them meet in `core/selection/eligible.ts`. Failures in a row, counted over the whole fleet, take
 * it out for a while, longer each time (Envoy's outlier detection). One failure never does (the config
 * demands at least two), and a pool never loses its last origin. But where connections
 * fail, origins that have to stay are trusted last: a pool that dies as a whole must not be tried to the end.
 *
 * An ejection for lost connections ends when the origin answers again: a probe says just that (HAProxy's `observe layer4` with
 * `on-error fastinter`). Where there are no probes it is tried after 1, 2, 4 … seconds, and the next failure ejects it again
 * (nginx's `fail_timeout`, after which live requests probe). An ejection for bad answers keeps its time: a page that is probed says
 * little about the others.
 */
import type { Millis, PassiveHealth } from "../model/upstream.ts";

export interface TrafficRecord {
  readonly failuresInRow: number;
  /** Of these, so many lost connections. Absent: none. */
  readonly lostInRow?: number;
  /** Ejections that count towards the length of the next. */
  readonly ejections: number;
  /** Absent: not ejected. May lie in the past. */
  readonly ejectedUntilMs?: Millis;
  /** When a connection last failed of an origin that would have been ejected, but its pool could not spare it. */
  readonly suspectSinceMs?: Millis;
  /** Since when it is ejected, or was first suspect, because connections are lost; absent: it is for no such reason. */
  readonly lostSinceMs?: Millis;
  /** Good probes in a row that began after that. Absent: none. */
  readonly goodProbes?: number;
}

export const cleanRecord: TrafficRecord = { failuresInRow: 0, ejections: 0 };

export function isEjected(record: TrafficRecord, now: Millis): boolean {
  return record.ejectedUntilMs !== undefined && now < record.ejectedUntilMs;
}

/** A suspicion that no probe has settled is dropped after so long. */
const suspicionMs: Millis = 5_000;

export function isSuspect({ suspectSinceMs }: TrafficRecord, now: Millis): boolean {
  return suspectSinceMs !== undefined && now < suspectSinceMs + suspicionMs;
}

/** How many origins of a pool may be out at once: half of a small pool but at least one, else 30 %; never the last. */
export function maxEjected(poolSize: number): number {
  const share = poolSize < 5 ? Math.max(1, Math.floor(poolSize / 2)) : Math.floor(poolSize * 0.3);
  return Math.min(share, poolSize - 1);
}

export interface JudgedTraffic {
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
  /** Probes will tell when the origin answers again. */
  readonly isProbed: boolean;
}

/** The first pause of an origin without probes, before it is tried again. */
const firstTryMs: Millis = 1_000;

/**
 * Folds one failure into the record. While the pool cannot spare the origin, failures go on counting, and it goes as
 * soon as it can; meanwhile, if connections fail, it is suspect: used only where no other origin can serve.
 */
export function observeFailure(
  record: TrafficRecord,
  rules: PassiveHealth,
  { mayEject, lost, isProbed }: Failure,
  now: Millis,
): JudgedTraffic {
  // What still comes in from requests that were in the air says nothing new.
  if (isEjected(record, now)) return { record };
  const failuresInRow = record.failuresInRow + 1;
  const lostInRow = (record.lostInRow ?? 0) + (lost ? 1 : 0);
  const counted = { ...record, failuresInRow, ...(lostInRow > 0 && { lostInRow }) };
  if (failuresInRow < rules.failures) return { record: counted };
  // Without probes nothing would soon show that a suspicion was wrong.
  if (!mayEject) return lost && isProbed ? suspect(counted, now) : { record: counted };
  const ejections = ejectionsThatCount(record, rules, now) + 1;
  const areMostLost = 2 * lostInRow > failuresInRow;
  if (!areMostLost || isProbed) {
    const ejectedUntilMs = now + Math.min(ejections * rules.ejectMs, rules.maxEjectMs);
    return ejected({ failuresInRow: 0, ejections, ejectedUntilMs, ...(areMostLost && { lostSinceMs: now }) });
  }
  const lengthMs = Math.min(firstTryMs * 2 ** (ejections - 1), rules.maxEjectMs);
  // One failure short of the next ejection.
  const row = rules.failures - 1;
  return ejected({ failuresInRow: row, lostInRow: row, ejections, ejectedUntilMs: now + lengthMs });
}

function ejected(record: TrafficRecord): JudgedTraffic {
  return { record, became: "ejected" };
}

/** One fewer for each time that the first ejection lasts and that it has served since (Envoy's outlier detection counts down, too). */
function ejectionsThatCount(
  { ejections, ejectedUntilMs }: TrafficRecord,
  rules: PassiveHealth,
  now: Millis,
): number {
  const servedForMs = ejectedUntilMs === undefined ? 0 : now - ejectedUntilMs;
  return Math.max(0, ejections - Math.floor(servedForMs / rules.ejectMs));
}

function suspect(record: TrafficRecord, now: Millis): JudgedTraffic {
  const isNew = !isSuspect(record, now);
  const lostSinceMs = (isNew ? undefined : record.lostSinceMs) ?? now;
  const next = { ...record, suspectSinceMs: now, lostSinceMs };
  return isNew ? { record: next, became: "suspect" } : { record: next };
}

/**
 * Folds in a probe that began at `startedMs`. With `rise` good ones in a row that began after the connections were lost, the
 * ejection for that is over.
 */
export function observeProbeOf(
  record: TrafficRecord,
  { good, startedMs }: { readonly good: boolean; readonly startedMs: Millis },
  rise: number,
  now: Millis,
): TrafficRecord {
  const { lostSinceMs, goodProbes = 0, ...rest } = record;
  if (lostSinceMs === undefined || startedMs < lostSinceMs) return record;
  if (!good) return goodProbes === 0 ? record : { ...rest, lostSinceMs };
  if (!isEjected(record, now)) return rest;
  return goodProbes + 1 < rise ? { ...record, goodProbes: goodProbes + 1 } : pardon(record, now);
}

/** A success ends the row, and any suspicion; an ejection runs its time, or until probes end it. */
export function observeSuccess(record: TrafficRecord, now: Millis): TrafficRecord {
  const { failuresInRow, ejections, ejectedUntilMs, suspectSinceMs, lostSinceMs, goodProbes } = record;
  const isOut = isEjected(record, now);
  if (failuresInRow === 0 && suspectSinceMs === undefined && (isOut || lostSinceMs === undefined))
    return record;
  return {
    failuresInRow: 0,
    ejections,
    ...(ejectedUntilMs !== undefined && { ejectedUntilMs }),
    ...(isOut && lostSinceMs !== undefined && { lostSinceMs }),
    ...(isOut && goodProbes !== undefined && { goodProbes }),
  };
}

/** Probes saw the origin go down and come back: what traffic knew of it is out of date, and its ejection over. */
export function pardon({ ejections, ejectedUntilMs }: TrafficRecord, now: Millis): TrafficRecord {
  if (ejectedUntilMs === undefined) return { failuresInRow: 0, ejections };
  return { failuresInRow: 0, ejections, ejectedUntilMs: Math.min(ejectedUntilMs, now) };
}
