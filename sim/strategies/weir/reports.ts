/** Reports on their way to a coordinator: how attempts ended. Rows are used again. */
import type { Completion } from "../../../core/load/signal.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { AttemptEnd, Ending } from "../strategy.ts";

export interface Report {
  request: number;
  server: number;
  dispatcher: number;
  ending: Ending;
  /** When the attempt was sent. */
  sentMs: Millis;
  latencyMs: Millis;
}

export class Reports {
  readonly #rows: Report[] = [];
  readonly #free: number[] = [];

  /** Keeps the end of an attempt until `take`; returns its row. */
  put({ request, server, dispatcher, ending, latencyMs }: AttemptEnd, now: Millis): number {
    const sentMs = now - latencyMs;
    const row =
      this.#free.pop() ?? this.#rows.push({ request, server, dispatcher, ending, sentMs, latencyMs }) - 1;
    const report = this.#rows[row]!;
    report.request = request;
    report.server = server;
    report.dispatcher = dispatcher;
    report.ending = ending;
    report.sentMs = sentMs;
    report.latencyMs = latencyMs;
    return row;
  }

  /** The report of a row. It may be used again after the next `put`. */
  release(row: number): Report {
    this.#free.push(row);
    return this.#rows[row]!;
  }
}

/** The end of an attempt as a load signal wants to hear it; `undefined`: it is no evidence. */
export function completionOf({
  ending,
  latencyMs,
}: Pick<AttemptEnd, "ending" | "latencyMs">): Completion | undefined {
  switch (ending) {
    case "ok":
      return { ok: true, headerMs: latencyMs, lastByteMs: latencyMs };
    case "failed":
    case "lost":
    case "timed-out":
      return { ok: false };
    case "abandoned":
      return undefined;
  }
}
