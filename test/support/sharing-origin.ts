/**
 * A scripted origin of a home whose capacity is found out: it serves so many requests at once at full speed, and shares itself
 * among more of them. Everything beyond the limit that was found spills.
 */
import { HomeCapacity, type CapacityRecord } from "../../core/capacity/home-capacity.ts";
import { seededRandom } from "../../core/model/random.ts";
import type { CapacityView } from "../../core/protocol/origin-view.ts";

export interface SharingOptions {
  /** It serves so many at full speed. */
  capacity: number;
  readonly maxConns?: number;
  /** The time of a request that is alone; exponential if `scatter`. */
  serviceMs?: number;
  readonly scatter?: boolean;
  /** Requests that come in a second; absent: always more than are taken. */
  arrivalsPerSecond?: number;
  /** The later pool has room. */
  canSpill?: boolean;
  readonly hasLaterPool?: boolean;
  readonly seed?: number;
  readonly saved?: CapacityRecord;
}

const name = "rack-1";
const stepMs = 1;
/** It is asked so often whether there is something to persist. */
const saveEveryMs = 100;
/** A measurement takes as long as several requests. */
const lookEveryMs = 10;

export class SharingOrigin {
  readonly #options: SharingOptions;
  readonly #random;
  readonly #home: HomeCapacity;
  #open: { leftMs: number; readonly sinceMs: number }[] = [];
  #due = 0;
  now = 0;
  /** Rows persisted, and the last of them. */
  readonly rows: { readonly atMs: number; readonly record: CapacityRecord }[] = [];
  /** Milliseconds during which it was measured. */
  measuredForMs = 0;

  constructor(options: SharingOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 1);
    const { maxConns, hasLaterPool = true, saved } = options;
    const origin = { name, weight: 1, backup: false, ...(maxConns !== undefined && { maxConns }) };
    this.#home = new HomeCapacity([origin], { canSpill: hasLaterPool, now: 0, saved });
  }

  /** What may change while it runs. */
  get script(): Pick<SharingOptions, "capacity" | "serviceMs" | "arrivalsPerSecond" | "canSpill"> {
    return this.#options;
  }

  get view(): CapacityView {
    const view = this.#home.view(name, this.now);
    if (view === null) throw new TypeError("it is one of home");
    return view;
  }

  /** What it may have open now. */
  get slots(): number {
    return this.#home.slotsOf(name, this.now) ?? NaN;
  }

  /** Goes on for so long; `each` sees every moment. */
  run(forMs: number, each?: () => void): void {
    for (const untilMs = this.now + forMs; this.now < untilMs;) {
      this.#step();
      each?.();
    }
  }

  #step(): void {
    this.now += stepMs;
    this.#arrive();
    this.#home.recordInFlight(() => this.#open.length);
    const { capacity } = this.#options;
    const attained = stepMs * Math.min(1, capacity / Math.max(1, this.#open.length));
    let hasEnded = false;
    for (const request of this.#open) {
      request.leftMs -= attained;
      hasEnded ||= request.leftMs <= 0;
    }
    if (hasEnded) {
      const ended = this.#open.filter(({ leftMs }) => leftMs <= 0);
      this.#open = this.#open.filter(({ leftMs }) => leftMs > 0);
      const headerMs = ended.map(({ sinceMs }) => this.now - sinceMs);
      const { canSpill = true, hasLaterPool = true } = this.#options;
      const run = { origin: name, ok: true, count: ended.length, headerMs };
      this.#home.recordOutcomes(run, this.now, () => canSpill && hasLaterPool);
    }
    if (this.now % saveEveryMs === 0) {
      const record = this.#home.takeRecord(this.now);
      if (record !== undefined) this.rows.push({ atMs: this.now, record });
    }
    if (this.now % lookEveryMs === 0 && this.view.measuring) this.measuredForMs += lookEveryMs;
  }

  #arrive(): void {
    const { arrivalsPerSecond = Infinity } = this.#options;
    const { slots } = this;
    if (arrivalsPerSecond === Infinity) {
      while (this.#open.length < slots) this.#begin();
      return;
    }
    for (this.#due += (arrivalsPerSecond * stepMs) / 1_000; this.#due >= 1; this.#due--) {
      if (this.#open.length < slots) this.#begin();
    }
  }

  #begin(): void {
    const { serviceMs = 100, scatter = false } = this.#options;
    const drawn = scatter ? -Math.log(1 - this.#random.next()) : 1;
    this.#open.push({ leftMs: serviceMs * drawn, sinceMs: this.now });
  }
}
