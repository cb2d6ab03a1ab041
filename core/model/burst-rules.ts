/**
 * By what an upstream is said to burst. `enter` and `exit` are apart in value and in time: a Schmitt trigger, so that a
 * load that swings around one threshold does not swing the state. None of it routes a request (`spill.ts` does that).
 */
import type { Millis } from "./upstream.ts";

/** What home is watched for. */
export const burstSignals = ["utilisation", "expectedWaitMs", "p95Ms", "queued", "errorRate"] as const;
export type BurstSignal = (typeof burstSignals)[number];

/** Home at one moment. Shares are 0–1, and 0 stands for nothing seen. */
export type BurstValues = Readonly<Record<BurstSignal, number>>;

export interface BurstThresholds {
  /** At least one. */
  readonly at: Readonly<Partial<Record<BurstSignal, number>>>;
  /** For so long, without a break. */
  readonly forMs: Millis;
}

export interface BurstRules {
  /** A burst begins when any of these was reached or exceeded … */
  readonly enter: BurstThresholds;
  /** … and ends when all of these, which are lower, were kept to, for no shorter time. */
  readonly exit: BurstThresholds;
  /** The shortest burst. */
  readonly minHoldMs: Millis;
  /** After it the sessions that began elsewhere are moved home within this time; absent: they stay where they are. */
  readonly moveWithinMs?: Millis;
}

export type BurstState = "home" | "bursting" | "returning";
