/**
 * Probes that a server was too busy to answer. Most servers have as many workers as slots (uWSGI, Gunicorn, PHP-FPM), so while all of them
 * serve requests a probe waits like any other, and its time runs out. That says that the server is full, which is known, and not
 * that it is ill: taken for a failure, it would take servers out in every peak, and move the sessions that are bound to them. So
 * such a probe says nothing, as long as the server answers requests within the time that these are given. One that has stopped
 * altogether is found out when that time is over, by its probes and by its requests.
 */
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, OriginName, Upstream } from "../model/upstream.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { ProbeResult } from "../protocol/probe-round.ts";

interface AnsweredLoad {
  readonly slots: number;
  answeredMs: Millis;
}

export class BusyOrigins {
  #byName = new Map<OriginName, AnsweredLoad>();
  #headersMs: Millis = 0;

  constructor(upstream: Upstream) {
    this.reconfigure(upstream);
  }

  /** Keeps what is known of origins that stay. */
  reconfigure({ pools, timeouts }: Upstream): void {
    const before = this.#byName;
    const origins = pools.flatMap((pool) => pool.origins);
    this.#byName = new Map(
      origins.map(({ name, maxConns: slots = Infinity }) => {
        const answeredMs = before.get(name)?.answeredMs ?? -Infinity;
        return [name, { slots, answeredMs }];
      }),
    );
    this.#headersMs = timeouts.headersMs;
  }

  /** How requests to an origin have ended. */
  recordOutcomes({ origin, ok }: Pick<OutcomeRun, "origin" | "ok">, now: Millis): void {
    const known = this.#byName.get(origin);
    if (ok && known !== undefined) known.answeredMs = now;
  }

  /** Whether the probe's result says nothing of the origin's health. */
  excuses(
    { origin, isLate }: Pick<ProbeResult, "origin" | "isLate">,
    status: OriginStatus,
    now: Millis,
  ): boolean {
    const known = this.#byName.get(origin);
    if (isLate !== true || known === undefined) return false;
    const isFull = status.inFlight >= (status.limit ?? known.slots);
    return isFull && now - known.answeredMs <= this.#headersMs;
  }
}
