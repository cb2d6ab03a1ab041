/**
 * What proxies do that share limits and do not ask at the moment of a request: each holds slots at home and uses
 * these; when it has none left it sends the request to a later pool. Two ways of coming to the slots: an equal part for
 * ever, and leases by demand that are renewed every so often.
 */
import type { AttemptEnd, Ground, Strategy } from "../strategy.ts";

/** More than any server has: for those without a limit. */
const maxSlots = 1_000_000;

/** By dispatcher and server: slots that it holds, and those that are open. */
export abstract class SlotHolders implements Strategy {
  protected readonly ground: Ground;
  protected readonly servers: number;
  protected readonly held: Int32Array;
  protected readonly open: Int32Array;
  readonly #elsewhere: readonly number[];
  #turn = 0;

  constructor(ground: Ground) {
    const { dispatchers, servers } = ground.scenario;
    this.ground = ground;
    this.servers = servers.length;
    this.held = new Int32Array(dispatchers.count * servers.length);
    this.open = new Int32Array(dispatchers.count * servers.length);
    this.#elsewhere = servers.flatMap(({ pool }, server) => (pool > 0 ? [server] : []));
  }

  route(request: number): void {
    const dispatcher = this.ground.dispatcherOf(request);
    const server = this.#atHome(dispatcher) ?? this.#elsewhere[this.#turn++ % this.#elsewhere.length];
    if (server === undefined) return this.ground.refuse(request);
    this.count(dispatcher, server, 1);
    this.ground.send(request, server);
  }

  mayRetry(): boolean {
    return false;
  }

  recordEnd({ dispatcher, server }: AttemptEnd): void {
    this.count(dispatcher, server, -1);
  }

  died(dispatcher: number): void {
    const from = dispatcher * this.servers;
    this.open.fill(0, from, from + this.servers);
  }

  protected count(dispatcher: number, server: number, change: 1 | -1): void {
    const at = dispatcher * this.servers + server;
    this.open[at] = this.open[at]! + change;
  }

  /** The server where most of the dispatcher's slots are free. */
  #atHome(dispatcher: number): number | undefined {
    const { health, now } = this.ground;
    const { servers } = this.ground.scenario;
    let best: number | undefined;
    let most = 0;
    for (const server of this.ground.pools[0]!) {
      const at = dispatcher * this.servers + server;
      const { maxConns } = servers[server]!;
      const free = (maxConns === undefined ? maxSlots : this.held[at]!) - this.open[at]!;
      if (free <= most || !health.isHealthy(dispatcher, server, now)) continue;
      best = server;
      most = free;
    }
    return best;
  }
}

/** An equal part of home for every dispatcher. */
export class StaticSplit extends SlotHolders {
  constructor(ground: Ground) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    let next = 0;
    for (const [server, { pool, maxConns = 0 }] of servers.entries()) {
      for (let slot = pool > 0 ? maxConns : 0; slot < maxConns; slot++) {
        const at = (next++ % dispatchers.count) * this.servers + server;
        this.held[at] = this.held[at]! + 1;
      }
    }
  }
}
