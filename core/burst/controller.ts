/**
 * When a burst begins and ends: the state of an upstream that spills, `home → bursting → returning → home`, and back to `bursting` from
 * `returning`. One fold: what is remembered and what is seen go in, what is remembered and perhaps a transition come out. It routes nothing;
 * it decides where sessions live, and says what is going on.
 *
 * An observation speaks for the time since the last one, as the object's knowledge of home changes with its messages
 * only. But silence for longer than a threshold's `for` proves nothing (the object may have been gone, or its clock
 * set), nor does a clock that runs backwards: then the threshold's time begins anew. The one transition that needs no proof
 * is the end of `returning`, which is a deadline.
 */
import {
  burstSignals,
  type BurstRules,
  type BurstSignal,
  type BurstValues,
  type BurstState,
} from "../model/burst-rules.ts";
import { decay } from "../model/decay.ts";
import type { Millis } from "../model/upstream.ts";
import type { BurstEvent, Notice } from "../telemetry/events.ts";
import { calmEvidence, deadlineEvidence, excessEvidence } from "./evidence.ts";

/** All that the machine remembers; serialises. */
export interface BurstRecord {
  readonly state: BurstState;
  readonly sinceMs: Millis;
  /** Why it came to this state. */
  readonly evidence: string;
  readonly observedMs: Millis;
  /** What was seen last, the utilisation smoothed. */
  readonly values: BurstValues;
  /** Since when each threshold of `enter` is exceeded. */
  readonly overSinceMs: Readonly<Partial<Record<BurstSignal, Millis>>>;
  /** Since when all thresholds of `exit` are kept to; absent: they are not. */
  readonly calmSinceMs?: Millis;
  /** When the last burst ended; absent: there was none, or there is one. */
  readonly returnedMs?: Millis;
}

export type BurstTransition = Notice<BurstEvent>;

export interface ObservedBurst {
  readonly record: BurstRecord;
  readonly transition?: BurstTransition;
}

/** Utilisation follows what is seen with this time constant: a moment's peak is no evidence. */
const smoothingMs: Millis = 1_000;

export function atHome(now: Millis): BurstRecord {
  const values = { utilisation: 0, expectedWaitMs: 0, p95Ms: 0, queued: 0, errorRate: 0 };
  return { state: "home", sinceMs: now, evidence: "", observedMs: now, values, overSinceMs: {} };
}

/** Folds in what is seen of home at `now`. At most one transition; later ones come with later observations. */
export function observeBurst(
  before: BurstRecord,
  seen: BurstValues,
  rules: BurstRules,
  now: Millis,
): ObservedBurst {
  const record = follow(before, seen, rules, now);
  switch (record.state) {
    case "home":
      return entered(record, rules, now) ?? { record };
    case "bursting":
      return returned(record, rules, now) ?? { record };
    case "returning":
      return entered(record, rules, now) ?? settled(record, rules, now) ?? { record };
  }
}

/** The same thresholds no longer, or not yet: what was measured against others says nothing. */
export function forgetRuns(before: BurstRecord): BurstRecord {
  const { calmSinceMs: _, ...record } = before;
  return { ...record, overSinceMs: {} };
}

/** Takes in the values, and for how long they have been on which side of the thresholds. */
function follow(before: BurstRecord, seen: BurstValues, rules: BurstRules, now: Millis): BurstRecord {
  const { calmSinceMs: calmBefore, ...rest } = before;
  const passedMs = now - before.observedMs;
  const values = { ...seen, utilisation: smoothed(before, seen, rules, passedMs) };
  const goesOn = (forMs: Millis): boolean => passedMs >= 0 && passedMs <= forMs;
  const overSinceMs: Partial<Record<BurstSignal, Millis>> = {};
  for (const signal of burstSignals) {
    if (values[signal] < (rules.enter.at[signal] ?? Infinity)) continue;
    overSinceMs[signal] = (goesOn(rules.enter.forMs) ? before.overSinceMs[signal] : undefined) ?? now;
  }
  const isCalm = burstSignals.every((signal) => values[signal] <= (rules.exit.at[signal] ?? Infinity));
  const calmSinceMs = (goesOn(rules.exit.forMs) ? calmBefore : undefined) ?? now;
  // A state that began in what is now the future would last until the clock is there again.
  const sinceMs = Math.min(before.sinceMs, now);
  return { ...rest, sinceMs, observedMs: now, values, overSinceMs, ...(isCalm && { calmSinceMs }) };
}

/** First-order: what is seen weighs as much as the time that it speaks for. */
function smoothed(
  { values }: BurstRecord,
  { utilisation }: BurstValues,
  { exit }: BurstRules,
  passedMs: Millis,
): number {
  if (passedMs < 0 || passedMs > exit.forMs) return utilisation;
  return utilisation + (values.utilisation - utilisation) * decay(passedMs, smoothingMs);
}

function entered(record: BurstRecord, { enter }: BurstRules, now: Millis): ObservedBurst | undefined {
  const proven = burstSignals.filter((signal) => {
    const sinceMs = record.overSinceMs[signal];
    return sinceMs !== undefined && now - sinceMs >= enter.forMs;
  });
  if (proven.length === 0) return undefined;
  const { returnedMs: _, ...rest } = record;
  return become(rest, "bursting", excessEvidence(record, proven, enter, now), now);
}

function returned(record: BurstRecord, rules: BurstRules, now: Millis): ObservedBurst | undefined {
  const { calmSinceMs, sinceMs } = record;
  if (calmSinceMs === undefined || now - calmSinceMs < rules.exit.forMs) return undefined;
  if (now - sinceMs < rules.minHoldMs) return undefined;
  const evidence = calmEvidence(record, rules.exit, now - calmSinceMs);
  return become({ ...record, returnedMs: now }, "returning", evidence, now);
}

function settled(
  record: BurstRecord,
  { moveWithinMs = 0 }: BurstRules,
  now: Millis,
): ObservedBurst | undefined {
  if (now - record.sinceMs < moveWithinMs) return undefined;
  return become(record, "home", deadlineEvidence(now - record.sinceMs), now);
}

function become(record: BurstRecord, to: BurstState, evidence: string, now: Millis): ObservedBurst {
  return {
    record: { ...record, state: to, sinceMs: now, evidence },
    transition: { from: record.state, to, evidence },
  };
}
