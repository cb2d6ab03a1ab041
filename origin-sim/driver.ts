/**
 * Runs an origin's model in real time: events become timers and calls on the exchange they concern. Knows nothing
 * of HTTP, so requests and WebSockets share it.
 */
import type { Millis } from "../core/model/upstream.ts";
import type { OriginModel, ModelStats } from "./model.ts";
import type { OriginEvent } from "./model/events.ts";
import type { Fault } from "./model/fault.ts";

/** One request on the wire. */
export interface Exchange {
  readonly serviceMs?: Millis;
  readonly health?: boolean;
  /** It has left the queue. */
  start(): void;
  /** The connection is to be reset without an answer. */
  refuse(): void;
  /** Its answer is due. Call `release` when the last byte is handed over, or the answer broken off. */
  answer(directive: Directive, release: (status: number) => void): void;
}

/** What a fault wants of an answer: another status, a break in the middle. */
export interface Directive {
  readonly status?: number;
  readonly cut: boolean;
}

/** Node fires a longer timer at once. A Pareto draw, slowed down, can be longer. */
const longestTimerMs = 2 ** 31 - 1;

export class Driver {
  readonly #model: OriginModel;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #serviceTimers = new Map<number, NodeJS.Timeout>();
  readonly #wakeTimers = new Set<NodeJS.Timeout>();
  #lastId = 0;

  constructor(model: OriginModel) {
    this.#model = model;
  }

  /** Hands a request to the model. Call what it returns when the client has gone before the answer's end. */
  arrive(exchange: Exchange): () => void {
    const id = ++this.#lastId;
    this.#exchanges.set(id, exchange);
    const { serviceMs, health } = exchange;
    const wish = { ...(serviceMs !== undefined && { serviceMs }), ...(health !== undefined && { health }) };
    this.#apply(this.#model.arrive({ id, ...wish }, now()));
    return () => {
      this.#exchanges.delete(id);
      this.#apply(this.#model.leave(id, now()));
    };
  }

  boot(coldStartMs?: Millis): void {
    this.#apply(this.#model.boot(now(), coldStartMs));
  }

  /** Ends the model's life and every timer. */
  kill(): void {
    this.#apply(this.#model.kill());
    for (const timer of this.#wakeTimers) clearTimeout(timer);
    this.#wakeTimers.clear();
  }

  setFault(fault: Fault): void {
    this.#apply(this.#model.setFault(fault, now()));
  }

  resetStats(): void {
    this.#model.resetStats();
  }

  stats(): ModelStats {
    return this.#model.stats();
  }

  #apply(events: readonly OriginEvent[]): void {
    for (const event of events) this.#applyOne(event);
  }

  #applyOne(event: OriginEvent): void {
    switch (event.kind) {
      case "queued":
      case "held":
        return;
      case "started":
        this.#exchanges.get(event.id)?.start();
        this.#answerAfter(event.id, event.serviceMs);
        return;
      case "answered":
        this.#exchanges.get(event.id)?.answer(event, (status) => {
          this.#exchanges.delete(event.id);
          this.#apply(this.#model.release(event.id, now(), status));
        });
        return;
      case "refused":
        this.#exchanges.get(event.id)?.refuse();
        this.#exchanges.delete(event.id);
        return;
      case "dropped":
        clearTimeout(this.#serviceTimers.get(event.id));
        this.#serviceTimers.delete(event.id);
        this.#exchanges.delete(event.id);
        return;
      case "recycling":
      case "starting":
        this.#wakeAt(event.until);
    }
  }

  #answerAfter(id: number, serviceMs: Millis): void {
    const answer = (): void => {
      this.#serviceTimers.delete(id);
      this.#apply(this.#model.answer(id, now()));
    };
    if (serviceMs === 0) answer();
    else this.#serviceTimers.set(id, setTimeout(answer, Math.min(serviceMs, longestTimerMs)));
  }

  #wakeAt(until: Millis): void {
    const timer = setTimeout(
      () => {
        this.#wakeTimers.delete(timer);
        // A timer may fire a fraction of a millisecond early; too early a wake would be the last one.
        this.#apply(this.#model.wake(Math.max(until, now())));
      },
      Math.max(0, until - now()),
    );
    this.#wakeTimers.add(timer);
  }
}

/** The driver's clock: monotonic, in milliseconds. */
function now(): Millis {
  return performance.now();
}
