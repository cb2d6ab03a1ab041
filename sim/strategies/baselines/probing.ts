/** Strategies on a pool of probes: Prequal's own rule, and C3's score of the same probes. */
import type { Ground } from "../strategy.ts";
import { LocalStrategy } from "./local.ts";
import { ProbePool, type Probe } from "./probe-pool.ts";

abstract class Probing extends LocalStrategy {
  readonly #pools: readonly ProbePool[];

  constructor(ground: Ground) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    this.#pools = Array.from(
      { length: dispatchers.count },
      () => new ProbePool(servers.length, ground.random),
    );
  }

  /** How bad a probed server is; the least is chosen. */
  protected abstract badness(probe: Probe, hotAbove: number): number;

  protected choose(dispatcher: number, servers: readonly number[]): number {
    const pool = this.#pools[dispatcher]!;
    pool.refresh(this.ground.now);
    const probe = this.#best(pool, servers);
    // With fewer than two probes there is nothing to compare.
    if (probe === undefined || pool.probes.length < 2) {
      return servers[Math.floor(this.ground.random.next() * servers.length)]!;
    }
    const { server } = probe;
    pool.use(probe);
    pool.removeOne();
    return server;
  }

  protected override sent(dispatcher: number): void {
    const { probeRttMs } = this.ground.scenario.network;
    if (probeRttMs === 0) this.timer(0, dispatcher);
    else this.ground.after(probeRttMs, 0, dispatcher);
  }

  timer(_code: number, dispatcher: number): void {
    const [home = []] = this.ground.pools;
    this.#pools[dispatcher]!.probe(this.ground.machines, home, this.ground.now);
  }

  #best(pool: ProbePool, servers: readonly number[]): Probe | undefined {
    const hotAbove = pool.hotAbove();
    const all = servers === this.ground.pools[0];
    let best: Probe | undefined;
    let least = Infinity;
    for (const probe of pool.probes) {
      if (!all && !servers.includes(probe.server)) continue;
      const badness = this.badness(probe, hotAbove);
      if (badness < least) [best, least] = [probe, badness];
    }
    return best;
  }
}

/** Hot–cold lexicographic: of the cold servers the fastest; if all are hot, the one with the fewest in flight. */
export class Prequal extends Probing {
  protected badness({ inFlight, latencyMs }: Probe, hotAbove: number): number {
    return inFlight > hotAbove ? 1e9 + inFlight : latencyMs;
  }
}

/**
 * C3's replica ranking (Suresh et al., NSDI '15): Ψ = R − 1/μ + q³/μ, with q one more than the requests in flight.
 * The probed latency stands for both R and 1/μ, so that only the last term is left; without C3's rate control.
 */
export class C3 extends Probing {
  protected badness({ inFlight, latencyMs }: Probe): number {
    return latencyMs * (inFlight + 1) ** 3;
  }
}
