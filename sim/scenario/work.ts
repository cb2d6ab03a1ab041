/** How much work a request is: drawn, and on average. */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import { drawServiceMs } from "../../origin-sim/model/service-time.ts";
import type { Work } from "./scenario.ts";

/** Draws the work of one request, finite and at least 0. */
export function drawWorkMs(work: Work, random: Random): Millis {
  if (work.kind !== "trace") return drawServiceMs(work, random);
  return work.samplesMs[Math.floor(random.next() * work.samplesMs.length)] ?? 0;
}

/** The mean of what `drawWorkMs` draws. */
export function meanWorkMs(work: Work): Millis {
  switch (work.kind) {
    case "constant":
      return work.ms;
    case "exponential":
    case "lognormal":
      return work.meanMs;
    case "normal":
      return truncatedMeanMs(work.meanMs, work.sdMs);
    case "pareto":
      return (work.minMs * work.shape) / (work.shape - 1);
    case "trace":
      return work.samplesMs.reduce((sum, ms) => sum + ms, 0) / work.samplesMs.length;
  }
}

/** The mean of a normal variable given that it is not negative: μ + σ φ(μ/σ) / Φ(μ/σ). */
function truncatedMeanMs(meanMs: Millis, sdMs: Millis): Millis {
  if (sdMs === 0) return meanMs;
  const z = meanMs / sdMs;
  const density = Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI);
  return meanMs + (sdMs * density) / normalShareBelow(z);
}

/** Φ, the share of a standard normal variable below z ≥ 0, to 1e-7 (Abramowitz & Stegun 26.2.17). */
function normalShareBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
