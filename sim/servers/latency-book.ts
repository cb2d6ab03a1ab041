/**
 * What a server says of its latency when it is probed: the median of what requests took lately that found as many
 * in flight as there are now (or as near to that as there are any). Prequal's server-side signal (NSDI '24, §4). How
 * many are kept is not published, but that they ended within "the last few hundredths of a second": at the 56 to 130
 * requests a second that a server of its test bed has, these are about three.
 */
import type { Millis } from "../../core/model/upstream.ts";

const kept = 3;
const mostInFlight = 512;

export class LatencyBook {
  readonly #latencies = new Float64Array(mostInFlight * kept);
  readonly #written = new Int32Array(mostInFlight);
  readonly #sorted = new Float64Array(kept);
  #most = -1;

  /** A request took so long that found `inFlight` there, itself included. */
  recordLatency(inFlight: number, latencyMs: Millis): void {
    const row = Math.min(inFlight, mostInFlight - 1);
    const written = this.#written[row]!;
    this.#latencies[row * kept + (written % kept)] = latencyMs;
    this.#written[row] = written + 1;
    this.#most = Math.max(this.#most, row);
  }

  /** The latency to expect with so many in flight; `undefined` before the first request is over. */
  expect(inFlight: number): Millis | undefined {
    const wanted = Math.min(inFlight, mostInFlight - 1);
    for (let distance = 0; distance <= mostInFlight; distance++) {
      if (wanted - distance < 0 && wanted + distance > this.#most) return undefined;
      if (wanted - distance >= 0 && this.#written[wanted - distance]! > 0)
        return this.#median(wanted - distance);
      if (wanted + distance <= this.#most && this.#written[wanted + distance]! > 0) {
        return this.#median(wanted + distance);
      }
    }
    return undefined;
  }

  #median(row: number): Millis {
    const count = Math.min(kept, this.#written[row]!);
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#latencies.subarray(row * kept, row * kept + count));
    sorted.sort();
    return sorted[count >> 1]!;
  }
}
