/**
 * Strict: every request asks its coordinator, which knows of everything in flight. There is one for the whole fleet
 * (a round trip away from everybody), or one in each region (nearer, and told of the others' every so often;
 * `core/load/regional.ts` says what to make of that in between).
 *
 * Messages are absolute in Weir, so a lost one is made good by the next: here a report that is lost is sent again.
 */
import { regionalInFlight } from "../../../core/load/regional.ts";
import type { Millis, Policy } from "../../../core/upstream.ts";
import type { AttemptEnd, Ground } from "../strategy.ts";
import { Origins } from "./origins.ts";
import { completionOf, Reports } from "./reports.ts";
import { WeirStrategy } from "./weir-strategy.ts";

const Timer = { ask: 0, giveUp: 1, report: 2, sample: 3, publish: 4 } as const;

/** What one coordinator knows. */
interface Region {
  /** Its own requests in flight, by server. */
  readonly own: Int32Array;
  /** The same when the regions were last synchronised, and that of all together. */
  readonly ownThen: Int32Array;
  /** The sample that is on its way. */
  readonly sampled: Int32Array;
}

export interface StrictOptions {
  readonly policy: Policy;
  readonly regions: number;
  readonly rttMs: Millis;
}

export class Strict extends WeirStrategy {
  readonly #rttMs: Millis;
  readonly #regions: readonly Region[];
  readonly #totalThen: Int32Array;
  /** The rule and its signal. Signals are told of all completions: regions pass them on when they synchronise. */
  readonly #origins: Origins;
  readonly #reports = new Reports();
  readonly #lastReports: number[] = [];

  constructor(ground: Ground, { policy, regions, rttMs }: StrictOptions) {
    super(ground);
    const servers = ground.scenario.servers.length;
    this.#rttMs = rttMs;
    this.#origins = new Origins(ground, policy);
    this.#totalThen = new Int32Array(servers);
    this.#regions = Array.from({ length: regions }, () => ({
      own: new Int32Array(servers),
      ownThen: new Int32Array(servers),
      sampled: new Int32Array(servers),
    }));
  }
}
