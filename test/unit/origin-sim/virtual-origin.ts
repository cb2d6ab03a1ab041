/**
 * Drives an origin's model on a virtual clock, as a discrete-event simulator does: what the model asks for is put on
 * an agenda, and time jumps from entry to entry.
 */
import { seededRandom } from "../../../core/model/random.ts";
import { OriginModel, type ModelStats } from "../../../origin-sim/model.ts";
import type { Arrival, OriginEvent } from "../../../origin-sim/model/events.ts";
import type { Fault } from "../../../origin-sim/model/fault.ts";
import type { OriginSpec } from "../../../origin-sim/model/spec.ts";

export type Logged = OriginEvent & { readonly at: number };

/** Four slots of 100 ms each, a queue of two, neither recycling nor cold starts. */
export const plainSpec: OriginSpec = {
  workers: 2,
  threads: 2,
  backlog: 2,
  serviceTime: { kind: "constant", ms: 100 },
  restartMs: 0,
  coldStartMs: 0,
};

interface VirtualOptions {
  readonly seed?: number;
  /** Time from an answer's start to its last byte. */
  readonly bodyMs?: number;
  /** Called after every transition. */
  readonly afterEach?: (stats: ModelStats) => void;
}

interface Entry {
  readonly at: number;
  run(): void;
}

export class VirtualOrigin {
  readonly model: OriginModel;
  readonly log: Logged[] = [];
  /** Requests whose client has left, whether or not it was still waiting. */
  readonly left = new Set<number>();
  readonly #afterEach: ((stats: ModelStats) => void) | undefined;
  readonly #bodyMs: number;
  #agenda: Entry[] = [];
  #lastId = 0;
  now = 0;

  constructor(spec: Partial<OriginSpec> = {}, { seed = 1, bodyMs = 0, afterEach }: VirtualOptions = {}) {
    this.model = new OriginModel({ ...plainSpec, ...spec }, seededRandom(seed));
    this.#afterEach = afterEach;
    this.#bodyMs = bodyMs;
  }

  boot(coldStartMs?: number): this {
    this.#apply(this.model.boot(this.now, coldStartMs));
    return this;
  }

  arrive(wish: Omit<Arrival, "id"> = {}): number {
    const id = ++this.#lastId;
    this.#apply(this.model.arrive({ id, ...wish }, this.now));
    return id;
  }

  leave(id: number): void {
    this.left.add(id);
    this.#apply(this.model.leave(id, this.now));
  }

  setFault(fault: Fault): void {
    this.#apply(this.model.setFault(fault, this.now));
  }

  kill(): void {
    this.#apply(this.model.kill());
  }

  /** Lets time pass; the agenda's entries run at their times. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (let next = this.#agenda[0]; next !== undefined && next.at <= end; next = this.#agenda[0]) {
      this.#agenda.shift();
      this.now = next.at;
      next.run();
    }
    if (Number.isFinite(end)) this.now = end;
  }

  /** Runs until nothing is left to happen. */
  finish(): void {
    this.advance(Number.POSITIVE_INFINITY);
  }

  /** What happened to a request, in order. */
  fate(id: number): OriginEvent["kind"][] {
    return this.log.filter((event) => "id" in event && event.id === id).map(({ kind }) => kind);
  }

  #apply(events: readonly OriginEvent[]): void {
    for (const event of events) {
      this.log.push({ ...event, at: this.now });
      if (event.kind === "started") {
        this.#schedule(this.now + event.serviceMs, () => this.model.answer(event.id, this.now));
      } else if (event.kind === "answered") {
        this.#schedule(this.now + this.#bodyMs, () => this.model.release(event.id, this.now, event.status));
      } else if (event.kind === "recycling" || event.kind === "starting") {
        this.#schedule(event.until, () => this.model.wake(this.now));
      }
    }
    this.#afterEach?.(this.model.stats());
  }

  /** After all that is due at the same time, so that simultaneous events keep their order. */
  #schedule(at: number, transition: () => OriginEvent[]): void {
    let index = this.#agenda.length;
    while (index > 0 && (this.#agenda[index - 1]?.at ?? 0) > at) index -= 1;
    this.#agenda.splice(index, 0, { at, run: () => this.#apply(transition()) });
  }
}
