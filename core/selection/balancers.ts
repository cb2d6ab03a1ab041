/**
 * The balancers of an upstream, one a pool: only origins that are alike take turns with each other, and are measured
 * against each other. What was learnt of a pool outlives a change of configuration, unless it is balanced otherwise.
 */
import type { LoadSignal } from "../load/signal.ts";
import type { Millis, OriginName, PoolName, Upstream } from "../model/upstream.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { SelectionPolicy } from "./policy.ts";
import { createBalancer, type Balancer } from "./registry.ts";

export class Balancers {
  readonly #rule: string;
  readonly #byPool = new Map<PoolName, Balancer>();
  readonly #signals = new Map<OriginName, LoadSignal>();

  /** `before`: those of the configuration that this one replaces. */
  constructor({ policy, pools }: Pick<Upstream, "policy" | "pools">, before?: Balancers) {
    this.#rule = JSON.stringify(policy);
    const kept = before !== undefined && before.#rule === this.#rule ? before.#byPool : undefined;
    for (const { name, origins } of pools) {
      const known = kept?.get(name);
      known?.signal.reconfigure(origins);
      const balancer = known ?? createBalancer(policy, origins);
      this.#byPool.set(name, balancer);
      for (const origin of origins) this.#signals.set(origin.name, balancer.signal);
    }
  }

  /** The rule of the pool; `undefined` if there is no such pool. */
  policyOf(pool: PoolName): SelectionPolicy | undefined {
    return this.#byPool.get(pool)?.policy;
  }

  /** The signal to tell of what happens on the origin; `undefined` if there is no such origin. */
  signalOf(origin: OriginName): LoadSignal | undefined {
    return this.#signals.get(origin);
  }

  /**
   * Tells the signal of all the completions that a run stands for: of a long one only some times travel. `false` if there is
   * no such origin.
   */
  recordOutcomes(
    { origin, ok, count = 1, headerMs = [], lastByteMs = [] }: OutcomeRun,
    now: Millis,
  ): boolean {
    const signal = this.#signals.get(origin);
    for (let nth = 0; nth < count; nth++) {
      const header = headerMs[nth % headerMs.length];
      const lastByte = lastByteMs[nth % lastByteMs.length];
      const times = {
        ...(header !== undefined && { headerMs: header }),
        ...(lastByte !== undefined && { lastByteMs: lastByte }),
      };
      signal?.recordCompletion(origin, { ok, ...times }, now);
    }
    return signal !== undefined;
  }
}
