/**
 * Peak-EWMA: a moving average of response times that jumps up with a peak and comes down slowly, times the requests an
 * origin would then have. Between responses it decays towards 0, so an origin that was slow is tried again.
 * Source: Finagle, `PeakEwma.scala`; the parameters are those of linkerd2-proxy.
 */
import { decay } from "../model/decay.ts";
import { PerOrigin } from "../model/per-origin.ts";
import type { Millis, Origin, OriginName } from "../model/upstream.ts";
import type { Completion, LoadSignal } from "./signal.ts";

/** What an origin is taken for of which nothing is known. */
const defaultRttMs: Millis = 30;

/**
 * Averages of equally quick origins differ up to so many times: each was last heard at another time and has decayed since, and which had the
 * latest peak is chance. The peers (Finagle, linkerd2-proxy, Envoy's `peak_ewma`) compare the averages as they are, but none of
 * them has weights; here less than this must not outweigh a weight (`isTied`).
 */
export const peakNoise = 2;

/** After so long without a response the average is down to 1/e. */
const decayMs: Millis = 10_000;

interface Average {
  costMs: Millis;
  atMs: Millis;
}

export class PeakEwma implements LoadSignal {
  readonly #averages = new PerOrigin((): Average => ({ costMs: defaultRttMs, atMs: NaN }));

  reconfigure(origins: readonly Pick<Origin, "name">[]): void {
    this.#averages.keep(origins);
  }

  recordStart(): void {}

  recordCompletion(origin: OriginName, { ok, headerMs }: Completion, now: Millis): void {
    const average = this.#averages.of(origin);
    // A failure tells nothing of speed: it makes an origin look no better than one of which nothing is known.
    if (!ok) {
      addSample(average, 0, now);
      average.costMs = Math.max(average.costMs, defaultRttMs);
    } else if (headerMs !== undefined) addSample(average, headerMs, now);
  }

  load(origin: OriginName, inFlight: number, now: Millis, coming = 0): number {
    const average = this.#averages.of(origin);
    // As Finagle does it: a look is an observation of 0.
    addSample(average, 0, now);
    return average.costMs * (inFlight + coming + 1);
  }
}

function addSample(average: Average, rttMs: Millis, now: Millis): void {
  const kept = Number.isNaN(average.atMs) ? 1 : decay(now - average.atMs, decayMs);
  average.costMs = rttMs > average.costMs ? rttMs : average.costMs * kept + rttMs * (1 - kept);
  average.atMs = now;
}
