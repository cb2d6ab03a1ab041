/**
 * What the parts of an upstream's object hand out while it takes in a message, a round of probes or an order: rows to persist, events to
 * log, waiting requests to answer. The object around them writes the rows before anything that follows from them is answered, and has
 * to know nothing of what they are (`durable-objects/weir-upstream.ts`).
 */
import type { WaitEnd } from "../protocol/pick.ts";
import type { NotableEvent } from "../telemetry/events.ts";
import type { RowKey } from "./rows.ts";
import type { RowChanges } from "./saved-state.ts";

/** What was handed out since the last time. */
export interface Effects {
  readonly rows: RowChanges;
  readonly events: readonly NotableEvent[];
  /** Asks that have left the queue: the calls that the object holds open for them are to be answered. */
  readonly waited: readonly WaitEnd[];
  /** Connections to an origin were lost: probes are to say soon how it is. */
  readonly isUrgent: boolean;
}

export class Outbox {
  #rows = new Map<string, unknown>();
  #events: NotableEvent[] = [];
  #waited: WaitEnd[] = [];
  #isUrgent = false;

  /** The row is to be written. A row that is put twice is written once, as it was put last. */
  put<Stored>({ key }: RowKey<Stored>, record: NoInfer<Stored>): void {
    this.#rows.set(key, record);
  }

  delete({ key }: RowKey<unknown>): void {
    this.#rows.set(key, undefined);
  }

  /** The event is to be logged. */
  log(event: NotableEvent): void {
    this.#events.push(event);
  }

  /** The ask has left the queue. */
  endWait(end: WaitEnd): void {
    this.#waited.push(end);
  }

  /** Probes are to say soon how an origin is. */
  hurryProbes(): void {
    this.#isUrgent = true;
  }

  /** All of it, and it is empty again. */
  take(): Effects {
    const effects = {
      rows: this.#rows,
      events: this.#events,
      waited: this.#waited,
      isUrgent: this.#isUrgent,
    };
    this.#rows = new Map();
    this.#events = [];
    this.#waited = [];
    this.#isUrgent = false;
    return effects;
  }
}
