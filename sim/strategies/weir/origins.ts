/**
 * A coordinator's view of the origins, and its choice among them: core's filter, then core's rule, pool by pool. The
 * same steps as `core/placement/picker.ts`, but candidates are kept from pick to pick, which a hundred thousand picks a second
 * need and a hundred would not.
 */
import type { LoadSignal } from "../../../core/load/signal.ts";
import type { OriginStatus } from "../../../core/model/origin-status.ts";
import type { Millis, Origin, OriginName, Policy } from "../../../core/model/upstream.ts";
import { obstacle, type RequestDemand } from "../../../core/selection/eligible.ts";
import type { Candidate } from "../../../core/selection/policy.ts";
import { createBalancer, type Balancer } from "../../../core/selection/registry.ts";
import { fleetScope } from "../../engine/health.ts";
import type { Ground } from "../strategy.ts";

const tried: ReadonlySet<OriginName> = new Set();

/** In the order of hope, as in `core/placement/picker.ts`. What a request has tried is filtered here, by index. */
const firstDemands: readonly RequestDemand[] = [
  { tried },
  { tried, care: "bold" },
  { tried, care: "bold", panic: true },
];
const retryDemands: readonly RequestDemand[] = [{ tried, care: "cautious" }, ...firstDemands];

type Counted = { -readonly [Key in keyof Candidate]: Candidate[Key] };

export class Origins {
  readonly #ground: Ground;
  readonly #origins: readonly Origin[];
  readonly #candidates: readonly Counted[];
  readonly #indexOf: ReadonlyMap<OriginName, number>;
  readonly #balancers: readonly Balancer[];
  readonly #status: { -readonly [Key in keyof OriginStatus]: OriginStatus[Key] } = {
    healthy: true,
    failing: false,
    suspect: false,
    operator: "up",
    inFlight: 0,
  };
  readonly #eligible: Candidate[] = [];
  /** By server: the sum of the times at which the requests in flight were sent. */
  readonly #sentMs: Float64Array;
  readonly #countsAges: boolean;
  /** By pool: all its candidates, for when nothing stands in the way of any. */
  readonly #everyone: Candidate[][];
  readonly #unlimited: boolean;

  constructor(ground: Ground, policy: Policy) {
    this.#ground = ground;
    const { servers, pools } = ground.scenario;
    this.#origins = servers.map(({ name, weight, maxConns }) => ({
      name,
      weight,
      backup: false,
      ...(maxConns === undefined ? {} : { maxConns }),
    }));
    this.#candidates = servers.map(({ name, weight }) => ({ name, weight, inFlight: 0 }));
    this.#sentMs = new Float64Array(servers.length);
    this.#countsAges = policy.name === "least_time" && policy.inflight;
    this.#everyone = pools.map(() => []);
    this.#unlimited = servers.every(({ maxConns }) => maxConns === undefined);
    this.#indexOf = new Map(servers.map(({ name }, index) => [name, index]));
    this.#balancers = pools.map((_, pool) =>
      createBalancer(
        policy,
        this.#origins.filter((_, index) => servers[index]?.pool === pool),
      ),
    );
  }

  /** Sets how many requests a server has in flight, as this coordinator sees it. */
  set(server: number, inFlight: number): void {
    this.#candidates[server]!.inFlight = inFlight;
  }

  /** A request was sent to the server at `sentMs`, or has ended. */
  add(server: number, change: 1 | -1, sentMs: Millis): void {
    this.#candidates[server]!.inFlight += change;
    this.#sentMs[server] = this.#sentMs[server]! + change * sentMs;
  }

  nameOf(server: number): OriginName {
    return this.#candidates[server]!.name;
  }

  signalOf(server: number): LoadSignal {
    return this.#balancers[this.#ground.scenario.servers[server]!.pool]!.signal;
  }

  /** The server for a request, from the first pool that has one; `undefined` if none has. */
  pick(request: number): number | undefined {
    const { pools, random, now } = this.#ground;
    const isRetry = this.#ground.isRetry(request);
    if (this.#countsAges) this.#age(now);
    for (const demand of isRetry ? retryDemands : firstDemands) {
      if (demand.panic === true && this.#anyHealthy()) break;
      for (const [pool, servers] of pools.entries()) {
        const candidates =
          isRetry || !this.#unlimited || !this.#ground.health.allGood
            ? this.#filter(servers, request, demand)
            : this.#all(pool, servers);
        if (candidates.length === 0) continue;
        const chosen = this.#balancers[pool]!.policy.select(candidates, { random, now });
        return chosen && this.#indexOf.get(chosen.name);
      }
    }
    return undefined;
  }

  #age(now: Millis): void {
    for (const [server, candidate] of this.#candidates.entries()) {
      const { inFlight } = candidate;
      candidate.ageMs = inFlight === 0 ? undefined : Math.max(0, now - this.#sentMs[server]! / inFlight);
    }
  }

  #anyHealthy(): boolean {
    const { pools, health, now } = this.#ground;
    return pools.some((servers) => servers.some((server) => health.isHealthy(fleetScope, server, now)));
  }

  #all(pool: number, servers: readonly number[]): readonly Candidate[] {
    const everyone = this.#everyone[pool]!;
    // A pool grows and shrinks at its end.
    if (everyone.length > servers.length) everyone.length = servers.length;
    for (let index = everyone.length; index < servers.length; index++) {
      everyone.push(this.#candidates[servers[index]!]!);
    }
    return everyone;
  }

  /** The servers that may take the request; the list is written anew by the next call. */
  #filter(servers: readonly number[], request: number, demand: RequestDemand): readonly Candidate[] {
    const { health, now } = this.#ground;
    const isRetry = this.#ground.isRetry(request);
    const eligible = this.#eligible;
    const status = this.#status;
    eligible.length = 0;
    for (const server of servers) {
      if (isRetry && this.#ground.hasTried(request, server)) continue;
      const candidate = this.#candidates[server]!;
      status.healthy = health.isHealthy(fleetScope, server, now);
      status.failing = demand.care === "cautious" && health.isFailing(server);
      status.suspect = health.isSuspect(server, now);
      const limit = health.trialLimit(server, now);
      if (limit === undefined) delete status.limit;
      else status.limit = limit;
      status.inFlight = candidate.inFlight;
      if (obstacle(this.#origins[server]!, status, demand) === undefined) eligible.push(candidate);
    }
    return eligible;
  }
}
