/** What the coordinators of several regions know of requests in flight: their own exactly, the others' as last told. */
import { regionalInFlight } from "../../../core/region/regional.ts";
import type { Origins } from "./origins.ts";

export class Regions {
  readonly count: number;
  readonly #servers: number;
  /** By region and server: what it has in flight; what the root was told last; what it knows the root was told. */
  readonly #own: Int32Array;
  readonly #told: Int32Array;
  readonly #then: Int32Array;
  /** All together, at the root, and as published. */
  readonly #total: Int32Array;
  readonly #published: Int32Array;
  readonly #snapshot = { total: 0, own: 0 };
  #negative = false;

  constructor(count: number, servers: number) {
    this.count = count;
    this.#servers = servers;
    this.#own = new Int32Array(count * servers);
    this.#told = new Int32Array(count * servers);
    this.#then = new Int32Array(count * servers);
    this.#total = new Int32Array(servers);
    this.#published = new Int32Array(servers);
  }

  add(region: number, server: number, change: 1 | -1): void {
    const index = region * this.#servers + server;
    const count = this.#own[index]! + change;
    this.#own[index] = count;
    this.#negative ||= count < 0;
  }

  /** Every region tells the root what it has, unless its message is lost. */
  sample(isLost: () => boolean): void {
    for (let region = 0; region < this.count; region++) {
      if (isLost()) continue;
      const from = region * this.#servers;
      for (let server = 0; server < this.#servers; server++) {
        const own = this.#own[from + server]!;
        this.#total[server] = this.#total[server]! + own - this.#told[from + server]!;
        this.#told[from + server] = own;
      }
    }
  }

  /** The root's answer is there. */
  publish(): void {
    this.#then.set(this.#told);
    this.#published.set(this.#total);
  }

  /** Sets all origins' requests in flight to what this region had better assume. */
  estimate(region: number, origins: Origins): void {
    const from = region * this.#servers;
    const snapshot = this.#snapshot;
    for (let server = 0; server < this.#servers; server++) {
      snapshot.total = this.#published[server]!;
      snapshot.own = this.#then[from + server]!;
      origins.set(server, Math.max(0, regionalInFlight(this.#own[from + server]!, snapshot, this.count)));
    }
  }

  check(): string | undefined {
    return this.#negative ? "a coordinator counts fewer than no requests in flight" : undefined;
  }
}
