/**
 * Prequal's pool of probes, one for each dispatcher (Wydrowski et al., "Load is not what you should balance", NSDI
 * '24, §4): with each query a few random servers are asked for their requests in flight and their latency, and the
 * answers serve later queries until they are used up, old, or crowded out. Parameters are the published ones.
 */
import type { Random } from "../../../core/model/random.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { Machine } from "../../servers/fleet.ts";

const size = 16;
const probesPerQuery = 3;
const removalsPerQuery = 1;
const timeToLiveMs = 1000;
/** δ of the paper: how much longer probes are kept than they would be if each were used once. */
const slack = 1;
/** How many probes the distribution of requests in flight is taken from: our choice. */
const remembered = 128;

export interface Probe {
  server: number;
  inFlight: number;
  latencyMs: Millis;
  at: Millis;
  uses: number;
}

export class ProbePool {
  readonly probes: Probe[] = [];
  readonly #reuse: number;
  readonly #random: Random;
  /** Requests in flight of the last probes, as a ring and as counts by number. */
  readonly #seen = new Int32Array(remembered);
  readonly #counts: number[] = [];
  #seenTotal = 0;
  #removeOldest = true;
  readonly #asked = new Set<number>();

  /** @param servers how many there are to be probed. */
  constructor(servers: number, random: Random) {
    const renewed = (1 - size / servers) * probesPerQuery - removalsPerQuery;
    this.#reuse = renewed <= 0 ? Infinity : Math.max(1, (1 + slack) / renewed);
    this.#random = random;
  }

  /** Drops what is out of date. To be called before the pool is read. */
  refresh(now: Millis): void {
    while (this.probes.length > 0 && now - this.probes[0]!.at > timeToLiveMs) this.probes.shift();
  }

  /** The number of requests in flight above which a server is hot: that quantile of those seen. */
  hotAbove(hotQuantile: number): number {
    const wanted = Math.min(this.#seenTotal, remembered) * hotQuantile;
    let count = 0;
    for (let inFlight = 0; inFlight < this.#counts.length; inFlight++) {
      count += this.#counts[inFlight] ?? 0;
      if (count >= wanted) return inFlight;
    }
    return Infinity;
  }

  /** The probe has been chosen: one more is in flight there, and it is used up after so many times. */
  use(probe: Probe): void {
    probe.inFlight++;
    probe.uses++;
    // A fraction is a chance: 1.3 uses are one, and with 30 % a second.
    if (this.#random.next() < probe.uses + 1 - this.#reuse) this.#remove(this.probes.indexOf(probe));
  }

  /** Takes out one probe after a query: in turns the oldest, and the worst as the rule that chooses has it. */
  removeOne(badness: (probe: Probe) => number): void {
    if (this.probes.length === 0) return;
    this.#remove(this.#removeOldest ? 0 : this.#worst(badness));
    this.#removeOldest = !this.#removeOldest;
  }

  /** Asks a few random servers, each at most once; returns their answers, which are in the pool now. */
  probe(machines: readonly Machine[], servers: readonly number[], now: Millis): readonly Probe[] {
    const asked = this.#asked;
    asked.clear();
    while (asked.size < Math.min(probesPerQuery, servers.length)) {
      asked.add(servers[Math.floor(this.#random.next() * servers.length)]!);
    }
    const answers: Probe[] = [];
    for (const server of asked) {
      const { model, latencies } = machines[server]!;
      if (!model.up) continue;
      const inFlight = model.open;
      this.#remember(inFlight);
      answers.push({ server, inFlight, latencyMs: latencies.expect(inFlight) ?? 0, at: now, uses: 0 });
    }
    this.probes.push(...answers);
    if (this.probes.length > size) this.probes.splice(0, this.probes.length - size);
    return answers;
  }

  #worst(badness: (probe: Probe) => number): number {
    let worst = 0;
    let most = -Infinity;
    for (const [index, probe] of this.probes.entries()) {
      const bad = badness(probe);
      if (bad > most) [worst, most] = [index, bad];
    }
    return worst;
  }

  #remove(index: number): void {
    if (index >= 0) this.probes.splice(index, 1);
  }

  #remember(inFlight: number): void {
    const place = this.#seenTotal % remembered;
    if (this.#seenTotal >= remembered) this.#counts[this.#seen[place]!]!--;
    this.#seen[place] = inFlight;
    while (this.#counts.length <= inFlight) this.#counts.push(0);
    this.#counts[inFlight]!++;
    this.#seenTotal++;
  }
}
