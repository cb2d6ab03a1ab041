/**
 * Strategies on a pool of probes: Prequal's own rule, and in `c3.ts` another. As in Prequal's paper (§5.2) they differ
 * in nothing but how bad they hold a probed server to be.
 */
import type { Ground } from "../strategy.ts";
import { LocalStrategy } from "./local.ts";
import { ProbePool, type Probe } from "./probe-pool.ts";

export abstract class Probing extends LocalStrategy {
  readonly #pools: readonly ProbePool[];

  constructor(ground: Ground) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    this.#pools = Array.from(
      { length: dispatchers.count },
      () => new ProbePool(servers.length, ground.random),
    );
  }

  /** How bad each probed server is; the least is chosen. */
  protected abstract badness(dispatcher: number, pool: ProbePool): (probe: Probe) => number;

  /** A probe has been answered. */
  protected answered(_dispatcher: number, _probe: Probe): void {}

  protected choose(dispatcher: number, servers: readonly number[]): number {
    const pool = this.#pools[dispatcher]!;
    pool.refresh(this.ground.now);
    const badness = this.badness(dispatcher, pool);
    const probe = this.#best(pool, servers, badness);
    // With fewer than two probes there is nothing to compare.
    if (probe === undefined || pool.probes.length < 2) {
      return servers[Math.floor(this.ground.random.next() * servers.length)]!;
    }
    const { server } = probe;
    pool.use(probe);
    pool.removeOne(badness);
    return server;
  }

  protected override sent(dispatcher: number, _server: number): void {
    const { probeRttMs } = this.ground.scenario.network;
    if (probeRttMs === 0) this.timer(0, dispatcher);
    else this.ground.after(probeRttMs, 0, dispatcher);
  }

  timer(_code: number, dispatcher: number): void {
    const [home = []] = this.ground.pools;
    const answers = this.#pools[dispatcher]!.probe(this.ground.machines, home, this.ground.now);
    for (const probe of answers) this.answered(dispatcher, probe);
  }

  #best(pool: ProbePool, servers: readonly number[], badness: (probe: Probe) => number): Probe | undefined {
    const all = servers === this.ground.pools[0];
    let best: Probe | undefined;
    let least = Infinity;
    for (const probe of pool.probes) {
      if (!all && !servers.includes(probe.server)) continue;
      const bad = badness(probe);
      if (bad < least) [best, least] = [probe, bad];
    }
    return best;
  }
}

/** Hot–cold lexicographic: of the cold servers the fastest; if all are hot, the one with the fewest in flight. */
export class Prequal extends Probing {
  readonly #hotQuantile: number;

  /** @param hotQuantile servers with more in flight than this quantile of those probed are hot; from 0 to 1. */
  constructor(ground: Ground, hotQuantile: number) {
    super(ground);
    this.#hotQuantile = hotQuantile;
  }

  protected badness(_dispatcher: number, pool: ProbePool): (probe: Probe) => number {
    const hotAbove = pool.hotAbove(this.#hotQuantile);
    return ({ inFlight, latencyMs }) => (inFlight > hotAbove ? 1e9 + inFlight : latencyMs);
  }
}
