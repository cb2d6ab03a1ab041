/**
 * Leases that are renewed every `periodMs` and never asked for in between, as clients of Google's Doorman have them
 * (doc/design.md in github.com/youtube/doorman). A dispatcher says what it has open at home and how much it could have
 * used at most; the coordinator gives each its part by demand, never more in all than there is. What a lease takes away counts as
 * free once the next report shows that the dispatcher keeps to it.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import type { Ground } from "../strategy.ts";
import { SlotHolders } from "./slot-split.ts";

/**
 * `fair-share`: each says what it has had open at home at most, and no dispatcher gets more than an equal part while another
 * lacks (max-min). `proportion`: it also says what it had to spill, and all get the same part of what they want.
 */
export interface PeriodicLeasesOptions {
  readonly periodMs: Millis;
  readonly by: "fair-share" | "proportion";
}

const Timer = { send: 0, reach: 1, reply: 2 } as const;

export class PeriodicLeases extends SlotHolders {
  readonly #periodMs: Millis;
  readonly #by: PeriodicLeasesOptions["by"];
  /** By dispatcher: everything it has open now, and the most of it since its last report. */
  readonly #busy: Int32Array;
  readonly #peak: Int32Array;
  readonly #wants: Float64Array;
  /** By dispatcher and server: as reported, offered in the last answer, and the most that it may have. */
  readonly #told: Int32Array;
  readonly #offered: Int32Array;
  readonly #claimed: Int32Array;
  /** By server: what all may have. */
  readonly #taken: Int32Array;
  readonly #limits: Int32Array;

  constructor(ground: Ground, { periodMs, by }: PeriodicLeasesOptions) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    const cells = dispatchers.count * servers.length;
    this.#periodMs = periodMs;
    this.#by = by;
    this.#busy = new Int32Array(dispatchers.count);
    this.#peak = new Int32Array(dispatchers.count);
    this.#wants = new Float64Array(dispatchers.count);
    this.#told = new Int32Array(cells);
    this.#offered = new Int32Array(cells);
    this.#claimed = new Int32Array(cells);
    this.#taken = new Int32Array(servers.length);
    this.#limits = Int32Array.from(servers, ({ pool, maxConns = 0 }) => (pool === 0 ? maxConns : 0));
  }

  begin(): void {
    for (let dispatcher = 0; dispatcher < this.#busy.length; dispatcher++) {
      this.ground.after(this.ground.random.next() * this.#periodMs, Timer.send, dispatcher);
    }
  }

  timer(code: number, dispatcher: number): void {
    switch (code) {
      case Timer.send:
        return this.#send(dispatcher);
      case Timer.reach:
        return this.#reach(dispatcher);
      case Timer.reply:
        return this.#reply(dispatcher);
    }
  }

  protected override count(dispatcher: number, server: number, change: 1 | -1): void {
    super.count(dispatcher, server, change);
    if (this.#by === "fair-share" && this.#limits[server] === 0) return;
    this.#busy[dispatcher] = this.#busy[dispatcher]! + change;
    this.#peak[dispatcher] = Math.max(this.#peak[dispatcher]!, this.#busy[dispatcher]);
  }

  #send(dispatcher: number): void {
    this.ground.after(this.#periodMs, Timer.send, dispatcher);
    if (this.ground.isLost() || !this.ground.coordinatorIsUp) return;
    const from = dispatcher * this.servers;
    const peak = this.#peak[dispatcher]!;
    this.#peak[dispatcher] = this.#busy[dispatcher]!;
    this.#wants[dispatcher] = peak + 2 * Math.sqrt(peak) + 1;
    for (let at = from; at < from + this.servers; at++) this.#told[at] = this.open[at]!;
    this.ground.after(this.ground.scenario.network.coordinatorRttMs / 2, Timer.reach, dispatcher);
  }

  #reach(dispatcher: number): void {
    this.ground.noteMessage(0);
    const from = dispatcher * this.servers;
    const home = this.ground.pools[0]!;
    // Its last answer has arrived, or else it would have the one before: then it has not grown.
    for (const server of home) {
      this.#claim(from + server, server, Math.max(this.#told[from + server]!, this.#offered[from + server]!));
    }
    let left = Math.round(this.#fairSlots(dispatcher));
    for (const server of home) {
      const kept = Math.min(left, this.#told[from + server]!);
      this.#offered[from + server] = kept;
      left -= kept;
    }
    for (; left > 0; left--) {
      const server = this.#roomiest(from, home);
      if (server === undefined) break;
      this.#offered[from + server] = this.#offered[from + server]! + 1;
      if (this.#offered[from + server]! > this.#claimed[from + server]!) {
        this.#claim(from + server, server, this.#offered[from + server]!);
      }
    }
    this.ground.after(this.ground.scenario.network.coordinatorRttMs / 2, Timer.reply, dispatcher);
  }

  #reply(dispatcher: number): void {
    const from = dispatcher * this.servers;
    for (let at = from; at < from + this.servers; at++) this.held[at] = this.#offered[at]!;
  }

  #claim(at: number, server: number, slots: number): void {
    this.#taken[server] = this.#taken[server]! + slots - this.#claimed[at]!;
    this.#claimed[at] = slots;
  }

  /** Its part of all slots; what it wants, if there is enough for all. */
  #fairSlots(dispatcher: number): number {
    const slots = this.#limits.reduce((sum, limit) => sum + limit, 0);
    const wanted = this.#wants.reduce((sum, want) => sum + want, 0);
    if (wanted <= slots) return this.#wants[dispatcher]!;
    if (this.#by === "proportion") return (this.#wants[dispatcher]! * slots) / wanted;
    return Math.min(this.#wants[dispatcher]!, equalPart(this.#wants, slots));
  }

  /** The server where one more slot leaves the most: the dispatcher may have claimed it already, or no dispatcher has. */
  #roomiest(from: number, home: readonly number[]): number | undefined {
    let best: number | undefined;
    let most = 0;
    for (const server of home) {
      const room =
        Math.max(0, this.#claimed[from + server]! - this.#offered[from + server]!) +
        this.#limits[server]! -
        this.#taken[server]!;
      if (room <= most) continue;
      best = server;
      most = room;
    }
    return best;
  }
}

/** What each may have at most, so that all together have `slots`: dispatchers that want less leave the rest to the others. */
function equalPart(wants: Float64Array, slots: number): number {
  let left = slots;
  for (const [index, want] of wants.toSorted().entries()) {
    const part = left / (wants.length - index);
    if (want >= part) return part;
    left -= want;
  }
  return left;
}
