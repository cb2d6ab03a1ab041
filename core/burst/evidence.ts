/** What speaks for a transition, in words for the log and the API: which value, which threshold, for how long. */
import type { Millis } from "../model/upstream.ts";
import type { BurstRecord } from "./controller.ts";
import { burstSignals, type BurstSignal, type BurstThresholds } from "../model/burst-rules.ts";

/** As the config calls them, and as their values are written. */
const words: Readonly<Record<BurstSignal, { readonly name: string; readonly unit: string }>> = {
  utilisation: { name: "utilisation", unit: "" },
  expectedWaitMs: { name: "wait", unit: " ms" },
  p95Ms: { name: "p95", unit: " ms" },
  queued: { name: "queue", unit: "" },
  errorRate: { name: "errorRate", unit: "" },
};

/** `utilisation 0.97, at or above 0.9 for 10.2 s`; several are joined by semicolons. */
export function excessEvidence(
  { values, overSinceMs }: Pick<BurstRecord, "values" | "overSinceMs">,
  proven: readonly BurstSignal[],
  { at }: BurstThresholds,
  now: Millis,
): string {
  return proven
    .map((signal) => {
      const forMs = now - (overSinceMs[signal] ?? now);
      return `${valueOf(signal, values[signal])}, at or above ${at[signal]}${words[signal].unit} for ${seconds(forMs)}`;
    })
    .join("; ");
}

/** `utilisation 0.31, at or below 0.7 for 60.1 s`; of several each, and the time for all. */
export function calmEvidence(
  { values }: Pick<BurstRecord, "values">,
  { at }: BurstThresholds,
  forMs: Millis,
): string {
  const each = burstSignals.flatMap((signal) => {
    const threshold = at[signal];
    if (threshold === undefined) return [];
    return `${valueOf(signal, values[signal])}, at or below ${rounded(threshold)}${words[signal].unit}`;
  });
  return `${each.join("; ")} for ${seconds(forMs)}`;
}

/** `600 s after the return`. */
export function deadlineEvidence(sinceReturnMs: Millis): string {
  return `${seconds(sinceReturnMs)} after the return`;
}

const valueOf = (signal: BurstSignal, value: number): string =>
  `${words[signal].name} ${rounded(value)}${words[signal].unit}`;

const rounded = (value: number): number => Math.round(value * 100) / 100;

const seconds = (ms: Millis): string => `${Math.round(ms / 100) / 10} s`;
