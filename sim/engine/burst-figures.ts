/**
 * What is measured where a scenario has a burst: requests that were answered too late, how much went to the cloud beside how much had to,
 * and how many instances that took. All figures but the answers are of the whole measured time.
 */
import type { Millis } from "../../core/model/upstream.ts";
import { ratePerSecondAt } from "../scenario/arrivals.ts";
import { capacityPerSecond } from "../scenario/capacity.ts";
import { hourMs } from "../scenario/fields.ts";
import type { BurstWindow, Scenario } from "../scenario/scenario.ts";

/** Part of a row of a scenario with a burst. Shares are 0–1. */
export interface BurstFigures {
  /** The part of all requests that home cannot do, were they and it a fluid: what has to go elsewhere at the least. */
  readonly fluidShare: number;
  /** Of the requests that arrived in the burst: answered later than `sloMs`, or not at all. */
  readonly missShare: number;
  /** Of these: not answered, or with an error. */
  readonly errorShare: number;
  /** Hours of servers that ran in pools after home, cold starts included. */
  readonly instanceHours: number;
  /** How often the state of the upstream's burst changed; of policies that have none, 0. */
  readonly transitions: number;
  readonly timeline: BurstTimeline;
}

/** In steps of `everyMs` from the beginning of what is measured. */
export interface BurstTimeline {
  readonly everyMs: Millis;
  /** In use in pools after home, at the end of each step. */
  readonly instances: readonly number[];
  /** Of the requests that arrived in the step, those that were answered too late, or not at all. */
  readonly missShares: readonly number[];
}

const stepMs: Millis = 10_000;

/** A fluid's rate is looked at so often. */
const fluidStepMs: Millis = 100;

export class BurstCount {
  readonly #window: BurstWindow;
  readonly #fromMs: Millis;
  readonly #arrived: Int32Array;
  readonly #missed: Int32Array;
  readonly #instances: number[] = [];
  #inWindow = 0;
  #misses = 0;
  #errors = 0;

  constructor({ warmupMs, measureMs }: Scenario, window: BurstWindow) {
    this.#window = window;
    this.#fromMs = warmupMs;
    const steps = Math.ceil(measureMs / stepMs);
    this.#arrived = new Int32Array(steps);
    this.#missed = new Int32Array(steps);
  }

  /** A measured request has ended; `latencyMs` is `undefined` if it was not answered well. */
  recordRequest(arrivedAt: Millis, latencyMs: Millis | undefined): void {
    const { fromMs, untilMs, sloMs } = this.#window;
    const isMissed = latencyMs === undefined || latencyMs > sloMs;
    const step = Math.floor((arrivedAt - this.#fromMs) / stepMs);
    this.#arrived[step]!++;
    if (isMissed) this.#missed[step]!++;
    if (arrivedAt < fromMs || arrivedAt >= untilMs) return;
    this.#inWindow++;
    if (isMissed) this.#misses++;
    if (latencyMs === undefined) this.#errors++;
  }

  /** To be called after every event: so many servers are in use after home. */
  sampleInstances(instances: () => number, now: Millis): void {
    while (
      now >= this.#fromMs + (this.#instances.length + 1) * stepMs &&
      this.#instances.length < this.#arrived.length
    ) {
      this.#instances.push(instances());
    }
  }

  figures(of: Pick<BurstFigures, "fluidShare" | "transitions">, serverMs: Float64Array): BurstFigures {
    const share = (count: number): number => (this.#inWindow === 0 ? 0 : count / this.#inWindow);
    const instanceMs = serverMs.slice(1).reduce((sum, ms) => sum + ms, 0);
    return {
      ...of,
      missShare: share(this.#misses),
      errorShare: share(this.#errors),
      instanceHours: instanceMs / hourMs,
      timeline: {
        everyMs: stepMs,
        instances: this.#instances,
        missShares: Array.from(this.#arrived, (arrived, step) => this.#missed[step]! / Math.max(1, arrived)),
      },
    };
  }
}

/** What of the measured requests home cannot do, if they come evenly at the rate that is expected. */
export function fluidShare(scenario: Scenario, load: number): number {
  const { arrivals, ratePerSecond, warmupMs, measureMs, servers, work } = scenario;
  const home = servers.filter(({ pool }) => pool === 0);
  const most = capacityPerSecond(home, work, true);
  let [all, above] = [0, 0];
  for (let at = warmupMs; at < warmupMs + measureMs; at += fluidStepMs) {
    const rate = ratePerSecondAt(arrivals, ratePerSecond * load, at);
    all += rate;
    above += Math.max(0, rate - most);
  }
  return above / all;
}
