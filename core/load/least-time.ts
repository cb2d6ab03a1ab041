/**
 * nginx's `least_time`: the time an origin takes on average, times the requests it would then have. Integers,
 * seconds and rounding are nginx's own, so that a pool behaves as it did there.
 * Source: nginx, `ngx_http_upstream_least_time_module.c` (1.31) and the average in `ngx_http_upstream_round_robin.h`.
 */
import { PerOrigin } from "../model/per-origin.ts";
import type { AnswerTime, Millis, Origin, OriginName } from "../model/upstream.ts";
import type { Completion, LoadSignal } from "./signal.ts";

export interface LeastTimeOptions {
  readonly by: AnswerTime;
  /** Requests that are still open count too: their average age, if it exceeds the average time. */
  readonly inflight: boolean;
}

/** An origin without a chance for longer than nginx's `fail_timeout`, counted in whole seconds, gets one. */
const fadeAfterS = 10 + 1;

/** Above it all origins are equally bad, and the fewest open requests decide. */
const worstMs: Millis = 5_000;

/** Times are rounded up to the next multiple of this, so that near-equal origins take turns. */
const bucketMs: Millis = 20;

interface OriginTimes {
  /** The average of what was asked `by`; 0: nothing is known. */
  averageMs: Millis;
  /** The average as it counts, found once for each answer and not for each look. */
  roundedMs: Millis;
  /** From then on the average counts less: the origin had no chance for a while; NaN: it never had one. */
  fadesAtMs: Millis;
  /** Of open requests, averaged from look to look. */
  averageAgeMs: Millis;
}

export class LeastTime implements LoadSignal {
  readonly #by: AnswerTime;
  readonly #inflight: boolean;
  readonly #times = new PerOrigin(unknown);

  constructor(options: LeastTimeOptions) {
    this.#by = options.by;
    this.#inflight = options.inflight;
  }

  reconfigure(origins: readonly Pick<Origin, "name">[]): void {
    this.#times.keep(origins);
  }

  recordStart(origin: OriginName, now: Millis): void {
    const times = this.#times.of(origin);
    if (!(now < times.fadesAtMs)) times.fadesAtMs = fadeTime(now);
  }

  recordCompletion(
    origin: OriginName,
    { ok, headerMs, lastByteMs = headerMs }: Completion,
    now: Millis,
  ): void {
    const times = this.#times.of(origin);
    const tookMs = this.#by === "header" ? headerMs : lastByteMs;
    if (ok && tookMs !== undefined) {
      times.averageMs = average(times.averageMs, tookMs);
      times.roundedMs = rounded(times.averageMs);
    }
    if (!ok) times.fadesAtMs = fadeTime(now);
  }

  load(origin: OriginName, inFlight: number, now: Millis, coming = 0, ageMs?: Millis): number {
    const times = this.#times.of(origin);
    const fades = now >= times.fadesAtMs;
    const counts = this.#inflight && inFlight > 0 && ageMs !== undefined;
    // What holds for most origins at most times comes first: a pick asks for all of them.
    if (!fades && !counts) return times.roundedMs * (1 + inFlight + coming);
    const ms = fades ? faded(times, now) : times.averageMs;
    // nginx averages the average age at every look.
    if (counts) times.averageAgeMs = average(times.averageAgeMs, Math.trunc(ageMs));
    return rounded(counts ? Math.max(ms, times.averageAgeMs) : ms) * (1 + inFlight + coming);
  }
}

function unknown(): OriginTimes {
  return {
    averageMs: 0,
    roundedMs: rounded(0),
    fadesAtMs: NaN,
    averageAgeMs: 0,
  };
}

/** Up to the next multiple of the bucket; what exceeds the worst is the worst. */
function rounded(ms: Millis): Millis {
  return ms > worstMs ? worstMs : ms + bucketMs - (ms % bucketMs);
}

/** When an origin's average begins to fade that is given a chance now. nginx's clock knows whole seconds. */
function fadeTime(now: Millis): Millis {
  return (Math.floor(now / 1_000) + fadeAfterS) * 1_000;
}

/** Half as long at once, and again for each further timeout without a chance. */
function faded({ averageMs, fadesAtMs }: OriginTimes, now: Millis): Millis {
  return averageMs >> Math.min(31, 1 + Math.floor((now - fadesAtMs) / (fadeAfterS * 1_000)));
}

/** An exponential moving average with a weight of 1/20 for the new value, rounded. */
function average(soFar: Millis, value: Millis): Millis {
  return soFar === 0 ? Math.trunc(value) : Math.trunc(0.5 + (value * 0.05 + soFar * 0.95));
}
