/**
 * By how much a sample of times says that a server is slowed down by what it has to do at once: the rule of adaptive
 * concurrency limits (Netflix's Gradient2; Envoy's adaptive concurrency filter).
 */
import type { Millis } from "../model/upstream.ts";
import type { Sample } from "./sample.ts";

/** Standard errors by which a sample's mean may be too high. */
const confidence = 0.5;

/** However slow the answers, one sample says no more than this. */
const steepest = 0.5;

/**
 * The allowed time over that of the sample, ½ to 1; 1: it is not slow. The sample's time is reduced by half of its standard
 * error, so that a heavy-tailed service, of which a few answers show little, is given more room.
 */
export function gradientOf(sample: Pick<Sample, "meanMs" | "errorMs">, allowedMs: Millis): number {
  const certainMs = sample.meanMs - confidence * sample.errorMs;
  return certainMs <= allowedMs ? 1 : Math.max(steepest, allowedMs / certainMs);
}
