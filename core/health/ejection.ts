/**
 * Passive health: real traffic takes an origin out (ejection), and brings it back. What else does: probes (`verdict.ts`), operators, a
 * weight of 0 and an origin's own farewell; all of them meet in `core/selection/eligible.ts`. Judges (`judges/`) accuse an origin; here is
 * what follows: it is out for a while, longer each time (Envoy's outlier detection), unless its pool cannot spare it. But where
 * connections fail, origins that have to stay are trusted last: a pool that dies as a whole must not be tried to the end.
 *
 * An ejection ends when probes are good again, if they can tell: they can of lost connections (HAProxy's `observe layer4` with
 * `on-error fastinter`), and of bad answers if they were bad, too, when it began. Otherwise its time runs, and a trial follows (the
 * half-open state of a circuit breaker: M. Nygard, Release It!): one request at a time, until some have succeeded; a failed trial ejects
 * again. Where there are no probes, lost connections are tried after a second, and then every two (nginx's `fail_timeout`, after which
 * live requests probe): a trial costs one request an attempt that mostly fails at once, and a server that has restarted is not left out.
 */
import type { Millis, PassiveHealth } from "../model/upstream.ts";

/** What an origin is accused of: its connections fail, or its answers do, or they take long. */
export type Ground = "lost" | "answers" | "slow";

export interface TrafficRecord {
  readonly failuresInRow: number;
  /** Ejections that count towards the length of the next. */
  readonly ejections: number;
  /** Absent: not ejected. May lie in the past. */
  readonly ejectedUntilMs?: Millis;
  /** Of what it was accused; absent: lost connections if `lostSinceMs` is there, else answers. */
  readonly ground?: Ground;
  /** It has to pass a trial when its ejection is over. Absent: none. */
  readonly trial?: Trial;
  /** When a connection last failed of an origin that would have been ejected, but its pool could not spare it. */
  readonly suspectSinceMs?: Millis;
  /** Since when it is ejected, or was first suspect, because connections are lost; absent: it is for no such reason. */
  readonly lostSinceMs?: Millis;
  /** Since when it is ejected for something that probes saw, too; absent: they did not, or connections are lost. */
  readonly probedBadSinceMs?: Millis;
  /** Good probes in a row that began after that. Absent: none. */
  readonly goodProbes?: number;
}

/** What a trial still needs, and what it has seen. */
export interface Trial {
  /** Good answers still to come. */
  readonly needs: number;
  /** Failures that may be due to the client. */
  readonly failed: number;
}

export const cleanRecord: TrafficRecord = { failuresInRow: 0, ejections: 0 };

export function isEjected(record: TrafficRecord, now: Millis): boolean {
  return record.ejectedUntilMs !== undefined && now < record.ejectedUntilMs;
}

/** Whether its ejection is over, but not yet whether the origin is well. */
export function isOnTrial(record: TrafficRecord, now: Millis): boolean {
  return record.trial !== undefined && !isEjected(record, now);
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
  /** What has become of the origin. */
  readonly became?: "ejected" | "suspect";
}

/** What decides on an accusation. */
export interface Circumstances {
  readonly ground: Ground;
  /** Whether the pool can spare the origin. */
  readonly mayEject: boolean;
  /** Probes will tell when the origin answers again. */
  readonly isProbed: boolean;
  /** The last probe was bad. */
  readonly isProbedBad?: boolean;
}

/** The pauses of an origin without probes, before it is tried again: the first, and all others. */
const firstTryMs: Millis = 1_000;
const laterTriesMs: Millis = 2_000;

/** A connection that stands says all that there is to say; of answers one in three may be good though the origin is not. */
const trialOf: Readonly<Record<Ground, Trial>> = {
  lost: { needs: 1, failed: 0 },
  answers: { needs: 3, failed: 0 },
  slow: { needs: 3, failed: 0 },
};

/** One failure may be the client's; with a second one before the origin has shown that it is well, the trial has failed. */
const mostFailedTrials = 2;

/** Counts one failure. What still comes in while the origin is out, from requests that were in the air, says nothing new. */
export function countFailure(record: TrafficRecord, now: Millis): TrafficRecord {
  return isEjected(record, now) ? record : { ...record, failuresInRow: record.failuresInRow + 1 };
}

/**
 * What follows from an accusation. While the pool cannot spare the origin, it goes as soon as it can; meanwhile, if connections
 * fail, it is suspect: used only where no other origin can serve.
 */
export function convict(
  record: TrafficRecord,
  rules: PassiveHealth,
  { ground, mayEject, isProbed, isProbedBad }: Circumstances,
  now: Millis,
): JudgedTraffic {
  if (isEjected(record, now)) return { record };
  const isLost = ground === "lost";
  // Without probes nothing would soon show that a suspicion was wrong.
  if (!mayEject) return isLost && isProbed ? suspect(record, now) : { record };
  const ejections = ejectionsThatCount(record, rules, now) + 1;
  const pauseMs = ejections === 1 ? firstTryMs : laterTriesMs;
  const lengthMs = isLost && !isProbed ? pauseMs : ejections * rules.ejectMs;
  const next: TrafficRecord = {
    failuresInRow: 0,
    ejections,
    ejectedUntilMs: now + Math.min(lengthMs, rules.maxEjectMs),
    ground,
    trial: trialOf[ground],
    ...(isLost && isProbed && { lostSinceMs: now }),
    ...(!isLost && isProbedBad === true && { probedBadSinceMs: now }),
  };
  return { record: next, became: "ejected" };
}

/**
 * One failure of an origin on trial. `isSure`: it is not due to what one client has asked for. Ejects the origin again, or counts; the
 * failures of requests that were sent before the trial began are few.
 */
export function observeFailedTrial(
  record: TrafficRecord,
  rules: PassiveHealth,
  { isSure, ...circumstances }: Omit<Circumstances, "ground"> & { readonly isSure: boolean },
  now: Millis,
): JudgedTraffic {
  const { trial } = record;
  if (trial === undefined || !isOnTrial(record, now)) return { record };
  const failed = trial.failed + 1;
  if (!isSure && failed < mostFailedTrials) return { record: { ...record, trial: { ...trial, failed } } };
  return convict(record, rules, { ...circumstances, ground: groundOf(record) }, now);
}

export function groundOf({ ground, lostSinceMs }: TrafficRecord): Ground {
  return ground ?? (lostSinceMs === undefined ? "answers" : "lost");
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
 * Folds in a probe that began at `startedMs`. With `rise` good ones in a row that began after the connections were lost, or after an
 * ejection for what probes saw, too, that is over, and no trial follows.
 */
export function observeProbeOf(
  record: TrafficRecord,
  { good, startedMs }: { readonly good: boolean; readonly startedMs: Millis },
  rise: number,
  now: Millis,
): TrafficRecord {
  const { lostSinceMs, probedBadSinceMs, goodProbes = 0, ...rest } = record;
  const sinceMs = lostSinceMs ?? probedBadSinceMs;
  if (sinceMs === undefined || startedMs < sinceMs) return record;
  if (!good) {
    if (goodProbes === 0) return record;
    const { goodProbes: _, ...torn } = record;
    return torn;
  }
  if (!isEjected(record, now)) {
    const { trial: _trial, ground: _ground, ...settled } = rest;
    return lostSinceMs === undefined ? rest : settled;
  }
  return goodProbes + 1 < rise ? { ...record, goodProbes: goodProbes + 1 } : pardon(record, now);
}

/** Good answers end the row, and any suspicion, and pass a trial; an ejection runs its time, or until probes end it. */
export function observeSuccess(record: TrafficRecord, now: Millis, count = 1): TrafficRecord {
  const { failuresInRow, suspectSinceMs, lostSinceMs, trial } = record;
  if (isEjected(record, now)) return failuresInRow === 0 ? record : { ...record, failuresInRow: 0 };
  if (failuresInRow === 0 && suspectSinceMs === undefined && lostSinceMs === undefined && trial === undefined)
    return record;
  const { ejections, ejectedUntilMs, ground } = record;
  const needs = (trial?.needs ?? 0) - count;
  const next = { failuresInRow: 0, ejections, ...(ejectedUntilMs !== undefined && { ejectedUntilMs }) };
  if (trial === undefined || needs <= 0) return next;
  return { ...next, trial: { ...trial, needs }, ...(ground !== undefined && { ground }) };
}

/** Probes saw the origin go down and come back: what traffic knew of it is out of date, and its ejection over. */
export function pardon({ ejections, ejectedUntilMs }: TrafficRecord, now: Millis): TrafficRecord {
  if (ejectedUntilMs === undefined) return { failuresInRow: 0, ejections };
  return { failuresInRow: 0, ejections, ejectedUntilMs: Math.min(ejectedUntilMs, now) };
}
